/** What loading a table of identifiers did, or would do, in words. */
import type { IdentifiersLoadDocument } from '../identifiers.ts';
import { countOf, formatCount } from './number.ts';

export function renderIdentifiersLoad(document: IdentifiersLoadDocument): string {
  const { project, dryRun, participants, centres, added, unchanged, removed, total } = document;
  const { changed } = document;
  const { count, lines } = changed;
  const where = `  (lines ${lines.join(', ')}${count > lines.length ? ', …' : ''})`;
  return [
    `${countOf(participants, 'participant', 'participants')} of ${countOf(centres, 'centre', 'centres')} in the file.`,
    `  added      ${formatCount(added)}`,
    `  unchanged  ${formatCount(unchanged)}`,
    `  changed    ${formatCount(count)}${count === 0 ? '' : where}`,
    `  taken out  ${formatCount(removed)}`,
    dryRun
      ? `Nothing was written; project ${project} would have ${countOf(total, 'participant', 'participants')}.`
      : `Project ${project} has ${countOf(total, 'participant', 'participants')} now.`,
    ...(dryRun && count > 0
      ? ['Participants would get another id: that needs --accept-changes.']
      : []),
    '',
  ].join('\n');
}
