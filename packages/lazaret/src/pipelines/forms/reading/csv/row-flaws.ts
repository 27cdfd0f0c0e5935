/** What is wrong with a row of CSV before its values are looked at, each with its exact place. */
import type { Finding, Place } from '@lazaret/faults';
import { invalidText, unwantedInText } from '../cell-findings.ts';
import { readingCodes } from '../codes.ts';
import { nameOfCharacter, unwantedCharacter } from '../characters.ts';
import { firstInvalidByte, guessEncoding, type Encoding } from '../encoding.ts';
import { flawFinding } from '../flaw-finding.ts';
import { MAX_COLUMNS, MAX_FINDINGS_A_RECORD } from '../limits.ts';
import type { Flaw } from '../stretch.ts';
import type { Column } from './columns.ts';
import { CELL, FLAWED_CELL, type CsvReader } from './reader.ts';
import { shiftOf, type Fits } from './shift.ts';

/** So much of a value is shown, characters. */
const MAX_VALUE_CHARACTERS = 200;

/** What there is to know of a file to judge its rows. */
export interface RowFrame {
  /** Null: the file does not name them. */
  readonly columns: readonly Column[] | null;
  readonly encoding: Encoding;
  /** Whether a text could stand in a column. */
  readonly fits: Fits;
}

/** Empty where the row can be read. */
export function rowFlaws(reader: CsvReader, frame: RowFrame, item: number): Finding[] {
  const { columns } = frame;
  const { line, record, offset } = reader;
  const place: Place = { item, line, record, offset };
  if (reader.tooLong) {
    const flaw: Flaw = { kind: 'record-too-long', line, offset, column: null };
    return [flawFinding(flaw, { item, record }, [])];
  }
  const findings: Finding[] = [];
  if ((reader.flags & FLAWED_CELL) !== 0) {
    const cells = Math.min(reader.count, MAX_COLUMNS);
    for (let cell = 0; cell < cells && findings.length < MAX_FINDINGS_A_RECORD; cell += 1) {
      const flags = reader.flagsOf(cell);
      if ((flags & FLAWED_CELL) === 0) continue;
      const finding = cellFlaw(reader, cell, frame, place);
      if (finding !== null) findings.push(finding);
    }
  }
  // A quote that is not closed swallows the cells behind it: their number says nothing.
  if ((reader.flags & CELL.unclosed) !== 0) return findings;
  if (columns === null) {
    findings.push(readingCodes.finding('RowWithoutHeader', {}, place));
  } else if (reader.count !== columns.length) {
    const isWhole = (reader.flags & CELL.tooLong) === 0;
    const shift = isWhole ? shiftOf(reader, { columns, fits: frame.fits }) : '';
    const parameters = { found: reader.count, columns: columns.length, shift };
    findings.push(readingCodes.finding('RaggedRow', parameters, place));
  }
  return findings;
}

/** A cell of which a value is not taken over. */
export interface RefusedCell {
  readonly cell: number;
  readonly shown: string;
  readonly why: string;
}

/** Values in columns that cannot be taken over. */
export function unplacedValues(
  reader: CsvReader,
  refused: readonly RefusedCell[],
  item: number,
): Finding[] {
  const findings: Finding[] = [];
  for (const { cell, shown, why } of refused) {
    if (reader.isEmpty(cell) || findings.length >= MAX_FINDINGS_A_RECORD) continue;
    const value = (reader.cell(cell) ?? '').slice(0, MAX_VALUE_CHARACTERS);
    findings.push(
      readingCodes.finding(
        'ValueUnplaced',
        { value, expected: '', why },
        { item, record: reader.record, ...reader.placeOf(cell), column: shown },
      ),
    );
  }
  return findings;
}

function cellFlaw(
  reader: CsvReader,
  cell: number,
  { columns, encoding }: RowFrame,
  row: Place,
): Finding | null {
  const flags = reader.flagsOf(cell);
  const column = columns?.[cell]?.shown ?? `#${cell + 1}`;
  const at: Place = { ...row, ...reader.placeOf(cell), column };
  if ((flags & (CELL.unclosed | CELL.tooLong)) !== 0) {
    const kind = (flags & CELL.unclosed) === 0 ? 'cell-too-long' : 'quote-unclosed';
    const flaw: Flaw = { kind, ...reader.placeOf(cell), column: cell };
    const names = columns?.map(({ shown }) => shown) ?? [];
    return flawFinding(flaw, { item: row.item ?? 0, record: reader.record }, names);
  }
  const text = reader.cell(cell);
  if (text === null) {
    return encodingFlaw(reader, cell, encoding, at);
  }
  const value = text.slice(0, MAX_VALUE_CHARACTERS);
  if ((flags & CELL.misquoted) !== 0) {
    return readingCodes.finding('QuoteMisplaced', { value, expected: '' }, at);
  }
  const unwanted = unwantedCharacter(reader.rawCell(cell) ?? '');
  if (unwanted === null) return null;
  const before = unitsBefore(reader, cell, unwanted.index);
  return unwantedInText(text, nameOfCharacter(unwanted.code), {
    ...{ ...at, ...reader.placeIn(cell, before) },
  });
}

function encodingFlaw(reader: CsvReader, cell: number, encoding: Encoding, at: Place): Finding {
  const bytes = reader.bytes(cell);
  if (encoding !== 'utf-8') {
    return invalidText('', encoding, 'damaged: half of a character is missing', at);
  }
  // The name of Latin-1 means Windows-1252 to a decoder of the web, which is right for both.
  const text = new TextDecoder('windows-1252').decode(bytes);
  return invalidText(text, encoding, guessEncoding(bytes), {
    ...{ ...at, ...reader.placeIn(cell, firstInvalidByte(bytes)) },
  });
}

/** How many units of the file stand before a character of a cell's text. */
function unitsBefore(reader: CsvReader, cell: number, index: number): number {
  if (reader.unitBytes === 2) return index;
  return Buffer.byteLength((reader.rawCell(cell) ?? '').slice(0, index));
}
