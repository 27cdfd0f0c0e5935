/**
 * Selections of held items: what a list shows, and what a release or a replay is about. One
 * condition serves all of them, so that what was listed is what is decided on.
 */
import { sql, type RawBuilder } from 'kysely';
import type { Catalogue, Release } from '@lazaret/faults';
import type { Db } from '../store/open.ts';
import type { Trx } from '../store/runs.ts';
import { engineCodes } from './codes.ts';

export interface Selection {
  readonly project: string;
  /** Names of items, or of ranges of them: `r_8k2f3d/17`, `r_8k2f3d/3-9`. */
  readonly items?: readonly string[];
  /** Short form of a run. */
  readonly run?: string;
  /** Name of a code. */
  readonly code?: string;
  readonly site?: string;
  readonly pipeline?: string;
  /** Held since before this instant, in ISO form. */
  readonly before?: string;
  /** How they may be let go. */
  readonly release?: Exclude<Release, 'none'>;
  /** Public facts that an item must have, such as `modality: US`. Compared as text. */
  readonly where?: Readonly<Record<string, string>>;
}

/** A held item, as it may be shown to anyone who works here. */
export interface HeldItem {
  readonly item: string;
  readonly runId: string;
  readonly no: number;
  readonly pipeline: string;
  readonly site: string;
  readonly id: string;
  readonly name: string;
  readonly title: string;
  readonly stage: string;
  readonly step: string;
  readonly release: Exclude<Release, 'none'>;
  readonly since: string;
  /** The run that carries an earlier decision out, as long as it has not settled the item. */
  readonly underWay: string | null;
  readonly facts: Readonly<Record<string, unknown>>;
}

/** Which part of what fits is wanted, in the order of the list. */
export interface Page {
  readonly limit: number;
  /** How many to pass over. */
  readonly skip?: number;
}

/** Held items that fit, the oldest first. @throws ItemNotFound for what is no name of an item. */
export async function selectHeld(
  db: Db | Trx,
  catalogue: Catalogue,
  selection: Selection,
  page: number | Page,
): Promise<HeldItem[]> {
  const { limit, skip = 0 } = typeof page === 'number' ? { limit: page } : page;
  const { rows } = await sql<{
    run: string;
    no: number;
    short: string;
    pipeline: string;
    site: string;
    code: string;
    stage: string;
    step: string;
    since: Date;
    under_way: string | null;
    facts: Record<string, unknown>;
  }>`
    select i.run, i.no, r.short, r.pipeline, r.site, i.code, i.stage, i.step,
      b.finished_at as since, i.facts,
      (select c.short from lazaret.descent d join lazaret.run c on c.id = d.run
        where d.parent_run = i.run and d.parent_no = i.no limit 1) as under_way
    ${fitting(catalogue, selection)}
    order by b.finished_at, r.short, i.no
    limit ${limit} offset ${skip}`.execute(db);
  return rows.map((row) => {
    const entry = catalogue.entryOf(row);
    return {
      item: `${row.short}/${row.no}`,
      runId: row.run,
      no: row.no,
      pipeline: row.pipeline,
      site: row.site,
      id: entry.id,
      name: entry.name,
      title: entry.title,
      stage: row.stage,
      step: row.step,
      release: wayOut(entry),
      since: row.since.toISOString(),
      underWay: row.under_way,
      facts: row.facts,
    };
  });
}

/**
 * How an item that is held under a code may be let go. Faults that ended a batch hold nothing by
 * themselves, and their items are held all the same: those go through again.
 */
export function wayOut({ release }: { readonly release: Release }): Exclude<Release, 'none'> {
  return release === 'none' ? 'replay' : release;
}

/** What held items are put together by. */
export type Grouping = 'code' | 'site' | 'age';

export const GROUPINGS: readonly Grouping[] = ['code', 'site', 'age'];

/** How long ago items were held, the youngest first; each age begins where the one before ends. */
export const AGES = ['today', 'this week', 'this month', 'older'] as const;

const AGE_DAYS = [1, 7, 31] as const;

/** Held items that have a code, a site or an age in common. */
export interface HeldGroup {
  /** The code's id, the site, or the age. */
  readonly group: string;
  readonly count: number;
  /** When the first of them was held. */
  readonly since: string;
  /** How many there are of each code, the most frequent first. */
  readonly codes: readonly {
    readonly id: string;
    readonly name: string;
    readonly title: string;
    readonly release: Exclude<Release, 'none'>;
    readonly count: number;
  }[];
}

