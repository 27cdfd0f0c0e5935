/** What a policy means, on a terminal; or all that is wrong with it. */
import { escapeText } from '@lazaret/faults';
import { DONE_WORDS, type PolicyMeaning } from '../../pipelines/imaging/policy/meaning.ts';
import type { PolicyDocument } from '../policy.ts';
import { countOf, formatBytes, formatCount } from './number.ts';
import type { Style } from './style.ts';
import { renderTable, type Cell } from './table.ts';
import { pad, wrap } from './text-width.ts';

export function renderPolicy(document: PolicyDocument, style: Style): string {
  return document.valid ? valid(document, style) : refused(document.problems, style);
}

function refused(problems: readonly string[], style: Style): string {
  const sign = style.sign('rejected');
  return [
    `${sign} The policy cannot be used: ${countOf(problems.length, 'problem')}.`,
    '',
    ...problems.flatMap((problem) => item(escapeText(problem), '-', style)),
  ].join('\n');
}

function valid(
  policy: PolicyMeaning & { readonly notes: readonly string[] },
  style: Style,
): string {
  const sign = style.sign('delivered');
  return [
    `${sign} ${style.paint('bold', `${policy.name} ${policy.version}`)} can be used`,
    '',
    ...facts(policy, style),
    '',
    ...attributes(policy, style),
    ...rules(policy, style),
    ...list('Text that may stay', vocabularies(policy), style),
    ...list('Said by the recipe', policy.notes, style),
    ...list('Worth a look', policy.warnings, style),
  ].join('\n');
}

function facts(policy: PolicyMeaning, style: Style): string[] {
  const { trim, leadingZeros, issuer } = policy.patientId;
  const letters = { keep: 'case counts', upper: 'in capitals', lower: 'in small letters' };
  const ids = [
    trim ? 'blanks around them are taken off' : 'blanks count',
    letters[policy.patientId.case],
    leadingZeros === 'keep' ? 'zeros in front count' : 'zeros in front are taken off',
    issuer === 'part' ? 'apart by issuer' : 'whoever issued them',
  ];
  const { patient, accession } = policy.prefixes;
  const rows: readonly (readonly [string, readonly string[]])[] = [
    [
      'takes in',
      [`${policy.modalities.join(', ')}; files of at most ${formatBytes(policy.maxFileBytes)}`],
    ],
    ['holds', policy.screens.map(({ id, what }) => `${what} (${id})`)],
    ['options', policy.options.map(({ code, meaning }) => `${meaning} (${code})`)],
    ['patient ids', [ids.join(', ')]],
    ['pseudonyms', [`of patients ${prefix(patient)}, of accessions ${prefix(accession)}`]],
    ['delivers to', [policy.collection]],
    ...(policy.safePrivate === 0
      ? []
      : ([['private', [`${countOf(policy.safePrivate, 'element')} vouched for`]]] as const)),
  ];
  const width = Math.max(...rows.map(([label]) => label.length));
  return rows.flatMap(([label, lines]) =>
    lines
      .flatMap((line) => wrap(escapeText(line), style.width - width - 4))
      .map((line, at) => `  ${style.paint('grey', pad(at === 0 ? label : '', width))}  ${line}`),
  );
}

function prefix(letters: string): string {
  return letters === '' ? 'without a prefix' : `beginning with ${letters}`;
}

/** The table's attributes, by what becomes of them. */
function attributes({ attributes: counts }: PolicyMeaning, style: Style): string[] {
  const all = Object.values(counts).reduce((sum, count) => sum + count, 0);
  const rows = DONE_WORDS.flatMap((word) => {
    const count = counts[word] ?? 0;
    return count === 0 ? [] : [[word, formatCount(count)] as const];
  });
  const width = Math.max(...rows.map(([word]) => word.length));
  const digits = Math.max(...rows.map(([, count]) => count.length));
  return [
    style.paint('bold', `Of the ${formatCount(all)} attributes that the standard names`),
    ...rows.map(([word, count]) => `  ${pad(word, width)}  ${pad(count, digits, 'right')}`),
  ];
}

function rules({ rules: all }: PolicyMeaning, style: Style): string[] {
  if (all.length === 0) return [];
  const rows = all
    .slice(0, MAX_RULES)
    .map(({ keyword, tag, without, action, value, reason }): Cell[] => [
      tag,
      keyword,
      `${without} ${style.marks.arrow} ${action}${value === undefined ? '' : ` by ${value}`}`,
      reason,
    ]);
  const columns = [
    { title: 'tag' },
    { title: 'element', least: 12 },
    { title: 'instead', least: 12 },
    { title: 'because', wraps: true },
  ];
  return [
    '',
    style.paint('bold', `${countOf(all.length, 'rule')} about single elements`),
    renderTable(columns, rows, style).trimEnd(),
    ...(all.length > MAX_RULES
      ? [`and ${formatCount(all.length - MAX_RULES)} more, which --json has`]
      : []),
  ];
}

/** More of them nobody reads on a terminal. */
const MAX_RULES = 60;

function vocabularies({ vocabularies: all }: PolicyMeaning): string[] {
  return all.map(
    ({ element, values, words }) =>
      `${element}: ${countOf(values, 'value')}, ${countOf(words, 'word')}`,
  );
}

function list(title: string, entries: readonly string[], style: Style): string[] {
  if (entries.length === 0) return [];
  return [
    '',
    style.paint('bold', title),
    ...entries.flatMap((entry) => item(escapeText(entry), '-', style)),
  ];
}

function item(text: string, mark: string, style: Style): string[] {
  return wrap(text, style.width - 4).map((line, at) => `  ${at === 0 ? mark : ' '} ${line}`);
}
