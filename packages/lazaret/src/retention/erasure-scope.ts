/**
 * What an erasure is about: items with all the lives that they have had, and the deliveries that
 * they are in. Looked up before anything is removed, and the same for a dry run.
 */
import { sql } from 'kysely';
import { engineCodes } from '../engine/codes.ts';
import { hashOfSubject } from '../engine/erased.ts';
import { parseItems } from '../engine/selection.ts';
import { originOf } from '../identity/forgotten.ts';
import type { ProjectKey } from '../identity/keys.ts';
import { fromMultirange } from '../store/item-set.ts';
import type { Db } from '../store/open.ts';
import { findRun, projectKeyId, type Trx } from '../store/runs.ts';
import { refuseFor } from './at-work.ts';
import { configurationsOf } from './configurations.ts';
import type { RetentionHands } from './removals.ts';

/** One of these. */
export type ErasureSelection =
  { readonly items: readonly string[] } | { readonly run: string } | { readonly subject: string };

export interface Life {
  readonly run: string;
  readonly no: number;
}

export interface Scope {
  /** The items as they first arrived. */
  readonly roots: readonly Life[];
  readonly lives: readonly Life[];
  readonly deliveries: readonly {
    readonly run: string;
    readonly key: string;
    readonly bytes: number;
  }[];
  /** Names of the copies that are kept. */
  readonly copies: readonly { readonly run: string; readonly name: string }[];
  /** Digests of source bytes, as far as they are known. */
  readonly digests: readonly string[];
  /** Keyed hash of whose data it is, where the selection is of a person. */
  readonly subjectHashes: readonly string[];
}

/** @throws RunNotFound, ItemNotFound, NothingToErase, EraseNotNow, EraseSharesDelivery */
export async function scopeOf(
  hands: RetentionHands,
  db: Db | Trx,
  project: string,
  key: ProjectKey,
  selection: ErasureSelection,
): Promise<Scope> {
  const subjectHashes =
    'subject' in selection ? await subjectHashesOf(hands, db, project, key, selection.subject) : [];
  const named = await namedLives(hands, db, project, selection, subjectHashes);
  const lives = await allLives(db, project, named);
  if (lives.length === 0) throw engineCodes.fault('NothingToErase', {});
  const roots = lives.filter(({ isRoot }) => isRoot);
  refuseFor(lives.filter(({ isSettled }) => !isSettled).map(({ short }) => short));
  return {
    roots,
    lives,
    subjectHashes,
    deliveries: await deliveriesOf(db, lives),
    copies: await copiesOf(db, roots),
    digests: await digestsOf(db, roots, lives),
  };
}

/** A project that never had a key has nothing, and is not given a key for having been asked about. */
export async function refuseUnknown(db: Db, project: string): Promise<void> {
  if ((await projectKeyId(db, project)) === null) throw engineCodes.fault('NothingToErase', {});
}

/** Hashes of a patient in each way that a run of the project would have made them. */
async function subjectHashesOf(
  { pipelineOf }: RetentionHands,
  db: Db | Trx,
  project: string,
  key: ProjectKey,
  pseudonym: string,
): Promise<string[]> {
  const origin = await originOf(db, key, pseudonym);
  if (origin === null) return [];
  const runs = await configurationsOf(db, project);
  const subjects = runs.flatMap(({ pipeline, configuration }) => {
    const { erasing } = pipelineOf(pipeline);
    return erasing === undefined ? [] : [erasing.subjectOfOrigin(origin, configuration)];
  });
  return [...new Set(subjects)].map((subject) => hashOfSubject(key, subject));
}

async function namedLives(
  { pipelineOf }: RetentionHands,
  db: Db | Trx,
  project: string,
  selection: ErasureSelection,
  subjectHashes: readonly string[],
): Promise<Life[]> {
  if ('items' in selection) return namedItems(db, project, selection.items);
  if ('run' in selection) {
    const run = await findRun(db, selection.run);
    if (run === null || run.project !== project) throw engineCodes.fault('NothingToErase', {});
    return range(run.id, 1, run.next_item - 1);
  }
  const { rows: held } = await sql<Life>`
    select distinct i.run, i.no from lazaret.published_item i
    join lazaret.run r on r.id = i.run
    where r.project = ${project} and i.subject = any(${[...subjectHashes]}::text[])`.execute(db);
  const { rows: delivered } = await sql<{
    run: string;
    pipeline: string;
    key: string;
    refs: string;
  }>`
    select d.run, r.pipeline, d.key, d.refs from lazaret.published_delivery d
    join lazaret.run r on r.id = d.run
    where r.project = ${project} and position(${selection.subject} in d.key) > 0`.execute(db);
  const mine = delivered.filter(
    ({ pipeline, key }) => pipelineOf(pipeline).erasing?.pseudonymOf(key) === selection.subject,
  );
  return [
    ...held,
    ...mine.flatMap(({ run, refs }) => fromMultirange(refs).map((no) => ({ run, no }))),
  ];
}

