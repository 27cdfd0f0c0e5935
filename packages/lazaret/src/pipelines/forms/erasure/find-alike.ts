/** Items that have to go with others because they carry the same content: the same record sent twice. */
import { sql } from 'kysely';
import type { ErasureContext, ItemLife } from '../../../engine/pipeline.ts';

export async function findAlike(
  { db }: ErasureContext,
  items: readonly ItemLife[],
): Promise<ItemLife[]> {
  const { rows } = await sql<ItemLife>`
    select i.run, i.no from lazaret.published_item i
    join unnest(${items.map(({ run }) => run)}::uuid[], ${items.map(({ no }) => no)}::bigint[])
      as l(run, no) on i.same_as_run = l.run and i.same_as_no = l.no
    where i.disposition = 'duplicate'`.execute(db);
  return rows;
}
