/** How the files of a run stand, and where what was written about them lies: lines of its summary. */
import { join } from 'node:path';
import { escapeText } from '@lazaret/faults';
import type { RunSummary } from '../../engine/summary.ts';
import { countOf, formatCount } from './number.ts';
import { colourOfStanding, type Standing, type Style } from './style.ts';
import { plainLine, type Line } from './summary-lines.ts';

type File = NonNullable<RunSummary['files']>[number];

/** Files told one by one; the others are counted. Those that somebody has to look at come first. */
const MOST_FILES = 6;

const STANDINGS: Readonly<Record<NonNullable<File['status']>, Standing>> = {
  FAIL: 'rejected',
  'IN REVIEW': 'held',
  PASS: 'delivered',
};
const ORDER = ['FAIL', 'IN REVIEW', null, 'PASS'] as const;

/** @param out the folder that the run delivers to, as it is shown; null where it is not known */
export function fileLines(
  { files = [], documents = [] }: RunSummary,
  out: string | null,
  style: Style,
): Line[] {
  const sorted = files.toSorted(
    (a, b) => ORDER.indexOf(a.status) - ORDER.indexOf(b.status) || a.file - b.file,
  );
  // "And 1 more file" takes as much room as the file itself.
  const most = sorted.length === MOST_FILES + 1 ? sorted.length : MOST_FILES;
  const lines = sorted.slice(0, most).map((file) => fileLine(file, style));
  const rest = sorted.slice(most);
  if (rest.length > 0) lines.push({ ...plainLine('', ''), notes: [restNote(rest)] });
  const folderOf = (kind: string): string | null => {
    const key = documents.find((document) => document.kind === kind)?.key;
    if (key === undefined) return null;
    const folder = key.slice(0, key.lastIndexOf('/'));
    return escapeText(`${out === null ? folder : join(out, folder)}/`);
  };
  const qc = folderOf('qc');
  const fix = folderOf('fix-list-page');
  if (qc !== null) lines.push({ ...plainLine('QC', ''), notes: [qc] });
  if (fix !== null) {
    const sites = documents.filter(({ kind }) => kind === 'fix-list-page').length;
    lines.push({
      ...plainLine('fix lists', ''),
      notes: [fix, `of ${countOf(sites, 'site', 'sites')}`],
    });
  }
  return lines;
}

function fileLine({ file, status, items }: File, style: Style): Line {
  const standing = status === null ? 'pending' : STANDINGS[status];
  const colour = colourOfStanding(standing);
  const { pass, fail, inReview, pending } = items;
  const parts: [number, string][] = [
    [fail, 'fail'],
    [inReview, 'in review'],
    [pending, 'under way'],
    [pass, 'pass'],
  ];
  const counts = parts
    .filter(([count]) => count > 0)
    .map(([count, words]) => `${formatCount(count)} ${words}`)
    .join(', ');
  const word = style.paint(colour, status ?? 'under way');
  const label = `file ${file}`;
  return {
    sign: style.sign(standing),
    label: label.length > MAX_LABEL ? String(file) : label,
    colour,
    count: '',
    notes: [`${word}${counts === '' ? ', no visits' : `   ${counts}`}`],
  };
}

/** Room that the labels of the summary have. */
const MAX_LABEL = 9;

function restNote(files: readonly File[]): string {
  const parts = ORDER.flatMap((status) => {
    const count = files.filter((file) => file.status === status).length;
    return count === 0 ? [] : [`${formatCount(count)} ${status ?? 'under way'}`];
  });
  return `and ${countOf(files.length, 'more file', 'more files')}: ${parts.join(', ')}`;
}
