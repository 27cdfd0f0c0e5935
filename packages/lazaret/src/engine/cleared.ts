/** What a decision has brought about: how many of each code are cleared, and what holds the others. */
import type { Catalogue } from '@lazaret/faults';
import { sql } from 'kysely';
import type { Db } from '../store/open.ts';
import type { FinalDisposition } from '../store/tables.ts';
import type { Foreseen } from './rehearse.ts';

/** Items that were held under one code, and how they stand now or would stand. */
export interface Cleared {
  readonly id: string;
  readonly name: string;
  readonly title: string;
  /** How many of them the decision is about. */
  readonly items: number;
  /** Delivered; in a rehearsal: nothing stops them, as far as it looked. */
  readonly cleared: number;
  /** Held, under this code or another, or settled otherwise; the most frequent first. */
  readonly others: readonly {
    readonly stands: Exclude<FinalDisposition, 'delivered'> | 'pending';
    /** Null for what is pending. */
    readonly id: string | null;
    readonly name: string | null;
    readonly title: string | null;
    readonly count: number;
  }[];
}

interface Fate {
  readonly before: string;
  readonly stands: FinalDisposition | 'pending';
  readonly code: string | null;
  readonly count: number;
}

/** What became of the items of these child runs. */
export async function countCleared(
  db: Db,
  catalogue: Catalogue,
  children: readonly string[],
): Promise<Cleared[]> {
  if (children.length === 0) return [];
  const { rows } = await sql<Fate>`
    select p.code as before, coalesce(o.disposition, 'pending') as stands, i.code as code,
      count(*)::bigint as count
    from lazaret.descent d
    join lazaret.published_item p on p.run = d.parent_run and p.no = d.parent_no
    left join lazaret.published_outcome o on o.run = d.run and o.refs @> d.no
    left join lazaret.published_item i on i.run = d.run and i.no = d.no
    where d.run = any(${[...children]}::uuid[])
    group by 1, 2, 3`.execute(db);
  return gather(catalogue, rows);
}

/** What would become of items, as a rehearsal has it. */
export function foreseenCleared(catalogue: Catalogue, foreseen: readonly Foreseen[]): Cleared[] {
  return gather(
    catalogue,
    foreseen.map(({ item, would, code }) => ({
      before: item.name,
      stands: would === 'through' ? 'delivered' : would,
      code,
      count: 1,
    })),
  );
}

function gather(catalogue: Catalogue, fates: readonly Fate[]): Cleared[] {
  const groups = [...Map.groupBy(fates, ({ before }) => before)].map(([before, some]): Cleared => {
    const { id, name, title } = catalogue.entryOf({ code: before });
    const others = [...Map.groupBy(some, ({ stands, code }) => `${stands} ${code ?? ''}`).values()]
      .flatMap((alike) => {
        const [first] = alike;
        if (first === undefined || first.stands === 'delivered') return [];
        const entry = first.code === null ? null : catalogue.entryOf({ code: first.code });
        return [
          {
            stands: first.stands,
            id: entry?.id ?? null,
            name: entry?.name ?? null,
            title: entry?.title ?? null,
            count: sum(alike),
          },
        ];
      })
      .sort((a, b) => b.count - a.count);
    return {
      id,
      name,
      title,
      items: sum(some),
      cleared: sum(some.filter(({ stands }) => stands === 'delivered')),
      others,
    };
  });
  return groups.sort((a, b) => b.items - a.items || (a.id < b.id ? -1 : 1));
}

function sum(fates: readonly Fate[]): number {
  return fates.reduce((total, { count }) => total + count, 0);
}
