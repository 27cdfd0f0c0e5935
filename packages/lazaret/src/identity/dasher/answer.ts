/**
 * What a service in the shape of DASHER answers. Entries are matched by id and source, never by
 * their place in a list: services answer in an order of their own, and a pseudonym that is given to
 * the wrong patient is worse than none.
 *
 * An answer is used as a whole or not at all. What is wrong with it is told with its shape, in which
 * there is no value.
 */
import type { Fault } from '@lazaret/faults';
import { describeShape } from '../../web-service/shape.ts';
import { fault } from '../codes.ts';
import { isPseudonym, isShift, malformedAnswer } from '../service.ts';
import type { ItemQuestion, Question } from './question.ts';

/** What is answered about one patient; items by their id as asked. */
export interface Reply {
  readonly suid: string;
  readonly jitter: number;
  readonly items: ReadonlyMap<string, string>;
}

/** Names of keys that the interface defines, and those under which services report errors. */
const KNOWN_KEYS = [
  ...['results', 'id', 'id_source', 'suid', 'jitter', 'items', 'jittered_timestamp'],
  ...['custom_fields', 'identifiers', 'id_timestamp', 'error', 'errors', 'code', 'status'],
  ...['message', 'detail'],
];

/** An accession number is an SH: 16 characters (PS3.5 section 6.2). A patient id is an LO: 64. */
const MAX_ACCESSION_LENGTH = 16;

/** What is wrong, counted over all entries: an operator needs to know whether it is one or all. */
interface Flaws {
  foreign: number;
  repeated: number;
  entriesWithoutSuid: number;
  itemsWithoutSuid: number;
  unusable: { kind: 'patient' | 'accession'; problem: string } | null;
  shift: string | null;
}

/**
 * Reads the answer to some questions. Patients or items without any entry are left out of the
 * replies; whoever puts the whole answer together counts them.
 *
 * @throws `IdentityAnswerMalformed`, `IdentityAnswerForOthers`, `IdentityAnswerRepeats`,
 *   `IdentityAnswerLacksPseudonym`, `IdentityAnswerPseudonymUnusable`, `IdentityAnswerShiftUnusable`
 */
export function readAnswer(
  questions: readonly Question[],
  answer: unknown,
): ReadonlyMap<Question, Reply> {
  const shape = describeShape(answer, KNOWN_KEYS);
  const results = isRecord(answer) ? listOf(answer['results']) : null;
  if (results === null) throw malformedAnswer('an object with a list `results`', shape);
  const asked = new Map(
    questions.map((question) => [nameOf(question.id, question.source), question]),
  );
  const replies = new Map<Question, Reply>();
  const seen = new Set<Question>();
  const flaws: Flaws = {
    foreign: 0,
    repeated: 0,
    entriesWithoutSuid: 0,
    itemsWithoutSuid: 0,
    unusable: null,
    shift: null,
  };
  for (const entry of results) {
    const name = nameOfEntry(entry);
    if (name === null) throw malformedAnswer('entries with `id` and `id_source`', shape);
    const question = asked.get(name);
    if (question === undefined) {
      flaws.foreign += 1;
      continue;
    }
    if (seen.has(question)) flaws.repeated += 1;
    seen.add(question);
    const reply = readEntry(question, entry as Record<string, unknown>, flaws, shape);
    if (reply !== null) replies.set(question, reply);
  }
  const worst = worstOf(flaws, results.length, shape);
  if (worst !== null) throw worst;
  return replies;
}

function readEntry(
  question: Question,
  entry: Readonly<Record<string, unknown>>,
  flaws: Flaws,
  shape: string,
): Reply | null {
  const { suid, jitter } = entry;
  const items = entry['items'] === undefined ? [] : listOf(entry['items']);
  if (items === null) throw malformedAnswer('entries whose `items` are a list', shape);
  const asked = new Map<string, ItemQuestion>(
    question.items.map((item) => [nameOf(item.id, item.source), item]),
  );
  const suids = new Map<string, string>();
  const seen = new Set<string>();
  for (const item of items) {
    const name = nameOfEntry(item);
    if (name === null) throw malformedAnswer('items with `id` and `id_source`', shape);
    const asking = asked.get(name);
    if (asking === undefined) {
      flaws.foreign += 1;
      continue;
    }
    if (seen.has(name)) flaws.repeated += 1;
    seen.add(name);
    const facts = item as Readonly<Record<string, unknown>>;
    const given = facts['suid'];
    if (typeof given !== 'string' || given === '') {
      flaws.itemsWithoutSuid += 1;
      continue;
    }
    if (!isPseudonym(given)) {
      flaws.unusable = {
        kind: 'accession',
        problem: 'it has other characters than a name may have',
      };
    } else if (given.length > MAX_ACCESSION_LENGTH) {
      flaws.unusable = {
        kind: 'accession',
        problem: `it is longer than ${MAX_ACCESSION_LENGTH} characters`,
      };
    }
    // Two shifts would tear a patient's dates apart.
    if (facts['jitter'] !== undefined && facts['jitter'] !== jitter) {
      flaws.shift = 'an item has another one than its patient';
    }
    suids.set(asking.id, given);
  }
  if (typeof suid !== 'string' || suid === '') {
    flaws.entriesWithoutSuid += 1;
    return null;
  }
  if (!isPseudonym(suid)) {
    flaws.unusable = { kind: 'patient', problem: 'it has other characters than a name may have' };
  }
  if (!isShift(jitter)) {
    flaws.shift ??= shiftProblem(jitter);
    return null;
  }
  return { suid, jitter, items: suids };
}

/** The one flaw that is told: first what may have mixed patients up, then what is missing. */
function worstOf(flaws: Flaws, entries: number, shape: string): Fault | null {
  const { foreign, repeated, entriesWithoutSuid, itemsWithoutSuid, unusable, shift } = flaws;
  if (foreign > 0) return fault('IdentityAnswerForOthers', { foreign, shape });
  if (repeated > 0) return fault('IdentityAnswerRepeats', { repeated, shape });
  if (entriesWithoutSuid + itemsWithoutSuid > 0) {
    return fault('IdentityAnswerLacksPseudonym', {
      entriesWithout: entriesWithoutSuid,
      entries,
      itemsWithout: itemsWithoutSuid,
      shape,
    });
  }
  if (unusable !== null) return fault('IdentityAnswerPseudonymUnusable', { ...unusable, shape });
  return shift === null ? null : fault('IdentityAnswerShiftUnusable', { problem: shift, shape });
}

function shiftProblem(jitter: unknown): string {
  if (jitter === undefined) return 'it is missing';
  if (jitter === 0) return 'it is 0, which would leave the dates as they are';
  if (typeof jitter !== 'number' || !Number.isInteger(jitter)) return 'it is no whole number';
  return 'it is more than a century';
}

function nameOfEntry(entry: unknown): string | null {
  if (!isRecord(entry)) return null;
  const { id, id_source: source } = entry;
  return typeof id === 'string' && typeof source === 'string' ? nameOf(id, source) : null;
}

/** As JSON, because joined strings of two identities could be the same string. */
function nameOf(id: string, source: string): string {
  return JSON.stringify([id, source]);
}

function listOf(value: unknown): readonly unknown[] | null {
  return Array.isArray(value) ? (value as readonly unknown[]) : null;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
