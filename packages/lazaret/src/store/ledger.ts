/**
 * The ledger's proof. It reads what the source listed and what became of each item, as sets, and
 * never a counter of ours:
 *
 *     arrived = delivered ∪ held ∪ rejected ∪ skipped ∪ duplicate ∪ under way,  pairwise disjoint
 *
 * `lost` are items that arrived and are nowhere, `twice` those with more than one disposition,
 * `strange` those that have one and never arrived, `misdelivered` those whose disposition and
 * whose delivery record disagree, or that one sink was given twice. All four are empty, or something
 * is wrong with us. The counters that people watch are compared at the end, so that a wrong one is
 * found out as well; so is the number that the source has come to, which a lost arrival would show.
 */
import { sql } from 'kysely';
import type { Db } from './open.ts';
import type { Trx } from './runs.ts';

export interface Proof {
  readonly received: number;
  readonly delivered: number;
  readonly held: number;
  readonly rejected: number;
  readonly skipped: number;
  readonly duplicate: number;
  readonly pending: number;
  /** Counts of items; each is 0 in a sound ledger. */
  readonly lost: number;
  readonly twice: number;
  readonly strange: number;
  readonly misdelivered: number;
  /** Counters that differ from the sets, by name. Empty in a sound ledger. */
  readonly countersOff: readonly string[];
}

export async function proveLedger(db: Db | Trx, run: string): Promise<Proof> {
  const { rows } = await sql<Omit<Proof, 'countersOff'> & { counters: Record<string, number> }>`
    with arrived as (
      select coalesce(range_agg(refs), '{}') as refs from lazaret.parcel
      where run = ${run} and maker is null
    ), settled as (
      select disposition, refs from lazaret.published_outcome where run = ${run}
    ), together as (
      select coalesce(range_agg(refs), '{}') as refs from settled
    ), under_way as (
      -- In a batch that is not through, or waiting for the stage before to be through.
      select coalesce(range_agg(p.refs), '{}') as refs from lazaret.parcel p
      left join lazaret.batch t on t.id = p.target
      left join lazaret.batch m on m.id = p.maker
      where p.run = ${run}
        and (p.maker is null or m.published_attempt = p.attempt)
        and (p.target is null or t.published_attempt is null)
    ), delivered as (
      select coalesce(range_agg(refs) filter (where disposition = 'delivered'), '{}') as refs
      from settled
    ), shipped as (
      select coalesce(range_agg(refs), '{}') as refs from lazaret.published_delivery
      where run = ${run}
    ), shipped_twice as (
      select coalesce(sum(given - (${size('apart')})), 0) as n from (
        select range_agg(d.refs) as apart, sum((${size('d.refs')})) as given
        from lazaret.published_delivery d where d.run = ${run} group by d.sink
      ) per_sink
    ), counted as (
      select
        coalesce(sum(n) filter (where disposition = 'delivered'), 0)::bigint as delivered,
        coalesce(sum(n) filter (where disposition = 'held'), 0)::bigint as held,
        coalesce(sum(n) filter (where disposition = 'rejected'), 0)::bigint as rejected,
        coalesce(sum(n) filter (where disposition = 'skipped'), 0)::bigint as skipped,
        coalesce(sum(n) filter (where disposition = 'duplicate'), 0)::bigint as duplicate,
        coalesce(sum(n), 0)::bigint as total
      from (select disposition, (${size('refs')}) as n from settled) s
    )
    select
      (${size('arrived.refs')})::bigint as received,
      counted.delivered, counted.held, counted.rejected, counted.skipped, counted.duplicate,
      (${size('(under_way.refs - together.refs)')})::bigint as pending,
      (${size('(arrived.refs - together.refs - under_way.refs)')})::bigint as lost,
      (counted.total - (${size('together.refs')})
        + (${size('(under_way.refs * together.refs)')}))::bigint as twice,
      (${size('((together.refs + under_way.refs) - arrived.refs)')})::bigint as strange,
      ((${size('(delivered.refs - shipped.refs)')})
        + (${size('(shipped.refs - delivered.refs)')}) + shipped_twice.n)::bigint as misdelivered,
      (select counters || jsonb_build_object('received', next_item - 1)
        from lazaret.run where id = ${run}) as counters
    from arrived, together, under_way, delivered, shipped, shipped_twice, counted`.execute(db);
  const row = rows[0];
  if (row === undefined) throw new Error('The ledger query gave no row.');
  const { counters, ...proof } = row;
  const countersOff = COUNTED.filter((name) => (counters[name] ?? 0) !== proof[name]);
  return { ...proof, countersOff };
}

const COUNTED = ['received', 'delivered', 'held', 'rejected', 'skipped', 'duplicate'] as const;

/** How many items a multirange expression holds. */
function size(expression: string): ReturnType<typeof sql.raw> {
  return sql.raw(`select coalesce(sum(upper(x) - lower(x)), 0) from unnest(${expression}) as x`);
}

/** Whether a proof shows that nothing is lost, twice, strange or miscounted. */
export function holds(proof: Proof): boolean {
  return (
    proof.lost === 0 &&
    proof.twice === 0 &&
    proof.strange === 0 &&
    proof.misdelivered === 0 &&
    proof.countersOff.length === 0 &&
    proof.received ===
      proof.delivered +
        proof.held +
        proof.rejected +
        proof.skipped +
        proof.duplicate +
        proof.pending
  );
}
