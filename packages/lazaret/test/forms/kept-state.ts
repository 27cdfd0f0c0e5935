/**
 * Everything that a store keeps of a project of forms, opened where it is sealed, and without what
 * is another each time: names of runs, of batches and of decisions, and instants. Two projects with
 * the same key and the same history have equal states.
 */
import { sql, type RawBuilder } from 'kysely';
import { holds, proveLedger } from '../../src/store/ledger.ts';
import { openArrival, openFinding } from '../../src/engine/stage-rows.ts';
import type { Application } from '../../src/main.ts';
import { openDetail } from '../../src/pipelines/forms/alerts/alert-detail.ts';
import { unpackVisits } from '../../src/pipelines/forms/history/kept-visit.ts';

/** Rows by table, each as text, sorted. */
export type KeptState = Readonly<Record<string, readonly string[]>>;

export interface KeptProject {
  readonly state: KeptState;
  /** Puts the same words in the place of the project's own names and instants. */
  readonly withoutNames: (text: string) => string;
}

type Row = Readonly<Record<string, unknown>>;

export async function keptStateOf(
  { engine, store: { db } }: Application,
  project: string,
): Promise<KeptProject> {
  const key = await engine.keyOf(project);
  const rowsOf = async (query: RawBuilder<Row>): Promise<readonly Row[]> =>
    (await query.execute(db)).rows;
  const opened = (row: Row, column: string, open: (sealed: Uint8Array) => unknown): Row => {
    const sealed = row[column] as Uint8Array | null;
    return { ...row, [column]: sealed === null ? null : open(Uint8Array.from(sealed)) };
  };
  const ofProject = sql`run in (select id from lazaret.run where project = ${project})`;

  const names = await namesOf(rowsOf, project);
  const runs = await rowsOf(sql<Row>`select id, parent, status, counters, next_item
    from lazaret.run where project = ${project}`);
  const proven = await Promise.all(
    runs.map(async ({ id }) => ({ run: id, holds: holds(await proveLedger(db, String(id))) })),
  );
  const segments = await rowsOf(sql<Row>`select bucket, run, payload
    from lazaret_forms.published_segment where project = ${project}`);

  const tables: Record<string, readonly Row[]> = {
    runs,
    ledger: proven,
    batches: await rowsOf(sql<Row>`select run, stage, ordinal, status, has_error, items, cut
      from lazaret.batch where ${ofProject}`),
    outcomes: await rowsOf(sql<Row>`select run, disposition, range_agg(r)::text as items
      from lazaret.published_outcome, unnest(refs) r where ${ofProject} group by run, disposition`),
    items: (
      await rowsOf(sql<Row>`select run, no, disposition, code, stage, step, digest, same_as_run,
        same_as_no, arrival, facts from lazaret.published_item where ${ofProject}`)
    ).map((row) => opened(row, 'arrival', (sealed) => openArrival(key, sealed))),
    findings: (
      await rowsOf(sql<Row>`select run, item, stage, step, code, type, parameters, sealed, place,
        fingerprint, decision from lazaret.published_finding where ${ofProject}`)
    ).map((row) => opened(row, 'sealed', (sealed) => openFinding(key, sealed))),
    tally: await rowsOf(sql<Row>`select run, step, code, field, sum(count)::int as count
      from lazaret.published_tally where ${ofProject} group by run, step, code, field`),
    deliveries: await rowsOf(sql<Row>`select run, sink, bytes, refs::text as items
      from lazaret.published_delivery where ${ofProject}`),
    descent: await rowsOf(sql<Row>`select run, no, parent_run, parent_no, root_run, root_no
      from lazaret.descent where ${ofProject}`),
    decisions: await rowsOf(sql<Row>`select id, kind, by, reason, selection, run is null as alone
      from lazaret.decision where project = ${project}`),
    decided: await rowsOf(sql<Row>`select decision, run, no, code
      from lazaret.decision_item where ${ofProject}`),
    history: segments.flatMap(({ bucket, run, payload }) =>
      unpackVisits(key, Uint8Array.from(payload as Uint8Array)).map((visit) => ({
        ...{ bucket, run, visit },
      })),
    ),
    evaluations: (
      await rowsOf(sql<Row>`select bucket, key, visit, run, item_run, item, module, field, rule,
        code, rule_digest, state, standing, detail
        from lazaret_forms.published_evaluation where project = ${project}`)
    ).map((row) => opened(row, 'detail', (sealed) => openDetail(key, sealed))),
    alerts: await rowsOf(sql<Row>`select key, standing, version, run, item_run, item, decision
      from lazaret_forms.judged_alert where project = ${project}`),
    clearances: await rowsOf(sql<Row>`select key, version, bucket, state, rule_digest, clear,
      decision, by, reason from lazaret_forms.clearance where project = ${project}`),
    files: await rowsOf(sql<Row>`select run, file, range_agg(r)::text as items
      from lazaret_forms.published_file_part, unnest(refs) r where ${ofProject} group by run, file`),
    documents: await rowsOf(sql<Row>`select distinct run, about, kind, number
      from lazaret_forms.document where ${ofProject}`),
    leftovers: await leftoversOf(rowsOf, project),
  };
  const withoutNames = (text: string): string =>
    [...names].reduce((named, [name, word]) => named.replaceAll(name, word), text);
  const state = Object.entries(tables).map(([table, rows]) => [
    table,
    rows.map((row) => withoutNames(JSON.stringify(row))).toSorted(),
  ]);
  return {
    state: Object.fromEntries(state) as KeptState,
    withoutNames: (text) =>
      withoutNames(text).replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g, 'AT'),
  };
}

