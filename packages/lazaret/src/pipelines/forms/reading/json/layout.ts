/** How a JSON file is written, found out from its first bytes. */
import { detectEncoding } from '../encoding.ts';
import type { JsonLayout, JsonShape } from '../stretch.ts';
import { openWindow, type TextWindow } from '../text-window.ts';
import { GOES_ON, isBlank, ValueScan } from './value-scan.ts';

const OPEN_LIST = 0x5b;
const FEED = 0x0a;
const RETURN = 0x0d;

/**
 * Whether a file is JSON: its name says so, or, where it says nothing, its first character.
 * @param name the file's name, or path
 */
export function isJsonFile(name: string, head: Uint8Array): boolean {
  if (/\.(?:json|ndjson|jsonl)$/i.test(name)) return true;
  if (/\.(?:csv|tsv|tab|txt)$/i.test(name)) return false;
  const { encoding, markBytes } = detectEncoding(head);
  const { units } = openWindow(head.subarray(markBytes), encoding, markBytes);
  const first = units.find((unit) => !isBlank(unit));
  return first === OPEN_LIST || first === 0x7b;
}

export function readJsonLayout(name: string, head: Uint8Array, atEnd: boolean): JsonLayout {
  const { encoding, markBytes } = detectEncoding(head);
  const window = openWindow(head.subarray(markBytes), encoding, markBytes);
  const { units } = window;
  const first = units.findIndex((unit) => !isBlank(unit));
  const isList = first >= 0 && units[first] === OPEN_LIST && !/\.(?:ndjson|jsonl)$/i.test(name);
  const body = isList ? first + 1 : 0;
  return {
    format: 'json',
    encoding,
    shape: isList ? 'list' : shapeOf(name, window, Math.max(0, first)),
    bodyOffset: markBytes + body * window.unitBytes,
    bodyLine: 1 + linesIn(units, body),
    isEmpty: first < 0 && atEnd,
    problem: null,
  };
}

/** A first line that is a whole value, with something behind it, begins a file of lines. */
function shapeOf(name: string, { units }: TextWindow, first: number): JsonShape {
  if (/\.(?:ndjson|jsonl)$/i.test(name)) return 'lines';
  const end = new ValueScan().scan(units, first);
  if (end === GOES_ON || end < first) return 'object';
  const rest = units.subarray(end);
  const next = rest.findIndex((unit) => !isBlank(unit));
  if (next < 0) return 'object';
  const between = rest.subarray(0, next);
  return between.includes(FEED) || between.includes(RETURN) ? 'lines' : 'object';
}

function linesIn(units: Uint8Array | Uint16Array, to: number): number {
  let lines = 0;
  for (let at = 0; at < to; at += 1) {
    if (units[at] === FEED || (units[at] === RETURN && units[at + 1] !== FEED)) lines += 1;
  }
  return lines;
}
