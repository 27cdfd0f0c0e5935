/**
 * What an erasure is about: items with all the lives that they have had, and the deliveries that
 * they are in. Looked up before anything is removed, and the same for a dry run.
 */
import { sql } from 'kysely';
import { engineCodes } from '../engine/codes.ts';
import { hashOfSubject } from '../engine/erased.ts';
import type { ErasureContext, ItemLife } from '../engine/pipeline.ts';
import { parseItems } from '../engine/selection.ts';
import { originOf } from '../identity/forgotten.ts';
import type { ProjectKey } from '../identity/keys.ts';
import { fromMultirange } from '../store/item-set.ts';
import type { Db } from '../store/open.ts';
import { findRun, projectKeyId, type Trx } from '../store/runs.ts';
import { refuseFor, runsUnderWay } from './at-work.ts';
import { configurationsOf } from './configurations.ts';
import type { RetentionHands } from './removals.ts';

/** One of these. */
export type ErasureSelection =
  { readonly items: readonly string[] } | { readonly run: string } | { readonly subject: string };

/** What of a project an erasure is about. */
export interface Scope {
  /** The items as they first arrived. */
  readonly roots: readonly ItemLife[];
  readonly lives: readonly ItemLife[];
  /** Deliveries that go as a whole. */
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
  /** By pipeline, whose data it is where many persons share a file. */
  readonly subjects: ReadonlyMap<string, readonly string[]>;
  /** How many other names the same person has, whose data stays. */
  readonly otherNames: number;
}

/** @throws RunNotFound, ItemNotFound, NothingToErase, EraseNotNow, EraseSharesDelivery */
export async function scopeOf(
  hands: RetentionHands,
  db: Db | Trx,
  project: string,
  key: ProjectKey,
  selection: ErasureSelection,
): Promise<Scope> {
  const context = { db, key, project };
  const named =
    'subject' in selection
      ? await namedSubject(hands, context, selection.subject)
      : await namedItems(hands, context, selection);
  const lives = await allLives(db, project, named.items);
  if (lives.length === 0 && !named.isKept) {
    if ('subject' in selection) refuseFor(await runsUnderWay(db, project, sharedOf(hands)));
    throw engineCodes.fault('NothingToErase', {});
  }
  const roots = lives.filter(({ isRoot }) => isRoot);
  refuseFor(lives.filter(({ isSettled }) => !isSettled).map(({ short }) => short));
  const whole = lives.filter(({ pipeline }) => !isShared(hands, pipeline));
  const { subjectHashes, subjects, otherNames } = named;
  return {
    ...{ roots, lives, subjectHashes, subjects, otherNames },
    deliveries: await deliveriesOf(db, whole),
    copies: await copiesOf(db, roots),
    digests: await digestsOf(
      db,
      whole.filter(({ isRoot }) => isRoot),
      whole,
    ),
  };
}

function sharedOf({ pipelines }: RetentionHands): string[] {
  return pipelines.filter(({ erasing }) => erasing?.shared !== undefined).map(({ name }) => name);
}

function isShared({ pipelineOf }: RetentionHands, pipeline: string): boolean {
  return pipelineOf(pipeline).erasing?.shared !== undefined;
}

/** A project that never had a key has nothing, and is not given a key for having been asked about. */
export async function refuseUnknown(db: Db, project: string): Promise<void> {
  if ((await projectKeyId(db, project)) === null) throw engineCodes.fault('NothingToErase', {});
}

interface Named {
  readonly items: readonly ItemLife[];
  readonly subjectHashes: readonly string[];
  readonly subjects: Scope['subjects'];
  readonly otherNames: number;
  /** Whether there is something to forget besides items. */
  readonly isKept: boolean;
}

/** A person, as any of the pipelines knows them. @throws EraseNotNow */
async function namedSubject(
  hands: RetentionHands,
  context: ErasureContext,
  name: string,
): Promise<Named> {
  const { db, key, project } = context;
  const subjects = new Map<string, readonly string[]>();
  const items: ItemLife[] = [];
  const hashes = await patientHashes(hands, context, name);
  let otherNames = 0;
  let isKept = false;
  for (const { name: pipeline, erasing } of hands.pipelines) {
    const found = (await erasing?.shared?.find(context, name)) ?? null;
    if (found === null) continue;
    refuseFor(found.pendingIn);
    subjects.set(pipeline, found.subjects);
    for (const item of found.items) items.push(item);
    hashes.push(...found.subjects.map((subject) => hashOfSubject(key, subject)));
    otherNames += found.otherNames;
    isKept ||= found.isKept;
  }
  const held = await itemsOf(db, project, hashes);
  const delivered = await deliveredTo(hands, db, project, name);
  return {
    items: [...items, ...held, ...delivered],
    subjectHashes: hashes,
    subjects,
    otherNames,
    isKept,
  };
}

/** Hashes of a patient in each way that a run of the project would have made them. */
async function patientHashes(
  { pipelineOf }: RetentionHands,
  { db, key, project }: ErasureContext,
  pseudonym: string,
): Promise<string[]> {
  const origin = await originOf(db, key, pseudonym);
  if (origin === null) return [];
  const runs = await configurationsOf(db, project);
  const subjects = runs.flatMap(({ pipeline, configuration }) => {
    const mapped = pipelineOf(pipeline).erasing?.mapped;
    return mapped === undefined ? [] : [mapped.subjectOfOrigin(origin, configuration)];
  });
  return [...new Set(subjects)].map((subject) => hashOfSubject(key, subject));
}

