/** The fix list as a table to work through in a spreadsheet: a line for each value. */
import { labelOf, type FixEntry, type FixList } from './fix-list.ts';
import { spreadsheetLine } from './spreadsheet-cell.ts';

const HEADER = [
  ...['site', 'to do', 'participant', 'visit', 'visit date', 'initials', 'file', 'line', 'record'],
  ...['column', 'what is wrong', 'value', 'expected', 'what to do', 'code'],
];

/** Spreadsheets take a file without it for one of their country's older character set. */
const BYTE_ORDER_MARK = '\ufeff';

export function* writeFixListCsv(list: FixList): Generator<string> {
  yield BYTE_ORDER_MARK + spreadsheetLine(HEADER);
  for (const entry of list.entries) yield spreadsheetLine(cellsOf(list, entry));
  for (const { type, label, column, words, total, listed } of list.kinds) {
    if (total === listed) continue;
    const more = `${total - listed} more of this kind, not listed one by one: ${words}`;
    yield spreadsheetLine([
      ...[list.site, todoOf(type), '', '', '', '', '', '', ''],
      ...[column, more, '', '', 'Look for what they have in common.', label],
    ]);
  }
}

function cellsOf({ site }: FixList, entry: FixEntry): (string | number)[] {
  const { type, about, file, place, column, message, value, expected } = entry;
  return [
    ...[site, todoOf(type), about.participant, about.visit, about.date, about.initials],
    ...[file.name, place.line ?? '', place.record ?? '', column],
    ...[message, value ?? '', expected, adviceOn(entry), labelOf(entry)],
  ];
}

/** What is to be done about it, in a word. */
export function todoOf(type: FixEntry['type']): string {
  return type === 'error' ? 'mend' : 'check';
}

/** What the site is to do: clearing an alert is the data manager's part. */
export function adviceOn({ type, action }: FixEntry): string {
  return type === 'error'
    ? action
    : 'If it is right, tell the data manager why; if not, correct it in the file and send the file again.';
}