/** Counts what fits, exactly, the largest group first (ages in their order). */
export async function groupHeld(
  db: Db,
  catalogue: Catalogue,
  selection: Selection,
  by: Grouping,
  now: Date,
): Promise<HeldGroup[]> {
  const { rows } = await sql<{ key: string; code: string; count: number; since: Date }>`
    select key, code, count(*)::bigint as count, min(since) as since from (
      select i.code, b.finished_at as since, ${keyOf(by, now)} as key
      ${fitting(catalogue, selection)}
    ) held group by key, code order by count desc, code`.execute(db);
  const groups = [...Map.groupBy(rows, ({ key }) => key)].map(([key, some]): HeldGroup => {
    const codes = some.map(({ code, count }) => {
      const entry = catalogue.entryOf({ code });
      return {
        id: entry.id,
        name: entry.name,
        title: entry.title,
        release: wayOut(entry),
        count,
      };
    });
    return {
      group: by === 'code' ? (codes[0]?.id ?? key) : key,
      count: some.reduce((sum, { count }) => sum + count, 0),
      since: new Date(Math.min(...some.map(({ since }) => since.getTime()))).toISOString(),
      codes,
    };
  });
  const order = (group: HeldGroup): number =>
    by === 'age' ? AGES.findIndex((age) => age === group.group) : -group.count;
  return groups.sort((a, b) => order(a) - order(b) || (a.group < b.group ? -1 : 1));
}

function keyOf(by: Grouping, now: Date): RawBuilder<string> {
  switch (by) {
    case 'code':
      return sql`i.code`;
    case 'site':
      return sql`r.site`;
    case 'age': {
      const [day, week, month] = AGE_DAYS.map((days) => new Date(now.getTime() - days * DAY_MS));
      return sql`case when b.finished_at > ${day} then ${AGES[0]}
        when b.finished_at > ${week} then ${AGES[1]}
        when b.finished_at > ${month} then ${AGES[2]} else ${AGES[3]} end`;
    }
    default:
      return by satisfies never;
  }
}

const DAY_MS = 24 * 60 * 60 * 1_000;

/** The held items that fit, as a `from` and a `where` with `i`, `r` and `b` in it. */
function fitting(catalogue: Catalogue, selection: Selection): RawBuilder<unknown> {
  const conditions = [sql`r.project = ${selection.project}`];
  const { items, run, code, site, pipeline, before, release, where } = selection;
  if (run !== undefined) conditions.push(sql`r.short = ${run}`);
  if (code !== undefined) conditions.push(sql`i.code = ${code}`);
  if (site !== undefined) conditions.push(sql`r.site = ${site}`);
  if (pipeline !== undefined) conditions.push(sql`r.pipeline = ${pipeline}`);
  if (before !== undefined) conditions.push(sql`b.finished_at < ${before}::timestamptz`);
  if (release !== undefined) {
    const codes = catalogue.entries
      .filter((entry) => wayOut(entry) === release)
      .map(({ name }) => name);
    conditions.push(sql`i.code = any(${codes}::text[])`);
  }
  for (const [fact, value] of Object.entries(where ?? {})) {
    conditions.push(sql`lower(i.facts ->> ${fact}::text) = lower(${value}::text)`);
  }
  if (items !== undefined && items.length > 0) {
    conditions.push(isNamed(items, sql`r.short`, sql`i.no`));
  }
  return sql`from lazaret.held_item i
    join lazaret.run r on r.id = i.run
    join lazaret.batch b on b.id = i.batch
    where ${sql.join(conditions, sql` and `)}`;
}

/**
 * Whether an item is one of those that are named. Single ones are looked up, and only ranges are
 * gone through: a decision may name a hundred thousand.
 * @throws ItemNotFound for what is no name of an item.
 */
export function isNamed(
  names: readonly string[],
  run: RawBuilder<unknown>,
  no: RawBuilder<unknown>,
): RawBuilder<unknown> {
  const named = names.map((name) => parseItems(name));
  const singles = named.filter(({ first, last }) => first === last);
  const ranges = named.filter(({ first, last }) => first !== last);
  return sql`((${run}, ${no}) in (select * from unnest(
      ${singles.map((item) => item.run)}::text[], ${singles.map(({ first }) => first)}::bigint[]))
    or exists (select 1 from unnest(
      ${ranges.map((range) => range.run)}::text[], ${ranges.map(({ first }) => first)}::bigint[],
      ${ranges.map(({ last }) => last)}::bigint[]) as n(short, first, last)
      where n.short = ${run} and ${no} between n.first and n.last))`;
}

/** @throws ItemNotFound when it is no name of an item. */
export function parseItem(name: string): { readonly run: string; readonly no: number } {
  const { run, first, last } = parseItems(name);
  if (first !== last) throw noItem(name);
  return { run, no: first };
}

/** An item, or several that follow each other. @throws ItemNotFound */
export function parseItems(name: string): {
  readonly run: string;
  readonly first: number;
  readonly last: number;
} {
  const match = /^(r_[a-z0-9]+)\/(\d{1,15})(?:-(\d{1,15}))?$/.exec(name);
  if (match?.[1] === undefined) throw noItem(name);
  const first = Number(match[2]);
  return { run: match[1], first, last: match[3] === undefined ? first : Number(match[3]) };
}

function noItem(name: string): Error {
  return engineCodes.fault('ItemNotFound', { item: name.slice(0, 40) });
}
