/** Selections of held items: what a release or a replay is about. */
import { sql } from 'kysely';
import type { Catalogue, Release } from '@lazaret/faults';
import type { Db } from '../store/open.ts';
import { engineCodes } from './codes.ts';

export interface Selection {
  readonly project: string;
  /** Names of items: r_8k2f3d/17. */
  readonly items?: readonly string[];
  /** Short form of a run. */
  readonly run?: string;
  readonly code?: string;
  readonly site?: string;
  /** Held since before. */
  readonly before?: string;
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
  readonly release: Release;
  readonly since: string;
  /** The run that carries an earlier decision out, as long as it has not settled the item. */
  readonly underWay: string | null;
  readonly facts: Readonly<Record<string, unknown>>;
}

/** Held items that fit, the oldest first. */
export async function selectHeld(
  db: Db,
  catalogue: Catalogue,
  selection: Selection,
  limit: number,
): Promise<HeldItem[]> {
  const wanted = (selection.items ?? []).map((name) => parseItem(name));
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
    from lazaret.held_item i
    join lazaret.run r on r.id = i.run
    join lazaret.batch b on b.id = i.batch
    where r.project = ${selection.project}
      and (${selection.run ?? null}::text is null or r.short = ${selection.run ?? null})
      and (${selection.code ?? null}::text is null or i.code = ${selection.code ?? null})
      and (${selection.site ?? null}::text is null or r.site = ${selection.site ?? null})
      and (${selection.before ?? null}::timestamptz is null
        or b.finished_at < ${selection.before ?? null}::timestamptz)
      and (${wanted.length === 0} or (r.short || '/' || i.no) = any(${wanted.map(
        ({ run, no }) => `${run}/${no}`,
      )}::text[]))
    order by b.finished_at, r.short, i.no
    limit ${limit}`.execute(db);
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
      release: entry.release,
      since: row.since.toISOString(),
      underWay: row.under_way,
      facts: row.facts,
    };
  });
}

/** @throws ItemNotFound when it is no name of an item. */
export function parseItem(name: string): { readonly run: string; readonly no: number } {
  const match = /^(r_[a-z0-9]+)\/(\d{1,15})$/.exec(name);
  if (match?.[1] === undefined) {
    throw engineCodes.fault('ItemNotFound', { item: name.slice(0, 40) });
  }
  return { run: match[1], no: Number(match[2]) };
}