async function namedItems(
  db: Db | Trx,
  project: string,
  names: readonly string[],
): Promise<Life[]> {
  const lives: Life[] = [];
  for (const name of names) {
    const { run: short, first, last } = parseItems(name);
    const run = await findRun(db, short);
    if (run === null || run.project !== project || last >= run.next_item) {
      throw engineCodes.fault('NothingToErase', {});
    }
    lives.push(...range(run.id, first, last));
  }
  return lives;
}

function range(run: string, first: number, last: number): Life[] {
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, at) => ({
    run,
    no: first + at,
  }));
}

interface FoundLife extends Life {
  readonly short: string;
  readonly isRoot: boolean;
  readonly isSettled: boolean;
}

/** All lives of these items that are not erased yet. */
async function allLives(
  db: Db | Trx,
  project: string,
  named: readonly Life[],
): Promise<readonly FoundLife[]> {
  const { rows } = await sql<FoundLife>`
    with named as (
      select * from unnest(${named.map(({ run }) => run)}::uuid[], ${named.map(({ no }) => no)}::bigint[])
        as n(run, no)
    ), roots as (
      select distinct coalesce(d.root_run, n.run) as run, coalesce(d.root_no, n.no) as no
      from named n left join lazaret.descent d on d.run = n.run and d.no = n.no
    ), lives as (
      select run, no, true as is_root from roots
      union all
      select d.run, d.no, false from lazaret.descent d
      join roots on roots.run = d.root_run and roots.no = d.root_no
    )
    select l.run, l.no, r.short, l.is_root as "isRoot", exists (
        select 1 from lazaret.published_outcome o where o.run = l.run and o.refs @> l.no
      ) as "isSettled"
    from lives l join lazaret.run r on r.id = l.run
    where r.project = ${project} and not exists (
      select 1 from lazaret.erased e where e.run = l.run and e.no = l.no)
    order by l.run, l.no`.execute(db);
  return rows;
}

async function deliveriesOf(db: Db | Trx, lives: readonly Life[]): Promise<Scope['deliveries']> {
  const byRun = Map.groupBy(lives, ({ run }) => run);
  const rows = await db
    .selectFrom('lazaret.published_delivery')
    .select(['run', 'key', 'bytes', 'refs'])
    .where('run', 'in', [...byRun.keys()])
    .execute();
  const found: Scope['deliveries'][number][] = [];
  let items = 0;
  let others = 0;
  for (const { run, key, bytes, refs } of rows) {
    const numbers = fromMultirange(refs);
    const mine = new Set((byRun.get(run) ?? []).map(({ no }) => no));
    const inside = numbers.filter((no) => mine.has(no)).length;
    if (inside === 0) continue;
    if (inside < numbers.length) {
      items += inside;
      others += numbers.length - inside;
    }
    found.push({ run, key, bytes: Number(bytes) });
  }
  if (others > 0) throw engineCodes.fault('EraseSharesDelivery', { items, others });
  return found;
}

async function copiesOf(db: Db | Trx, roots: readonly Life[]): Promise<Scope['copies']> {
  const { rows } = await sql<{ run: string; name: string }>`
    select c.run, c.name from lazaret.copy c
    join ${lifeTable(roots)} on l.run = c.run and l.no = c.no
    where c.state = 'kept'`.execute(db);
  return rows;
}

async function digestsOf(
  db: Db | Trx,
  roots: readonly Life[],
  lives: readonly Life[],
): Promise<string[]> {
  const { rows } = await sql<{ digest: string }>`
    select t.digest from lazaret.receipt t join ${lifeTable(roots)} on l.run = t.run and l.no = t.no
    union
    select i.digest from lazaret.item i join ${lifeTable(lives)} on l.run = i.run and l.no = i.no
    where i.digest is not null`.execute(db);
  return rows.map(({ digest }) => digest);
}

/** Items as a table `l(run, no)`. */
export function lifeTable(lives: readonly Life[]): ReturnType<typeof sql> {
  return sql`unnest(${lives.map(({ run }) => run)}::uuid[], ${lives.map(({ no }) => no)}::bigint[])
    as l(run, no)`;
}
