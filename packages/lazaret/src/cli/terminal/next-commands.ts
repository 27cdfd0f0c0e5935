/** What makes sense to do after a run, as commands. */
import { escapeText, type Catalogue } from '@lazaret/faults';
import type { RunSummary } from '../../engine/summary.ts';
import type { CodeCount } from './rows.ts';
import { sumHolds } from './run-sum.ts';
import type { Style } from './style.ts';
import { ALERT_CODE } from './words.ts';

/** The commands that make sense now, the most pressing first. */
export function nextCommands(
  summary: RunSummary,
  byCode: readonly CodeCount[],
  catalogue: Catalogue,
  flags = '',
): readonly string[] {
  const { run, status, items, batches, reason } = summary;
  const tail = flags === '' ? '' : ` ${flags}`;
  const commands: string[] = [];
  if (!sumHolds(summary)) {
    const id = catalogue.get('LedgerDoesNotAddUp')?.id;
    if (id !== undefined) commands.push(`lazaret explain ${id}`);
    return [...commands, `lazaret logs --run ${run}${tail}`];
  }
  if (status === 'interrupted' || status === 'failed') {
    commands.push(`lazaret resume ${run}${tail}`);
  }
  if (status === 'failed' && reason !== null) commands.push(`lazaret explain ${reason.id}`);
  if (batches.error > 0) commands.push(`lazaret batches --run ${run} --status error${tail}`);
  if (byCode.some(({ disposition, code }) => disposition === 'held' && code === ALERT_CODE)) {
    commands.push(`lazaret alerts list --run ${run}${tail}`);
  } else if (items.held > 0) commands.push(`lazaret held list --run ${run}${tail}`);
  else if (items.rejected > 0) commands.push(`lazaret findings --run ${run}${tail}`);
  const code = gravestCode(byCode, catalogue);
  if (code !== null) commands.push(`lazaret explain ${code}`);
  return [...new Set(commands)];
}

/** The code that most wants an explanation: held before rejected, grave before frequent. */
function gravestCode(byCode: readonly CodeCount[], catalogue: Catalogue): string | null {
  const ranks = ['error', 'alert', 'warning'];
  for (const disposition of ['held', 'rejected']) {
    const [first] = byCode
      .filter((row) => row.disposition === disposition)
      .flatMap(({ code, count }) => {
        const entry = catalogue.get(code);
        return entry === undefined
          ? []
          : [{ id: entry.id, rank: ranks.indexOf(entry.type), count }];
      })
      .sort((a, b) => a.rank - b.rank || b.count - a.count);
    if (first !== undefined) return first.id;
  }
  return null;
}

/** The commands under a label of their own, each on a line where one has no room for them. */
export function nextBlock(given: readonly string[], style: Style): string[] {
  if (given.length === 0) return [];
  const commands = given.map((command) => escapeText(command));
  const label = `  ${style.paint('bold', 'next')}   `;
  const indent = 9;
  const oneLine = commands.join(' '.repeat(8));
  if (indent + oneLine.length <= style.width && style.width !== Infinity) {
    return [`${label}${oneLine}`];
  }
  return commands.map((command, at) => `${at === 0 ? label : ' '.repeat(indent)}${command}`);
}
