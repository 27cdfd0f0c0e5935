/**
 * The fix list as a page: one file, without scripts and without anything from elsewhere, so that it
 * can be mailed, printed and opened anywhere. What needs somebody comes first.
 */
import { todoOf } from './fix-list-csv.ts';
import { labelOf, type FixEntry, type FixKind, type FixList } from './fix-list.ts';
import { escapeMarkup } from './markup.ts';
import { isSpecial } from './mistake.ts';
import { PAGE_STYLE } from './page-style.ts';

/** Of one kind on a page; the table for spreadsheets has more. */
const MAX_OF_KIND = 100;
/** Of a page: a browser takes its time with more, and so do people. */
const MAX_ROWS = 3_000;

const SIGNS = { error: '✕', alert: '◼' } as const;

export function* writeFixListPage(list: FixList): Generator<string> {
  const shown = choose(list.entries);
  yield head(list);
  yield todo(list);
  yield kindsTable(list, shown);
  yield* entryTables(shown);
  const left = list.errors + list.alerts - shown.length;
  yield `</main>
<footer><p>${
    left === 0
      ? 'This list is complete.'
      : `${count(left)} more are not on this page; see the counts above. The table for spreadsheets has up to a thousand of each kind.`
  } Lazaret, run <code>${escapeMarkup(list.run.short)}</code>. It holds data of participants: treat it as you treat their records.</p></footer>
</body>
</html>
`;
}

/** The first ones of each kind, in the order of the list. */
function choose(entries: readonly FixEntry[]): FixEntry[] {
  const taken = new Map<string, number>();
  const chosen = entries.filter((entry) => {
    const kind = slotOf(entry);
    const before = taken.get(kind) ?? 0;
    taken.set(kind, before + 1);
    return before < MAX_OF_KIND;
  });
  return chosen.slice(0, MAX_ROWS);
}

function slotOf({ type, code, column }: Pick<FixKind, 'type' | 'code' | 'column'>): string {
  return JSON.stringify([type, code, column]);
}