/** What was not delivered of these subjects. */
async function itemsOf(
  db: Db | Trx,
  project: string,
  subjectHashes: readonly string[],
): Promise<ItemLife[]> {
  const { rows } = await sql<ItemLife>`
    select distinct i.run, i.no from lazaret.published_item i
    join lazaret.run r on r.id = i.run
    where r.project = ${project} and i.subject = any(${[...subjectHashes]}::text[])`.execute(db);
  return rows;
}

/** What was delivered under a pseudonym. */
async function deliveredTo(
  { pipelineOf }: RetentionHands,
  db: Db | Trx,
  project: string,
  pseudonym: string,
): Promise<ItemLife[]> {
  const { rows } = await sql<{ run: string; pipeline: string; key: string; refs: string }>`
    select d.run, r.pipeline, d.key, d.refs from lazaret.published_delivery d
    join lazaret.run r on r.id = d.run
    where r.project = ${project} and position(${pseudonym} in d.key) > 0`.execute(db);
  return rows
    .filter(
      ({ pipeline, key }) => pipelineOf(pipeline).erasing?.mapped?.pseudonymOf(key) === pseudonym,
    )
    .flatMap(({ run, refs }) => fromMultirange(refs).map((no) => ({ run, no })));
}

async function namedItems(
  hands: RetentionHands,
  context: ErasureContext,
  selection: Exclude<ErasureSelection, { readonly subject: string }>,
): Promise<Named> {
  const { db, project } = context;
  const items =
    'items' in selection
      ? await itemsByName(db, project, selection.items)
      : await itemsOfRun(db, project, selection.run);
  const alike: (readonly ItemLife[])[] = [];
  const lives = await allLives(db, project, items);
  for (const { name, erasing } of hands.pipelines) {
    const some = lives.filter(({ pipeline }) => pipeline === name);
    if (erasing?.shared === undefined || some.length === 0) continue;
    alike.push(await erasing.shared.alike(context, some));
  }
  const nobody = { subjectHashes: [], subjects: new Map(), otherNames: 0, isKept: false };
  return { items: [...items, ...alike.flat()], ...nobody };
}

async function itemsOfRun(db: Db | Trx, project: string, name: string): Promise<ItemLife[]> {
  const run = await findRun(db, name);
  if (run === null || run.project !== project) throw engineCodes.fault('NothingToErase', {});
  return range(run.id, 1, run.next_item - 1);
}

async function itemsByName(
  db: Db | Trx,
  project: string,
  names: readonly string[],
): Promise<ItemLife[]> {
  const lives: ItemLife[] = [];
  for (const name of names) {
    const { run: short, first, last } = parseItems(name);
    const run = await findRun(db, short);
    if (run === null || run.project !== project || last >= run.next_item) {
      throw engineCodes.fault('NothingToErase', {});
    }
    for (const life of range(run.id, first, last)) lives.push(life);
  }
  return lives;
}

function range(run: string, first: number, last: number): ItemLife[] {
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, at) => ({
    run,
    no: first + at,
  }));
}

interface FoundLife extends ItemLife {
  readonly short: string;
  readonly pipeline: string;
  readonly isRoot: boolean;
  readonly isSettled: boolean;
}

/** All lives of these items that are not erased yet. */
async function allLives(
  db: Db | Trx,
  project: string,
  named: readonly ItemLife[],
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
    ), settled as (
      -- Once a run: it may be all items of a large one.
      select o.run, range_agg(o.refs) as refs from lazaret.published_outcome o
      where o.run in (select run from lives) group by o.run
    )
    select l.run, l.no, r.short, r.pipeline, l.is_root as "isRoot",
      coalesce(s.refs @> l.no, false) as "isSettled"
    from lives l join lazaret.run r on r.id = l.run left join settled s on s.run = l.run
    where r.project = ${project} and not exists (
      select 1 from lazaret.erased e where e.run = l.run and e.no = l.no)
    order by l.run, l.no`.execute(db);
  return rows;
}

async function deliveriesOf(
  db: Db | Trx,
  lives: readonly ItemLife[],
): Promise<Scope['deliveries']> {
  if (lives.length === 0) return [];
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

async function copiesOf(db: Db | Trx, roots: readonly ItemLife[]): Promise<Scope['copies']> {
  const { rows } = await sql<{ run: string; name: string }>`
    select c.run, c.name from lazaret.copy c
    join ${lifeTable(roots)} on l.run = c.run and l.no = c.no
    where c.state = 'kept'`.execute(db);
  return rows;
}

async function digestsOf(
  db: Db | Trx,
  roots: readonly ItemLife[],
  lives: readonly ItemLife[],
): Promise<string[]> {
  const { rows } = await sql<{ digest: string }>`
    select t.digest from lazaret.receipt t join ${lifeTable(roots)} on l.run = t.run and l.no = t.no
    union
    select i.digest from lazaret.item i join ${lifeTable(lives)} on l.run = i.run and l.no = i.no
    where i.digest is not null`.execute(db);
  return rows.map(({ digest }) => digest);
}

/** Items as a table `l(run, no)`. */
export function lifeTable(lives: readonly ItemLife[]): ReturnType<typeof sql> {
  return sql`unnest(${lives.map(({ run }) => run)}::uuid[], ${lives.map(({ no }) => no)}::bigint[])
    as l(run, no)`;
}
