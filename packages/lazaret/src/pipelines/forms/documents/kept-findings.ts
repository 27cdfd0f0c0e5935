/**
 * The findings of a file, in the order of its records, a page at a time: there may be a million.
 * An item that was sent in again has findings in each of its lives. Those of the latest one count;
 * the others come along marked, so that whoever counts knows how many are kept of each kind.
 */
import { sql } from 'kysely';
import type { FindingTable } from '../../../store/tables.ts';
import type { Db } from '../../../store/open.ts';
import { CHECKS, type Check } from '../study.ts';
import type { FiledRun, RunFile } from './filed-run.ts';

export interface KeptFinding extends Pick<
  FindingTable,
  'step' | 'code' | 'type' | 'sealed' | 'decision' | 'at'
> {
  readonly id: string;
  /** As the file has it: the number of its first life. Null: about the file as a whole. */
  readonly item: number | null;
  /** The life that it was found in. */
  readonly run: string;
  readonly no: number | null;
  readonly parameters: Readonly<Record<string, string | number | boolean | readonly string[]>>;
  readonly place: Readonly<Record<string, string | number>>;
  /** Whether no later life has settled the item since. */
  readonly current: boolean;
}

const PAGE_ROWS = 2_000;

const COLUMNS = sql`f.id, f.run, f.item as no, f.step, f.code, f.type, f.parameters, f.sealed,
  f.place, f.decision, f.at,
  not exists (
    select 1 from lazaret.descent n
    join lazaret.published_outcome o on o.run = n.run and o.refs @> n.no
    where n.parent_run = f.run and n.parent_no = f.item
  ) as current`;

/** Of what was erased the store knows that something was found, and nobody is told any more. */
const NOT_ERASED = sql<boolean>`not exists (
  select 1 from lazaret.erased e where e.run = f.run and e.no = f.item)`;

/** Findings of one check about one file. Warnings are left out: nothing needs to be done. */
export async function* keptFindings(
  db: Db,
  run: FiledRun,
  file: RunFile,
  check: Check,
): AsyncGenerator<KeptFinding> {
  yield* await aboutFile(db, run, file, check);
  const later = run.lives.length > 1 ? await ofLaterLives(db, run, file, check) : [];
  let taken = 0;
  for await (const page of ofFirstLife(db, run, file, check)) {
    const last = page.at(-1)?.item ?? Infinity;
    const start = taken;
    while (taken < later.length && (later[taken]?.item ?? 0) <= last) taken += 1;
    yield* [...page, ...later.slice(start, taken)].sort(byPlace);
  }
  yield* later.slice(taken);
}

/** The order in which somebody reads a file, and the same one for the same findings. */
function byPlace(a: KeptFinding, b: KeptFinding): number {
  return (
    (a.item ?? 0) - (b.item ?? 0) ||
    Number(a.place['offset'] ?? 0) - Number(b.place['offset'] ?? 0) ||
    compare(a.place['column'] ?? a.place['pointer'], b.place['column'] ?? b.place['pointer']) ||
    compare(a.code, b.code) ||
    compare(a.parameters['ruleCode'], b.parameters['ruleCode']) ||
    compare(a.parameters['rule'], b.parameters['rule']) ||
    compare(a.id, b.id)
  );
}

function compare(a: unknown, b: unknown): number {
  const [first, second] = [a, b].map((one) =>
    typeof one === 'string' ? one : JSON.stringify(one ?? ''),
  ) as [string, string];
  return first < second ? -1 : first > second ? 1 : 0;
}

/** Whole items only, so that pages can be sorted one by one. */
async function* ofFirstLife(
  db: Db,
  run: FiledRun,
  { from, to }: RunFile,
  check: Check,
): AsyncGenerator<KeptFinding[]> {
  let next = from;
  for (let limit = PAGE_ROWS; next < to;) {
    const { rows } = await sql<KeptFinding>`
      select f.item, ${COLUMNS} from lazaret.published_finding f
      where f.run = ${run.id} and f.item >= ${next} and f.item < ${to} and f.type != 'warning'
        and ${ofCheck(check)} and ${NOT_ERASED}
      order by f.item limit ${limit}`.execute(db);
    const isLast = rows.length < limit;
    const last = rows.at(-1)?.item ?? to;
    const whole = isLast ? rows : rows.filter(({ item }) => (item ?? 0) < last);
    if (whole.length === 0 && !isLast) {
      // One item fills the page: a larger one has all of it.
      limit *= 2;
      continue;
    }
    if (whole.length > 0) yield whole.sort(byPlace);
    next = isLast ? to : last;
    limit = PAGE_ROWS;
  }
}

/** What was sent in again was held: few enough to be at hand at once, a thousand a batch. */
async function ofLaterLives(
  db: Db,
  run: FiledRun,
  { from, to }: RunFile,
  check: Check,
): Promise<KeptFinding[]> {
  const { rows } = await sql<KeptFinding>`
    select d.root_no as item, ${COLUMNS} from lazaret.descent d
    join lazaret.published_finding f on f.run = d.run and f.item = d.no
    where d.root_run = ${run.id} and d.root_no >= ${from} and d.root_no < ${to}
      and f.type != 'warning' and ${ofCheck(check)} and ${NOT_ERASED}`.execute(db);
  return rows.sort(byPlace);
}

/** About the file as a whole: told by the source, with the file's number, or by one of its batches. */
async function aboutFile(
  db: Db,
  run: FiledRun,
  { file, number }: RunFile,
  check: Check,
): Promise<KeptFinding[]> {
  const { rows } = await sql<KeptFinding>`
    select null as item, ${COLUMNS} from lazaret.published_finding f
    where f.run = ${run.id} and f.item is null and f.type != 'warning' and ${ofCheck(check)}
      and case
        when f.parameters->>'file' is not null then f.parameters->>'file' = ${String(number)}
        when f.batch is null then ${run.files.length} = 1
        else f.batch in (
          select batch from lazaret_forms.published_file_part
          where run = ${run.id} and file = ${file})
      end`.execute(db);
  return rows.sort(byPlace);
}

function ofCheck(check: Check): ReturnType<typeof sql<boolean>> {
  const [first, ...others] = CHECKS;
  return check === first
    ? sql<boolean>`f.step != all(${[...others]}::text[])`
    : sql<boolean>`f.step = ${check}`;
}