function head({ run, site, errors, alerts }: FixList): string {
  const names = run.files.map(({ name }) => `<code>${escapeMarkup(name)}</code>`);
  const some = names.slice(0, 5).join(', ');
  const files = names.length > 5 ? `${some} and ${count(names.length - 5)} more` : some;
  const title = `Fix list of site ${escapeMarkup(site)}`;
  const counts = [
    ...(errors > 0 ? [`${plural(errors, 'value')} to mend`] : []),
    ...(alerts > 0 ? [`${count(alerts)} to check`] : []),
  ].join(', ');
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="robots" content="noindex">
<title>${title}, run ${escapeMarkup(run.short)}</title>
<style>${PAGE_STYLE}</style>
</head>
<body>
<header>
<p class="mark"><span class="flag" aria-hidden="true"></span>${title}</p>
<h1>${counts}</h1>
<p class="where">${files}, received ${dayOf(run.startedAt)}, run <code>${escapeMarkup(run.short)}</code></p>
</header>
<main>
`;
}

function todo({ errors, alerts }: FixList): string {
  const items = [
    ...(errors > 0
      ? [
          `<li class="error">${tag('error')}: correct the value where it was recorded and send the visit again. A visit with such a value has not been taken in.</li>`,
        ]
      : []),
    ...(alerts > 0
      ? [
          `<li class="alert">${tag('alert')}: the value is possible but unusual. If it is right, tell the data manager why; if not, correct it and send the visit again. Until then the visit waits.</li>`,
        ]
      : []),
  ];
  return `<ul class="todo">\n${items.join('\n')}\n</ul>
<p>Visits that are not on this list need nothing from you.</p>
`;
}

function kindsTable({ kinds }: FixList, shown: readonly FixEntry[]): string {
  const below = Map.groupBy(shown, slotOf);
  const rows = kinds.map((kind) => {
    const { type, column, words, label, total } = kind;
    const listed = below.get(slotOf(kind))?.length ?? 0;
    const note =
      listed === total
        ? ''
        : `<br><span class="more">${count(listed)} below, ${count(total - listed)} more of this kind</span>`;
    const cells = [
      `<td>${tag(type)}</td>`,
      `<td>${columnCell(column)}</td>`,
      `<td>${escapeMarkup(words)} ${codeOf(label)}</td>`,
      `<td class="number">${count(total)}${note}</td>`,
    ];
    return `<tr>${cells.join('')}</tr>`;
  });
  return `<section aria-labelledby="kinds">
<h2 id="kinds">In short</h2>
<table class="kinds">
<thead><tr><th scope="col">To do</th><th scope="col">Column</th><th scope="col">What is wrong</th><th scope="col" class="number">How often</th></tr></thead>
<tbody>
${rows.join('\n')}
</tbody>
</table>
</section>
`;
}

function* entryTables(shown: readonly FixEntry[]): Generator<string> {
  const subjects = Map.groupBy(shown, (entry) =>
    isSpecial(entry) ? null : entry.about.participant,
  );
  for (const [participant, entries] of subjects) {
    yield `<section>\n<h2>${subjectTitle(participant)}</h2>\n${TABLE_HEAD}`;
    const records = Map.groupBy(entries, ({ about, file, place }) =>
      JSON.stringify([about.visit, file.file, place.record ?? place.line ?? place.pointer ?? '']),
    );
    for (const some of records.values()) yield recordRows(some);
    yield '</table>\n</section>\n';
  }
}

const TABLE_HEAD = `<table class="fix">
<thead><tr><th scope="col" class="to-do">To do</th><th scope="col" class="column">Column</th><th scope="col">What is wrong</th><th scope="col" class="value">Value</th><th scope="col" class="expected">Expected</th><th scope="col" class="action">What to do</th></tr></thead>
`;

/** @param participant null: about files as a whole. */
function subjectTitle(participant: string | null): string {
  if (participant === null) return 'About whole files';
  return participant === ''
    ? 'Records without a participant'
    : `Participant ${escapeMarkup(participant)}`;
}

function recordRows(entries: readonly FixEntry[]): string {
  const [first] = entries;
  if (first === undefined) return '';
  const { about, file, place } = first;
  const what = [
    about.visit === '' ? '' : `Visit ${escapeMarkup(about.visit)}`,
    escapeMarkup(about.date),
    about.initials === '' ? '' : `entered by ${escapeMarkup(about.initials)}`,
  ].filter((part) => part !== '');
  const where = [`<code>${escapeMarkup(file.name)}</code>`, placeInFile(place)];
  const title = what.length === 0 ? '' : `${what.join(', ')} · `;
  return `<tbody>
<tr class="record"><th scope="rowgroup" colspan="6">${title}<span class="where">${where.filter((part) => part !== '').join(', ')}</span></th></tr>
${entries.map(row).join('\n')}
</tbody>
`;
}

/** The line is what a spreadsheet numbers, too; JSON has no lines that anybody counts. */
function placeInFile({ line, record }: FixEntry['place']): string {
  if (line !== undefined) return `line ${count(line)}`;
  return record === undefined ? '' : `record ${count(record)}`;
}

function row(entry: FixEntry): string {
  const { type, column, message, value, expected, action } = entry;
  const cells: [string, string][] = [
    ['To do', tag(type)],
    ['Column', columnCell(column)],
    ['What is wrong', `<span>${escapeMarkup(message)} ${codeOf(labelOf(entry))}</span>`],
    ['Value', value === null ? none('–') : value === '' ? none('empty') : valueCell(value)],
    ['Expected', expected === '' ? none('–') : `<span>${escapeMarkup(expected)}</span>`],
    ['What to do', `<span>${escapeMarkup(action)}</span>`],
  ];
  return `<tr>${cells.map(([label, cell]) => `<td data-label="${label}">${cell}</td>`).join('')}</tr>`;
}

function valueCell(value: string): string {
  return `<span><code class="value"><bdi>${escapeMarkup(value)}</bdi></code></span>`;
}

function none(words: string): string {
  return `<span class="none">${words}</span>`;
}

function tag(type: FixEntry['type']): string {
  const word = todoOf(type);
  return `<span class="tag ${type}"><span aria-hidden="true">${SIGNS[type]}</span> ${word}</span>`;
}

function columnCell(column: string): string {
  return column === '' ? none('–') : `<code>${escapeMarkup(column)}</code>`;
}

function codeOf(code: string): string {
  return `<code class="code">${escapeMarkup(code)}</code>`;
}

const counts = new Intl.NumberFormat('en-GB');

function count(value: number): string {
  return counts.format(value);
}

function plural(value: number, noun: string): string {
  return `${count(value)} ${noun}${value === 1 ? '' : 's'}`;
}

const days = new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeZone: 'UTC' });

function dayOf(at: Date): string {
  return `${days.format(at)} (UTC)`;
}
