/**
 * A table of identifiers as people keep it: a CSV file with the columns `adcid`, `ptid` and
 * `naccid`, in any order and among others. It is read as a whole and refused as a whole: half a
 * table would make strangers of participants.
 */
import { nearestName } from '@lazaret/faults';
import { readCsvLayout } from '../reading/csv/layout.ts';
import { CsvReader, FLAWED_CELL } from '../reading/csv/reader.ts';
import type { CsvLayout } from '../reading/stretch.ts';
import { openWindow } from '../reading/text-window.ts';
import type { Participant } from '../record-lot.ts';
import { identifierCodes } from './codes.ts';
import {
  centreProblem,
  isSubjectId,
  nameOf,
  normaliseCentre,
  normaliseParticipant,
  participantProblem,
} from './participant.ts';

export interface TableEntry {
  readonly participant: Participant;
  readonly id: string;
  /** Physical line, the header being 1. */
  readonly line: number;
}

export const MAX_TABLE_BYTES = 128 * 1024 * 1024;
export const MAX_TABLE_PARTICIPANTS = 1_000_000;

/** Of a file with more mistakes than this, the first of them are told. */
const MAX_PROBLEMS = 20;

const COLUMNS = ['adcid', 'ptid', 'naccid'] as const;

/** @throws `IdentifierTableUnusable`, with lines and without a value of them */
export function readTable(bytes: Uint8Array): readonly TableEntry[] {
  const problems: string[] = [];
  const entries: TableEntry[] = [];
  const lines = new Map<string, number>();
  const layout = readCsvLayout(bytes, true, COLUMNS);
  const columns = columnsOf(layout.columns);
  for (const { cells, line, isFlawed } of rowsOf(bytes, layout)) {
    if (isFlawed) {
      problems.push(`line ${line} cannot be read: quotes, characters or the encoding are damaged`);
      continue;
    }
    const [centre = '', participant = '', id = ''] = columns.map((at) => (cells[at] ?? '').trim());
    const wrong = [
      ['adcid', centreProblem(centre)],
      ['ptid', participantProblem(participant)],
      ['naccid', isSubjectId(id) ? null : 'it is not NACC or TEST and six digits'],
    ].flatMap(([column, problem]) => (problem === null ? [] : [`${column}: ${problem}`]));
    if (wrong.length > 0) {
      problems.push(`line ${line}, ${wrong.join('; ')}`);
      continue;
    }
    const normal: Participant = [normaliseCentre(centre), normaliseParticipant(participant)];
    const earlier = lines.get(nameOf(normal));
    if (earlier !== undefined) {
      problems.push(`lines ${earlier} and ${line} are about the same participant`);
      continue;
    }
    lines.set(nameOf(normal), line);
    entries.push({ participant: normal, id, line });
    if (entries.length > MAX_TABLE_PARTICIPANTS) {
      throw unusableTable([`it has more than ${MAX_TABLE_PARTICIPANTS} participants`]);
    }
  }
  if (problems.length > MAX_PROBLEMS) {
    const more = problems.length - MAX_PROBLEMS;
    throw unusableTable([...problems.slice(0, MAX_PROBLEMS), `and ${more} more`]);
  }
  if (problems.length > 0) throw unusableTable(problems);
  if (entries.length === 0) throw unusableTable(['it has no participant']);
  return entries;
}

/** The fault of a file that cannot be read, or cannot be used. */
export function unusableTable(problems: readonly string[], cause?: unknown): Error {
  const options = cause === undefined ? {} : { cause };
  return identifierCodes.fault('IdentifierTableUnusable', { problems }, options);
}

/** Where the columns stand. Case and blanks do not matter; one that is missing or twice does. */
function columnsOf(header: readonly string[]): readonly number[] {
  const names = header.map((name) => name.trim().toLowerCase());
  const problems: string[] = [];
  for (const column of COLUMNS) {
    const count = names.filter((name) => name === column).length;
    if (count === 1) continue;
    const others = names.filter((name) => !COLUMNS.some((known) => known === name));
    const nearest = nearestName(column, others);
    const hint = nearest === null || count > 1 ? '' : `; is it "${nearest}"?`;
    problems.push(`the column ${column} is ${count === 0 ? 'missing' : 'there twice'}${hint}`);
  }
  if (problems.length > 0) throw unusableTable(problems);
  return COLUMNS.map((column) => names.indexOf(column));
}

interface Row {
  readonly cells: readonly string[];
  readonly line: number;
  readonly isFlawed: boolean;
}

function* rowsOf(
  bytes: Uint8Array,
  { encoding, delimiter, bodyOffset, bodyLine }: CsvLayout,
): Generator<Row> {
  const window = openWindow(bytes.subarray(bodyOffset), encoding, bodyOffset);
  const reader = new CsvReader(window, { delimiter, record: 1, line: bodyLine, atEnd: true });
  while (reader.next()) {
    const cells = Array.from({ length: reader.count }, (_, at) => reader.cell(at) ?? '');
    if (cells.every((cell) => cell.trim() === '')) continue;
    const isFlawed = (reader.flags & FLAWED_CELL) !== 0 || reader.tooLong;
    yield { cells, line: reader.line, isFlawed };
  }
}
