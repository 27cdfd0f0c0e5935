/** The closing summary of a run. What needs somebody comes first, what went well is one line. */
import { escapeText, renderText, type Catalogue } from '@lazaret/faults';
import type { RunSummary } from '../../engine/summary.ts';
import type { FinalDisposition, Reason } from '../../store/tables.ts';
import { countOf, formatBytes, formatCount, formatDuration, formatRate } from './number.ts';
import { fileLines } from './file-lines.ts';
import { nextBlock, nextCommands } from './next-commands.ts';
import type { CodeCount } from './rows.ts';
import { accountedFor, sumHolds } from './run-sum.ts';
import { colourOfRun, colourOfType, type Colour, type Style } from './style.ts';
import {
  COUNT_AT,
  countWidth,
  layEach,
  layLines,
  plainLine,
  standingLine,
  type Line,
} from './summary-lines.ts';
import { pad, wrap } from './text-width.ts';
import { codeInWords, nounsOf, type Nouns } from './words.ts';

/** Codes named in one line; the others are counted. */
const MOST_CODES = 3;

const NOT_DELIVERED: readonly FinalDisposition[] = ['held', 'rejected', 'skipped', 'duplicate'];

/** What a summary says besides the figures of its run. */
interface SummaryPlaces {
  /** Appended to the commands that open a store, e.g. `--data elsewhere`. */
  readonly flags?: string;
  /** The folder that the run delivers to; null where it delivers to none. */
  readonly out?: string | null;
}

/** Renders the summary of a run, or how far it is while it is not complete. */
export function renderSummary(
  summary: RunSummary,
  byCode: readonly CodeCount[],
  catalogue: Catalogue,
  style: Style,
  { flags = '', out = null }: SummaryPlaces = {},
): string {
  const blocks = [
    standingBlock(summary, style),
    summary.items.received === 0
      ? emptyBlock(summary, catalogue, style)
      : countsBlock(summary, byCode, catalogue, style, out),
    nextBlock(nextCommands(summary, byCode, catalogue, flags), style),
  ];
  return `${blocks
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`;
}

/** A reason as a sentence: what happened, what to do, the code and the incident. */
export function reasonText(reason: Reason): string {
  const incident = reason.incident === undefined ? '' : `, incident ${reason.incident}`;
  return escapeText(`${reason.message} ${reason.action} (${reason.id}${incident})`);
}

/** How a run stands that is not complete, and why. Nothing for a complete one. */
function standingBlock({ status, reason }: RunSummary, style: Style): string[] {
  if (status === 'complete') return [];
  const label = status === 'stop-requested' ? 'stopping' : status;
  const text = reason === null ? '' : reasonText(reason);
  const indent = label.length + 5;
  return wrap(text, style.width - indent).map((line, at) =>
    (at === 0
      ? `  ${style.paint(colourOfRun(status), label)}   ${line}`
      : `${' '.repeat(indent)}${line}`
    ).trimEnd(),
  );
}

function emptyBlock(summary: RunSummary, catalogue: Catalogue, style: Style): string[] {
  const others = summary.findings.filter(({ name }) => name !== 'SourceEmpty');
  const empty = catalogue.get('SourceEmpty');
  const { items } = nounsOf(summary.pipeline);
  const isOver = summary.status === 'complete';
  const sentence = !isOver
    ? `No ${items} had come in when the run stopped.`
    : others.length === 0 && empty !== undefined
      ? renderText(empty, {})
      : `No ${items} came in.`;
  const lines = wrap(sentence, style.width - 2).map((line) => `  ${line}`);
  const noted = notedLine(summary, [], catalogue, style);
  return noted === null ? lines : [...lines, '', ...layLines([noted], style)];
}

function countsBlock(
  summary: RunSummary,
  byCode: readonly CodeCount[],
  catalogue: Catalogue,
  style: Style,
  out: string | null,
): string[] {
  const { items, deliveries, pipeline } = summary;
  const nouns = nounsOf(pipeline);
  const lines: Line[] = [
    plainLine('received', formatCount(items.received)),
    standingLine('delivered', items.delivered, deliveredNotes(deliveries, nouns), style),
  ];
  for (const disposition of NOT_DELIVERED) {
    const count = items[disposition];
    if (count === 0) continue;
    const codes = byCode.filter((row) => row.disposition === disposition);
    lines.push(standingLine(disposition, count, codeNotes(codes, count, catalogue, style), style));
  }
  if (items.pending > 0) {
    lines.push(standingLine('pending', items.pending, [pendingNote(summary)], style));
  }
  const counted = lines.length;
  lines.push(...fileLines(summary, out, style));
  lines.push(...aboutLines(summary, byCode, catalogue, style, nouns));
  const laid = layEach(lines, style);
  const width = countWidth(lines);
  return [
    ...laid.slice(0, counted).flat(),
    ...sumLines(summary, catalogue, style, width),
    ...(lines.length > counted ? ['', ...laid.slice(counted).flat()] : []),
  ];
}

function pendingNote({ status }: RunSummary): string {
  if (status === 'interrupted' || status === 'failed') return 'wait until the run is resumed';
  return status === 'complete' ? 'nothing may be pending in a complete run' : 'under way';
}

