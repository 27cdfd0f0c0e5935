/**
 * Repeats: items whose bytes are already delivered or held, in this run or in an earlier one. Under
 * the same recipe that is the end of it. Under another recipe with the same output, what was
 * delivered is a repeat only if this recipe lets it through, too: a stricter policy has to be heard.
 * Within a run the lowest number wins, and numbers follow the source's order.
 */
import type { Finding } from '@lazaret/faults';
import { sql } from 'kysely';
import type { Db } from '../store/open.ts';
import type { Trx } from '../store/runs.ts';
import { engineCodes } from './codes.ts';
import type { Traveller } from './members.ts';
import type { AnyPipeline } from './pipeline.ts';

export interface Repeat {
  readonly finding: Finding;
  readonly sameAs: { readonly run: string; readonly item: number };
}

export interface DedupeContext {
  readonly db: Db | Trx;
  readonly pipeline: AnyPipeline;
  readonly run: {
    readonly id: string;
    readonly project: string;
    readonly recipe: string;
    readonly output: string;
  };
}

export interface Repeats {
  /** Repeats whatever the steps would say of them, by the number of the item. */
  readonly certain: ReadonlyMap<number, Repeat>;
  /** Delivered under another recipe with the same output: repeats if this one lets them through. */
  readonly delivered: ReadonlyMap<number, Repeat>;
}

/** The item as it first arrived. */
export interface Root {
  readonly run: string;
  readonly no: number;
}

export async function findRepeats(
  context: DedupeContext,
  travellers: readonly Traveller[],
  roots: ReadonlyMap<number, Root>,
): Promise<Repeats> {
  const repeats = new Map<number, Repeat>();
  const delivered = new Map<number, Repeat>();
  const first = new Map<string, Traveller>();
  for (const traveller of travellers) {
    const digest = context.pipeline.digestOf?.(traveller.value) ?? null;
    if (digest === null) continue;
    const winner = first.get(digest);
    if (winner === undefined) {
      first.set(digest, traveller);
    } else {
      repeats.set(traveller.item, {
        finding: engineCodes.finding('SameInRun', { item: winner.item }, { item: traveller.item }),
        sameAs: { run: context.run.id, item: winner.item },
      });
    }
  }
  for (const receipt of await receiptsFor(context, [...first.keys()])) {
    const traveller = first.get(receipt.digest);
    if (traveller === undefined) continue;
    const root = roots.get(traveller.item) ?? { run: context.run.id, no: traveller.item };
    // The item's own earlier life is not a repeat of it.
    if (receipt.run === root.run && receipt.no === root.no) continue;
    const found = receipt.recipe === context.run.recipe ? repeats : delivered;
    found.set(traveller.item, {
      finding: engineCodes.finding(
        receipt.disposition === 'delivered' ? 'SameAsDelivered' : 'SameAsHeld',
        { run: receipt.short, item: receipt.no },
        { item: traveller.item },
      ),
      sameAs: { run: receipt.run, item: receipt.no },
    });
  }
  return { certain: repeats, delivered };
}

/**
 * What is told of an item that an earlier policy delivered and this one does not let through: the
 * delivery by name, because somebody has to decide what becomes of it.
 */
export async function findEarlierDelivery(
  db: Db,
  item: number,
  { sameAs }: Repeat,
): Promise<Finding> {
  const { rows } = await sql<{ short: string; key: string | null }>`
    with lives as (
      select ${sameAs.run}::uuid as run, ${sameAs.item}::bigint as no
      union all
      select d.run, d.no from lazaret.descent d
      where d.root_run = ${sameAs.run}::uuid and d.root_no = ${sameAs.item}
    )
    select r.short, (select p.key from lives l
      join lazaret.published_delivery p on p.run = l.run and p.refs @> l.no limit 1) as key
    from lazaret.run r where r.id = ${sameAs.run}::uuid`.execute(db);
  return engineCodes.finding(
    'DeliveredUnderEarlierPolicy',
    { run: rows[0]?.short ?? '', item: sameAs.item, delivery: rows[0]?.key ?? 'unknown' },
    { item },
  );
}

/** Items of child runs, and the items that they first arrived as. */
export async function rootsOf(
  db: Db,
  run: string,
  travellers: readonly Traveller[],
): Promise<Map<number, Root>> {
  const roots = new Map<number, Root>();
  if (travellers.length === 0) return roots;
  const rows = await db
    .selectFrom('lazaret.descent')
    .select(['no', 'root_run', 'root_no'])
    .where('run', '=', run)
    .where('no', '>=', travellers[0]?.item ?? 0)
    .where('no', '<=', travellers.at(-1)?.item ?? 0)
    .execute();
  for (const { no, root_run, root_no } of rows) roots.set(no, { run: root_run, no: root_no });
  return roots;
}

const DIGESTS_AT_ONCE = 5_000;

async function receiptsFor(
  { db, pipeline, run }: DedupeContext,
  digests: readonly string[],
): Promise<
  {
    digest: string;
    recipe: string;
    run: string;
    no: number;
    short: string;
    disposition: 'delivered' | 'held';
  }[]
> {
  const found = [];
  for (let from = 0; from < digests.length; from += DIGESTS_AT_ONCE) {
    found.push(
      ...(await db
        .selectFrom('lazaret.receipt as t')
        .innerJoin('lazaret.run as r', 'r.id', 't.run')
        .select(['t.digest', 't.recipe', 't.run', 't.no', 't.disposition', 'r.short'])
        .where('t.project', '=', run.project)
        .where('t.pipeline', '=', pipeline.name)
        .where(({ and, eb, or }) =>
          or([
            eb('t.recipe', '=', run.recipe),
            and([eb('t.output', '=', run.output), eb('t.disposition', '=', 'delivered')]),
          ]),
        )
        .where('t.digest', 'in', digests.slice(from, from + DIGESTS_AT_ONCE))
        .execute()),
    );
  }
  return found;
}
