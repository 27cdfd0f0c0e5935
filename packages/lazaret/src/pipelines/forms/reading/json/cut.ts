/** Cuts the next stretch off a JSON file: as many whole records as fit, or one that never would. */
import { checksumOf, type FormFile } from '../form-file.ts';
import { MAX_STRETCH_BYTES } from '../limits.ts';
import type { Cut, JsonLayout, Piece } from '../stretch.ts';
import { openWindow, type TextWindow } from '../text-window.ts';
import { JsonReader } from './reader.ts';
import { GOES_ON, isBlank, MISMATCH, ValueScan } from './value-scan.ts';

const FEED = 0x0a;
const RETURN = 0x0d;
const COMMA = 0x2c;
const CLOSE_LIST = 0x5d;

/** @param stretchBytes how much is looked at in one piece */
export function cutJson(
  file: Pick<FormFile, 'stamp' | 'read'>,
  { encoding, shape }: Pick<JsonLayout, 'encoding' | 'shape'>,
  from: Cut,
  stretchBytes = MAX_STRETCH_BYTES,
): Piece {
  const { size } = file.stamp;
  const bytes = file.read(from.offset, stretchBytes);
  const atEnd = from.offset + bytes.length >= size;
  const window = openWindow(bytes, encoding, from.offset);
  const reader = new JsonReader(window, { shape, record: from.record, line: from.line, atEnd });
  let records = 0;
  while (reader.next()) records += 1;
  const isLast = reader.stop === 'end';
  if (records > 0 || isLast) {
    const end = isLast ? Math.min(size, from.offset + bytes.length) : reader.offsetOf(reader.end);
    const unit = isLast ? window.units.length : reader.end;
    return {
      ...{ start: from.offset, end, firstRecord: from.record, firstLine: from.line },
      ...{ records, lines: reader.lineOf(unit) - from.line, isLast, flaw: null },
      checksum: checksumOf(bytes.subarray(0, end - from.offset)),
    };
  }
  const rest = { start: from.offset, firstRecord: from.record, firstLine: from.line, checksum: 0 };
  if (reader.stop === 'broken') {
    const offset = Math.min(size, reader.offsetOf(reader.brokenAt));
    const line = reader.lineOf(reader.brokenAt);
    return {
      ...{ ...rest, end: size, records: 1, lines: line - from.line, isLast: true },
      flaw: { kind: 'json-broken', line, offset, column: null },
    };
  }
  return skimRecord(file, { encoding, shape }, from, stretchBytes);
}

/** Goes over blanks, or a record that is too long to be read, to where it ends. */
function skimRecord(
  file: Pick<FormFile, 'stamp' | 'read'>,
  { encoding, shape }: Pick<JsonLayout, 'encoding' | 'shape'>,
  from: Cut,
  stretchBytes: number,
): Piece {
  const { size } = file.stamp;
  const skimmer = new JsonSkimmer(from, shape === 'lines');
  let offset = from.offset;
  let window: TextWindow | null = null;
  let end = GOES_ON;
  while (end === GOES_ON && offset < size) {
    const bytes = file.read(offset, stretchBytes);
    if (bytes.length === 0) break;
    window = openWindow(bytes, encoding, offset);
    end = skimmer.skim(window);
    offset = window.start + (end === GOES_ON ? window.units.length : end) * window.unitBytes;
  }
  const isOver = end === GOES_ON || skimmer.isMismatch;
  const { line, begin } = skimmer;
  const kind =
    skimmer.isMismatch || (isOver && shape !== 'lines') ? 'json-broken' : 'record-too-long';
  const place = kind === 'json-broken' ? { line, offset } : (begin ?? { line, offset });
  return {
    ...{ start: from.offset, end: isOver ? size : offset, firstRecord: from.record },
    ...{ firstLine: from.line, records: begin === null ? 0 : 1, lines: line - from.line },
    ...{ isLast: isOver || offset >= size, checksum: 0 },
    flaw: begin === null ? null : { kind, ...place, column: null },
  };
}

class JsonSkimmer {
  line: number;
  /** Where the record begins; null: only blanks were met so far. */
  begin: { readonly line: number; readonly offset: number } | null = null;
  isMismatch = false;
  readonly #byLine: boolean;
  readonly #scan = new ValueScan();
  /** The list was closed: nothing may follow. */
  #isClosed = false;
  #afterReturn = false;

  constructor({ line }: Cut, byLine: boolean) {
    this.line = line;
    this.#byLine = byLine;
  }

  /** Where the record ends, or `GOES_ON`. */
  skim(window: TextWindow): number {
    const { units, start, unitBytes } = window;
    let at = 0;
    if (this.begin === null) {
      while (at < units.length && this.#isBetween(units[at])) at += 1;
      this.#count(units, 0, at);
      if (at >= units.length) return GOES_ON;
      this.begin = { line: this.line, offset: start + at * unitBytes };
      this.isMismatch = this.#isClosed;
      if (this.#isClosed) return at;
    }
    const end = this.#byLine ? lineEnd(units, at) : this.#scan.scan(units, at);
    this.isMismatch = end === MISMATCH;
    const to = end === GOES_ON ? units.length : this.isMismatch ? this.#scan.mismatchAt : end;
    this.#count(units, at, to);
    return end === GOES_ON ? GOES_ON : to;
  }

  /** What stands between records; where it does not belong, the reader has said so. */
  #isBetween(unit: number | undefined): boolean {
    if (isBlank(unit)) return true;
    if (this.#byLine || this.#isClosed) return false;
    this.#isClosed = unit === CLOSE_LIST;
    return this.#isClosed || unit === COMMA;
  }

  #count(units: Uint8Array | Uint16Array, from: number, to: number): void {
    for (let at = from; at < to; at += 1) {
      const unit = units[at];
      if (unit === RETURN || (unit === FEED && !this.#afterReturn)) this.line += 1;
      this.#afterReturn = unit === RETURN;
    }
  }
}

function lineEnd(units: Uint8Array | Uint16Array, from: number): number {
  let at = from;
  while (at < units.length && units[at] !== FEED && units[at] !== RETURN) at += 1;
  return at < units.length ? at : GOES_ON;
}