function deliveredNotes(deliveries: RunSummary['deliveries'], nouns: Nouns): string[] {
  if (deliveries.count === 0) return [];
  const count = countOf(deliveries.count, nouns.delivery, nouns.deliveries);
  return [`${count}, ${formatBytes(deliveries.bytes)}`];
}

/** `38 modality not accepted (IMG-004)`; a code that is the only one needs no count of its own. */
function codeNotes(
  codes: readonly CodeCount[],
  total: number,
  catalogue: Catalogue,
  style: Style,
): string[] {
  const sorted = codes.toSorted((a, b) => b.count - a.count);
  const isOnly = sorted.length === 1 && sorted[0]?.count === total;
  // "And 1 more code" takes as much room as the code itself.
  const most = sorted.length === MOST_CODES + 1 ? sorted.length : MOST_CODES;
  const notes = sorted.slice(0, most).map(({ code, count }) => {
    const { id, words } = codeInWords(catalogue, code);
    const text = words === id ? id : `${words} ${style.paint('grey', `(${id})`)}`;
    return isOnly ? text : `${formatCount(count)} ${text}`;
  });
  const more = sorted.length - notes.length;
  return more > 0 ? [...notes, `and ${formatCount(more)} more codes`] : notes;
}

function sumLines(
  summary: RunSummary,
  catalogue: Catalogue,
  style: Style,
  width: number,
): string[] {
  const { items } = summary;
  const indent = ' '.repeat(COUNT_AT);
  const rule = `${indent}${style.paint('grey', style.marks.rule.repeat(width))}`;
  const total = pad(formatCount(accountedFor(items)), width, 'right');
  if (sumHolds(summary)) return [rule, `${indent}${total}   the sum holds`];
  const id = catalogue.get('LedgerDoesNotAddUp')?.id;
  const off = accountedFor(items) - items.received;
  const nouns = nounsOf(summary.pipeline);
  const difference =
    off === 0
      ? ''
      : ` ${countOf(Math.abs(off), nouns.item, nouns.items)} ${off < 0 ? 'missing' : 'too many'}.`;
  const warning = `THE SUM DOES NOT HOLD: received ${formatCount(items.received)}.${difference} Do not pass on what this run delivered.${id === undefined ? '' : ` (${id})`}`;
  const lines = wrap(warning, style.width - COUNT_AT - width - 3);
  const [first = '', ...rest] = lines.map((line) => style.paint('bold', style.paint('red', line)));
  const further = rest.map((line) => `${indent}${' '.repeat(width + 3)}${line}`);
  return [rule, `${indent}${total}   ${first}`, ...further];
}

/** Batches that need a word, findings that stopped no item, and how long it took. */
function aboutLines(
  summary: RunSummary,
  byCode: readonly CodeCount[],
  catalogue: Catalogue,
  style: Style,
  nouns: Nouns,
): Line[] {
  const { batches, items, elapsedSeconds, bytes } = summary;
  const lines: Line[] = [];
  if (batches.empty > 0 || batches.error > 0) {
    const open = batches.total - batches.done - batches.empty - batches.error;
    const parts: [number, string, Colour][] = [
      [batches.done, 'done', 'plain'],
      [batches.empty, 'empty', 'plain'],
      [batches.error, 'in error', 'red'],
      [open, 'not through', 'plain'],
    ];
    const notes = parts
      .filter(([count]) => count > 0)
      .map(([count, words, colour]) => style.paint(colour, `${formatCount(count)} ${words}`));
    lines.push({ ...plainLine('batches', formatCount(batches.total)), notes: [notes.join(', ')] });
  }
  const noted = notedLine(summary, byCode, catalogue, style);
  if (noted !== null) lines.push(noted);
  const rate = formatRate(items.received - items.pending, elapsedSeconds, nouns.items);
  const took = [
    formatDuration(elapsedSeconds),
    ...(rate === null ? [] : [rate]),
    ...(bytes > 0 ? [`${formatBytes(bytes)} received`] : []),
    ...(summary.megabytesPerHour === null
      ? []
      : [`${formatCount(Math.round(summary.megabytesPerHour))} MB/h`]),
  ];
  lines.push({ ...plainLine('took', ''), notes: [took.join(', ')] });
  return lines;
}

/** Findings that are no item's reason: about the source, or warnings on what went through. */
function notedLine(
  summary: RunSummary,
  byCode: readonly CodeCount[],
  catalogue: Catalogue,
  style: Style,
): Line | null {
  const shown = new Set(byCode.map(({ code }) => code));
  const others = summary.findings.filter(
    ({ name, count }) => count > 0 && !shown.has(name) && name !== 'SourceEmpty',
  );
  const [first, ...more] = others;
  if (first === undefined) return null;
  const ranks = ['warning', 'alert', 'error'] as const;
  const worst = more.reduce(
    (type, finding) => (ranks.indexOf(finding.type) > ranks.indexOf(type) ? finding.type : type),
    first.type,
  );
  const codes = others.map(({ name, count }) => ({ disposition: '', code: name, count }));
  return {
    ...plainLine('noted', ''),
    colour: worst === 'warning' ? 'plain' : colourOfType(worst),
    notes: codeNotes(codes, Infinity, catalogue, style),
  };
}
