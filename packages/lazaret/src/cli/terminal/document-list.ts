/** The documents that were written, by what they are for. */
import { escapeText } from '@lazaret/faults';
import type { DocumentsDocument } from '../documents.ts';
import { countOf, formatBytes } from './number.ts';
import type { ListContext } from './rows.ts';

type Kind = DocumentsDocument['documents'][number]['kind'];

const KINDS: readonly (readonly [Kind, string, string])[] = [
  ['qc', 'QC documents', 'file'],
  ['fix-list-page', 'fix lists, to read', 'site'],
  ['fix-list-csv', 'fix lists, to work through', 'site'],
];

export function renderDocuments(
  { run, documents }: DocumentsDocument,
  { style }: ListContext,
): string {
  if (run === null) return 'No forms were taken in yet, so there are no documents.\n';
  const lines = KINDS.flatMap(([kind, title, noun]) => {
    const some = documents.filter((document) => document.kind === kind);
    if (some.length === 0) return [];
    const bytes = some.reduce((sum, document) => sum + document.bytes, 0);
    const first = `  ${title}: of ${countOf(some.length, noun)}, ${formatBytes(bytes)}`;
    return [first, ...some.map(({ key }) => `    ${escapeText(key)}`)];
  });
  const nothing = documents.some(({ kind }) => kind !== 'qc')
    ? []
    : ['  Nothing has to be mended.'];
  return `${[style.paint('bold', `documents of ${run}`), ...lines, ...nothing].join('\n')}\n`;
}