/** Runs are named by their parents and by their turn, decisions by their turn. */
async function namesOf(
  rowsOf: (query: RawBuilder<Row>) => Promise<readonly Row[]>,
  project: string,
): Promise<ReadonlyMap<string, string>> {
  const names = new Map<string, string>();
  const runs = await rowsOf(sql<Row>`select id, short, parent from lazaret.run
    where project = ${project} order by created_at`);
  const turns = new Map<string, number>();
  for (const { id, short, parent } of runs) {
    const before = names.get(parent as string) ?? 'run';
    const turn = (turns.get(before) ?? 0) + 1;
    turns.set(before, turn);
    names.set(String(id), `${before}-${turn}`);
    names.set(String(short), `${before}-${turn}`);
  }
  const decisions = await rowsOf(sql<Row>`select id from lazaret.decision
    where project = ${project} order by at`);
  for (const [index, { id }] of decisions.entries()) {
    names.set(String(id), `decision-${index + 1}`);
  }
  return names.set(project, 'PROJECT');
}

/** What of the runs' work is still there although it does not count, or is not needed any more. */
async function leftoversOf(
  rowsOf: (query: RawBuilder<Row>) => Promise<readonly Row[]>,
  project: string,
): Promise<readonly Row[]> {
  const tables = await rowsOf(sql<Row>`select table_schema as schema, table_name as name
    from information_schema.columns c join information_schema.tables t
      using (table_schema, table_name)
    where table_schema in ('lazaret', 'lazaret_forms') and table_type = 'BASE TABLE'
    group by 1, 2 having count(*) filter (where column_name in ('run', 'batch', 'attempt')) = 3`);
  const left: Row[] = [];
  for (const { schema, name } of tables) {
    if (name === 'intent') continue;
    const found = await rowsOf(sql<Row>`select ${name}::text as table, count(*)::int as count
      from ${sql.table(`${String(schema)}.${String(name)}`)} x
      join lazaret.run r on r.id = x.run and r.project = ${project}
      join lazaret.batch b on b.id = x.batch and b.published_attempt is distinct from x.attempt`);
    left.push(...found);
  }
  left.push(
    ...(await rowsOf(sql<Row>`select 'intent' as table, count(*)::int as count
      from lazaret.intent i join lazaret.run r on r.id = i.run
      where r.project = ${project} and i.state = 'open'`)),
    ...(await rowsOf(sql<Row>`select 'parcel' as table, count(*)::int as count
      from lazaret.parcel p join lazaret.run r on r.id = p.run
      where r.project = ${project} and (p.payload is not null or p.target is null)`)),
    ...(await rowsOf(sql<Row>`select 'queue' as table, count(*)::int as count
      from lazaret_queue.queue q join lazaret.run r on q.name = 'run-' || r.short
      where r.project = ${project}`)),
  );
  return left.filter(({ count }) => count !== 0);
}
