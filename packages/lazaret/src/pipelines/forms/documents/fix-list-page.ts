/**
 * The fix list as a page: one file, without scripts and without anything from elsewhere, so that it
 * can be mailed, printed and opened anywhere. What needs somebody comes first.
 */
import { adviceOn, todoOf } from './fix-list-csv.ts';
import { labelOf, type FixEntry, type FixKind, type FixList } from './fix-list.ts';
import { escapeMarkup } from './markup.ts';
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

function head({ run, site, errors, alerts, entries }: FixList): string {
  const concerned = new Set(entries.map(({ file }) => file.file));
  const ofSite = run.files.filter(({ file }) => concerned.has(file));
  const names = ofSite.map(({ name }) => `<code>${escapeMarkup(name)}</code>`);
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
          `<li class="error">${tag('error')}: correct the value in the file and send the file again. A visit with such a value has not been taken in.</li>`,
        ]
      : []),
    ...(alerts > 0
      ? [
          `<li class="alert">${tag('alert')}: the value is possible but unusual. If it is right, tell the data manager why; if not, correct it in the file and send the file again. Until then the visit waits.</li>`,
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
      `<td role="cell">${tag(type)}</td>`,
      `<td role="cell">${columnCell(column)}</td>`,
      `<td role="cell" class="words">${escapeMarkup(words)} ${codeOf(label)}</td>`,
      `<td role="cell" class="number">${count(total)}${note}</td>`,
    ];
    return `<tr role="row">${cells.join('')}</tr>`;
  });
  return `<section aria-labelledby="kinds">
<h2 id="kinds">In short</h2>
<table class="kinds" role="table">
${headOf([['To do'], ['Column'], ['What is wrong'], ['How often', 'number']])}
<tbody role="rowgroup">
${rows.join('\n')}
</tbody>
</table>
</section>
`;
}

function* entryTables(shown: readonly FixEntry[]): Generator<string> {
  const subjects = Map.groupBy(shown, (entry) => (entry.isOfFile ? null : entry.about.participant));
  for (const [participant, entries] of subjects) {
    yield `<section>\n<h2>${subjectTitle(participant)}</h2>\n${TABLE_HEAD}`;
    const records = Map.groupBy(entries, ({ about, file, place }) =>
      JSON.stringify([about.visit, file.file, place.record ?? place.line ?? place.pointer ?? '']),
    );
    for (const some of records.values()) yield recordRows(some);
    yield '</table>\n</section>\n';
  }
}

/** Names of columns, each with its class where it has one. */
function headOf(columns: readonly (readonly [name: string, className?: string])[]): string {
  const cells = columns.map(([name, className]) => {
    const shown = className === undefined ? '' : ` class="${className}"`;
    return `<th role="columnheader" scope="col"${shown}>${name}</th>`;
  });
  return `<thead role="rowgroup"><tr role="row">${cells.join('')}</tr></thead>`;
}

// The roles say what the elements are by themselves, until a narrow screen lays them out otherwise:
// browsers then forget that they are a table.
const TABLE_HEAD = `<table class="fix" role="table">
${headOf([
  ['To do', 'to-do'],
  ['Column', 'column'],
  ['What is wrong'],
  ['Value', 'value'],
  ['Expected', 'expected'],
  ['What to do', 'action'],
])}
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
  const { about, file } = first;
  const what = [
    about.visit === '' ? '' : `Visit ${escapeMarkup(about.visit)}`,
    escapeMarkup(about.date),
    about.initials === '' ? '' : `entered by ${escapeMarkup(about.initials)}`,
  ].filter((part) => part !== '');
  const where = [`<code>${escapeMarkup(file.name)}</code>`, placeInFile(entries)];
  const title = what.length === 0 ? '' : `${what.join(', ')} · `;
  return `<tbody role="rowgroup">
<tr role="row" class="record"><th role="rowheader" scope="rowgroup" colspan="6">${title}<span class="where">${where.filter((part) => part !== '').join(', ')}</span></th></tr>
${entries.map(row).join('\n')}
</tbody>
`;
}

/**
 * The line is what a spreadsheet numbers, too; a record whose cells have several has several. JSON
 * has no lines that anybody counts.
 */
function placeInFile(entries: readonly FixEntry[]): string {
  const lines = entries.flatMap(({ place: { line, pointer } }) =>
    line === undefined || pointer !== undefined ? [] : [line],
  );
  const [first, last] = [Math.min(...lines), Math.max(...lines)];
  if (lines.length > 0) return first === last ? `line ${first}` : `lines ${first} to ${last}`;
  const record = entries[0]?.place.record;
  return record === undefined ? '' : `record ${record}`;
}

function row(entry: FixEntry): string {
  const { type, column, message, value, expected } = entry;
  const cells: [string, string][] = [
    ['To do', tag(type)],
    ['Column', columnCell(column)],
    ['What is wrong', `<span>${escapeMarkup(message)} ${codeOf(labelOf(entry))}</span>`],
    ['Value', value === null ? none('–') : value === '' ? none('empty') : valueCell(value)],
    ['Expected', expected === '' ? none('–') : `<span>${escapeMarkup(expected)}</span>`],
    ['What to do', `<span>${escapeMarkup(adviceOn(entry))}</span>`],
  ];
  const laid = cells.map(([label, cell]) => `<td role="cell" data-label="${label}">${cell}</td>`);
  return `<tr role="row">${laid.join('')}</tr>`;
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
