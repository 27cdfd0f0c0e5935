/**
 * The identifier service over HTTP. A question is a list of centres and participants:
 *
 *     POST {"identifiers": [{"adcid": 17, "ptid": "110001"}]}
 *     200  {"identifiers": [{"adcid": 17, "ptid": "110001", "naccid": "NACC000123"}]}
 *
 * Each participant asked about has one entry in the answer, in whatever order; `naccid` is null
 * where there is none, so that an answer that breaks off is never taken for "unknown". Other keys of
 * an entry are not looked at. An answer is used as a whole or not at all.
 */
import { describeShape } from '../../../web-service/shape.ts';
import type { Participant } from '../record-lot.ts';
import { identifierCodes } from './codes.ts';
import { isSubjectId, nameOf, normaliseCentre, normaliseParticipant } from './participant.ts';

/** By `nameOf`; null: the service knows nobody of that name. */
export type SubjectIds = ReadonlyMap<string, string | null>;

/** Names of keys that the interface has, and those under which services report errors. */
const KNOWN_KEYS = [
  ...['identifiers', 'adcid', 'ptid', 'naccid', 'guid', 'naccadc', 'active'],
  ...['error', 'errors', 'code', 'status', 'message', 'detail'],
];

/**
 * @param participants each once.
 * @param ask sends one request and gives the JSON that was answered; repeats are its own affair.
 * @throws `IdentifierAnswerMalformed`, `IdentifierAnswerIncomplete`, `IdentifierAnswerForOthers`,
 *   `IdentifierAnswerUnusable`, and what `ask` throws
 */
export async function askForIds(
  participants: readonly Participant[],
  atOnce: number,
  ask: (body: unknown) => Promise<unknown>,
): Promise<SubjectIds> {
  const ids = new Map<string, string | null>();
  for (let from = 0; from < participants.length; from += atOnce) {
    const some = participants.slice(from, from + atOnce);
    const answer = await ask({
      identifiers: some.map(([centre, ptid]) => ({ adcid: Number(centre), ptid })),
    });
    for (const [name, id] of readAnswer(some, answer)) ids.set(name, id);
  }
  return ids;
}

function readAnswer(asked: readonly Participant[], answer: unknown): SubjectIds {
  const shape = describeShape(answer, KNOWN_KEYS);
  const entries = isRecord(answer) ? answer['identifiers'] : null;
  const malformed = (expected: string): Error =>
    identifierCodes.fault('IdentifierAnswerMalformed', { expected, shape });
  if (!Array.isArray(entries)) throw malformed('an object with a list `identifiers`');
  const open = new Set(asked.map(nameOf));
  const ids = new Map<string, string | null>();
  let [foreign, unusable] = [0, 0];
  for (const entry of entries as readonly unknown[]) {
    const name = isRecord(entry) ? nameOfEntry(entry) : null;
    if (!isRecord(entry) || name === null) throw malformed('entries with `adcid` and `ptid`');
    if (!open.delete(name)) {
      foreign += 1;
      continue;
    }
    const { naccid } = entry;
    if (naccid === null || isSubjectId(naccid)) ids.set(name, naccid);
    else if (naccid !== undefined) unusable += 1;
  }
  // First what may have mixed people up, then what is wrong, then what is missing.
  if (foreign > 0) throw identifierCodes.fault('IdentifierAnswerForOthers', { foreign, shape });
  if (unusable > 0) throw identifierCodes.fault('IdentifierAnswerUnusable', { unusable, shape });
  if (ids.size < asked.length) {
    const counts = { asked: asked.length, answered: ids.size };
    throw identifierCodes.fault('IdentifierAnswerIncomplete', { ...counts, shape });
  }
  return ids;
}

function nameOfEntry({ adcid, ptid }: Readonly<Record<string, unknown>>): string | null {
  const isCentre = typeof adcid === 'number' || typeof adcid === 'string';
  if (!isCentre || typeof ptid !== 'string') return null;
  return nameOf([normaliseCentre(String(adcid)), normaliseParticipant(ptid)]);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
