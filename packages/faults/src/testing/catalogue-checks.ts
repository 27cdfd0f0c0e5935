import type { Catalogue, NamedEntry } from '../catalogue.ts';
import { MISSING, WITHHELD } from '../render/template.ts';
import { messageParts } from '../render/text.ts';
import { exampleText, explain } from '../render/explain.ts';

/** Ids and their names, as recorded when they were first released. Kept in version control. */
export interface LockFile {
  readonly ids: Readonly<Record<string, string>>;
}

/** Words that start a statement or a courtesy, not an instruction. */
const NOT_IMPERATIVE = new Set(
  'a an the this that these those it they you your we our i there please kindly lazaret'.split(' '),
);

const PROSE = ['title', 'message', 'log', 'action', 'since'] as const;

/**
 * What is wrong with the texts of a catalogue, one line each; empty where all is well. That ids
 * are unique and templates agree with the parameters was settled when the catalogue was made.
 *
 * @example
 * expect(catalogueDefects(createCatalogue(entries))).toEqual([]);
 */
export function catalogueDefects(catalogue: Catalogue): string[] {
  return catalogue.entries.flatMap((entry) =>
    [...textDefects(entry), ...statusDefects(entry)].map(
      (defect) => `${entry.id} ${entry.name}: ${defect}`,
    ),
  );
}

/** Ids of the lock file that the catalogue no longer has, or has under another name. */
export function goneIds(catalogue: Catalogue, lock: LockFile): string[] {
  const names = new Map(catalogue.entries.map(({ id, name }) => [id, name]));
  return Object.entries(lock.ids).flatMap(([id, name]) => {
    const now = names.get(id);
    if (now === undefined) return [`${id} ${name} is gone: deprecate an entry, never remove it`];
    return now === name ? [] : [`${id} was ${name} and is ${now}: give the new meaning a new id`];
  });
}

/** Ids that the lock file does not have yet, as lines to be added to it. */
export function unlockedIds(catalogue: Catalogue, lock: LockFile): string[] {
  return catalogue.entries
    .filter(({ id }) => !Object.hasOwn(lock.ids, id))
    .map(({ id, name }) => `"${id}": "${name}"`);
}

/** The lock file of a catalogue as it is now. */
export function lockOf(catalogue: Catalogue): LockFile {
  return { ids: Object.fromEntries(catalogue.entries.map(({ id, name }) => [id, name])) };
}

function textDefects(entry: NamedEntry): string[] {
  const defects: string[] = [];
  for (const field of PROSE) {
    if (entry[field].trim() === '') defects.push(`${field} is empty`);
  }
  for (const field of ['check', 'fix', 'escalate'] as const) {
    const text = entry.runbook[field];
    if (text.trim() === '') defects.push(`runbook.${field} is empty`);
    else if (!text.endsWith('.')) defects.push(`runbook.${field} has no full stop at its end`);
  }
  // The filled one, because the last sentence may be a parameter.
  if (!messageParts(entry, entry.example).message.endsWith('.')) {
    defects.push('message has no full stop at its end');
  }
  if (!isSentence(entry.action)) defects.push('action is no sentence with a full stop');
  const first = /^[\p{L}’'-]+/u.exec(entry.action)?.[0].toLowerCase() ?? '';
  if (NOT_IMPERATIVE.has(first)) defects.push(`action starts with "${first}", not with a verb`);
  for (const text of [entry.title, entry.message, entry.action]) {
    if (/!|\boops\b|\bsorry\b/i.test(text)) defects.push(`"${text}" shouts or apologizes`);
  }
  if (/[.!?]$/.test(entry.title)) defects.push('title ends like a sentence');
  const shown = [exampleText(entry), explain(entry)].join('\n');
  if (shown.includes(MISSING) || shown.includes(WITHHELD)) {
    defects.push('the example does not fill the message');
  }
  return defects;
}

function isSentence(text: string): boolean {
  return /^[\p{Lu}`{]/u.test(text) && text.endsWith('.');
}

function statusDefects(entry: NamedEntry): string[] {
  const { status, blame, kind } = entry;
  const defects: string[] = [];
  // What is only found may come with an answer that is a success.
  const lowest = kind === 'finding' ? 200 : 400;
  if (!Number.isInteger(status) || status < lowest || status > 599) {
    defects.push(`status ${status} is none of an error`);
  }
  if (kind === 'fault' && (blame === 'us' || blame === 'dependency') && status < 500) {
    if (entry.issue !== 'conflict' && entry.issue !== 'duplicate') {
      defects.push(`status ${status} blames the caller for what ${blame} did`);
    }
  }
  return defects;
}
