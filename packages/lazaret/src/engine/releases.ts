/** What people have released of items, in all the lives that an item has had. */
import type { Catalogue } from '@lazaret/faults';
import { sql } from 'kysely';
import type { Db } from '../store/open.ts';
import type { Trx } from '../store/runs.ts';
import type { Released } from './settle.ts';

/** What people let go for these items: of a code that takes two, only what two have released. */
export async function releasedOf(
  trx: Db | Trx,
  catalogue: Catalogue,
  run: string,
  numbers: readonly number[],
): Promise<Map<number, Released>> {
  const released = new Map<number, Record<string, string>>();
  for (const { no, code, decision, people } of await releasesOf(trx, run, numbers)) {
    if (catalogue.entryOf({ code }).release === 'second' && people.length < 2) continue;
    released.set(no, { ...released.get(no), [code]: decision });
  }
  return released;
}

export interface GivenRelease {
  readonly no: number;
  readonly code: string;
  readonly decision: string;
  /** The people who have released it, each once, whatever way they write their names. */
  readonly people: readonly string[];
}

/**
 * Releases of these items, in all their lives: an item that is held by two codes is released under
 * the second one in a later run than under the first, and both have to hold then.
 */
export async function releasesOf(
  trx: Db | Trx,
  run: string,
  numbers: readonly number[],
): Promise<readonly GivenRelease[]> {
  const { rows } = await sql<GivenRelease>`
    with asked as (
      select n.no, coalesce(d.root_run, ${run}::uuid) as root_run, coalesce(d.root_no, n.no) as root_no
      from unnest(${[...numbers]}::bigint[]) as n(no)
      left join lazaret.descent d on d.run = ${run}::uuid and d.no = n.no
    ), lives as (
      select no, root_run as life_run, root_no as life_no from asked
      union
      select a.no, d.run, d.no from asked a
      join lazaret.descent d on d.root_run = a.root_run and d.root_no = a.root_no
    )
    select l.no, i.code, min(d.id::text) as decision, array_agg(distinct lower(trim(d.by))) as people
    from lives l
    join lazaret.decision_item i on i.run = l.life_run and i.no = l.life_no
    join lazaret.decision d on d.id = i.decision
    where d.kind = 'release' and i.code is not null
    group by l.no, i.code`.execute(trx);
  return rows;
}

/** Names differ by more than capitals and blanks, or they are one person's. */
export function samePerson(one: string, other: string): boolean {
  return one.trim().toLowerCase() === other.trim().toLowerCase();
}
