/** What a retention or an erasure removed, and what it leaves behind. */
import { escapeText } from '@lazaret/faults';
import type { EraseDocument, FilesDocument, RetainDocument } from '../retention.ts';
import { nextBlock } from './next-commands.ts';
import { countOf, formatBytes, formatCount } from './number.ts';
import type { ListContext } from './rows.ts';
import { wrap } from './text-width.ts';

export function renderRetention(document: RetainDocument, context: ListContext): string {
  const { dryRun, copies, staged, aside, rows, decision, olderThan } = document;
  const label = context.style.paint('bold', dryRun ? 'dry run of a retention' : 'retention');
  const lines: [string, string][] = [
    ['copies', `${formatCount(copies.count)}, ${formatBytes(copies.bytes)}`],
    ['staged files', `${countOf(staged, 'folder')} of runs that are over`],
    ['left aside', aside === null ? 'not counted in a dry run' : countOf(aside, 'file')],
    ['dead rows', formatCount(rows)],
    ...filesLine(document.files),
  ];
  const notes = [
    ...(copies.ofHeld > 0
      ? [
          `${countOf(copies.ofHeld, 'copy', 'copies')} ${dryRun ? 'would be' : 'were'} of items that are still held: to replay them, the originals have to be where they were.`,
        ]
      : []),
    ...leftNote(document.files),
    'What stays: items, findings, tallies, deliveries and decisions, and all originals.',
    ...(decision === null ? ['Nothing was removed.'] : [`Recorded as decision ${decision}.`]),
  ];
  return text(
    `${label}   ${dryRun ? 'would remove' : 'removed'} what is older than ${olderThan.slice(0, 10)}`,
    lines,
    notes,
    [],
    context,
  );
}

export function renderErasure(
  document: EraseDocument,
  typed: string,
  context: ListContext,
): string {
  const { dryRun, items, copies, deliveries, identities, files, decision, by } = document;
  const label = context.style.paint('bold', dryRun ? 'dry run of an erasure' : 'erasure');
  const lines: [string, string][] = [
    ['items', `${formatCount(items)}: where they came from, their digests, what was sealed`],
    ['copies', formatCount(copies)],
    ['deliveries', `${formatCount(deliveries.count)}, ${formatBytes(deliveries.bytes)}`],
    ...sharedLines(document),
    ...(identities === null || (identities === 0 && document.shared !== null)
      ? []
      : [['identity map', countOf(identities, 'entry', 'entries')] satisfies [string, string]]),
    ...filesLine(files),
  ];
  const notes = [
    ...leftNote(files),
    ...(document.otherNames > 0
      ? [
          `The same subject has ${countOf(document.otherNames, 'other participant')} in the table of identifiers, whose data stays: erase the subject by the id of the study to have all of it.`,
        ]
      : []),
    ...(document.isKnown === false
      ? [
          'The identity map does not know this pseudonym: what is held of the patient is not found by it, and what comes of them later is not recognised. Erase it by --item or --run.',
        ]
      : []),
    'What stays: that they came, how each of them ended and under which code, and this decision.',
    ...('subject' in document.selection
      ? []
      : ['The identity map keeps its patients: erase --subject removes one of them.']),
    'What is elsewhere is not reached: originals, backups, and whoever received a delivery.',
    'The same data that comes again is held (ENG-073).',
    ...(decision === null
      ? ['Nothing was erased. What is erased cannot be brought back.']
      : [`Recorded as decision ${decision}, by ${escapeText(by)}.`]),
  ];
  return text(
    `${label}   ${dryRun ? 'would remove' : 'removed'}`,
    lines,
    notes,
    dryRun ? [typed] : [],
    context,
  );
}

/** What a pipeline calls what it has taken out of tables and files that hold others as well. */
const SHARED: Readonly<Record<string, (count: number) => readonly [string, string]>> = {
  visits: (count) => ['histories', `${countOf(count, 'visit')}, the others as they were`],
  alerts: (count) => ['alerts', `${formatCount(count)}, with values and reasons`],
  identifiers: (count) => ['identifiers', countOf(count, 'participant')],
  shortened: (count) => ['shared files', `${formatCount(count)}, without these rows`],
  documents: (count) => ['documents', `${formatCount(count)}, written anew`],
};

function sharedLines({ shared }: EraseDocument): [string, string][] {
  return Object.entries(shared ?? {}).map(([name, count]) => {
    const [label, value] = SHARED[name]?.(count) ?? [name, formatCount(count)];
    return [label, value];
  });
}

function filesLine(files: FilesDocument | null): [string, string][] {
  return files === null ? [] : [['files', `${formatCount(files.removed)} removed`]];
}

function leftNote(files: FilesDocument | null): string[] {
  if (files === null || files.because === null) return [];
  const { left, because } = files;
  return [
    `${countOf(left, 'file')} could not be removed: ${because.message} ${because.action} (${because.id}) The next erasure, retention or run tries again.`,
  ];
}

function text(
  head: string,
  lines: readonly (readonly [string, string])[],
  notes: readonly string[],
  commands: readonly string[],
  { style }: ListContext,
): string {
  const width = Math.max(...lines.map(([label]) => label.length));
  const blocks = [
    [head],
    lines.map(([label, value]) => `  ${label.padEnd(width)}  ${value}`),
    notes.flatMap((note) => wrap(note, style.width - 2).map((line) => `  ${line}`)),
    nextBlock(commands, style),
  ];
  return `${blocks
    .filter((block) => block.length > 0)
    .map((block) => block.join('\n'))
    .join('\n\n')}\n`;
}
