import type { Catalogue, NamedEntry } from '../catalogue.ts';
import { exampleText, releaseText, retryText, whoActs } from './explain.ts';

/**
 * The operations guide as Markdown: an index, then a section for each entry. Generated, so that it
 * cannot disagree with the code; the headings are the ids, so that links into it last.
 */
export function guide(catalogue: Catalogue): string {
  return `${[
    '# Operations guide',
    'Every code that Lazaret can show, what it means and what to do about it. Generated from the catalogue.',
    indexTable(catalogue.entries),
    ...catalogue.entries.map(section),
  ].join('\n\n')}\n`;
}

function indexTable(entries: readonly NamedEntry[]): string {
  const rows = entries.map((entry) =>
    row([
      `[${entry.id}](#${entry.id.toLowerCase()})`,
      cell(entry.title),
      kindText(entry),
      whoActs(entry),
    ]),
  );
  return [
    row(['Code', 'Title', 'Kind', 'Who acts']),
    row(['---', '---', '---', '---']),
    ...rows,
  ].join('\n');
}

function section(entry: NamedEntry): string {
  const facts: [string, string][] = [
    ['Kind', kindText(entry)],
    ['Who acts', whoActs(entry)],
    ['Retry', retryText(entry)],
    ['Release', releaseText(entry)],
    ['HTTP status', String(entry.status)],
    ['Issue', `${entry.severity} / ${entry.issue}`],
    ['Log level', entry.level],
    ['Since', entry.since],
  ];
  return [
    `## ${entry.id}`,
    `**${prose(entry.title)}** (\`${entry.name}\`)`,
    ...(entry.deprecated === undefined ? [] : [`*Deprecated: ${prose(entry.deprecated)}*`]),
    `> ${prose(exampleText(entry))}`,
    `**What it means.** ${prose(entry.message)}`,
    `**What to do.** ${prose(entry.action)}`,
    [
      `1. Check: ${prose(entry.runbook.check)}`,
      `2. Fix: ${prose(entry.runbook.fix)}`,
      `3. Escalate: ${prose(entry.runbook.escalate)}`,
    ].join('\n'),
    [
      row(['', '']),
      row(['---', '---']),
      ...facts.map(([name, text]) => row([name, cell(text)])),
    ].join('\n'),
  ].join('\n\n');
}

function kindText(entry: NamedEntry): string {
  return entry.kind === 'fault' ? 'fault' : entry.type;
}

function row(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}

function cell(text: string): string {
  return prose(text).replace(/\|/g, '\\|');
}

/** Text of the catalogue as Markdown: code spans stay, what would become markup does not. */
function prose(text: string): string {
  return text
    .split(/(`[^`]*`)/)
    .map((part) => (part.startsWith('`') ? part : part.replace(/[\\*_<>[\]]/g, String.raw`\$&`)))
    .join('');
}
