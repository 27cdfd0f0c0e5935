/** The record of copies: one row an item, as it first arrived. */
import { sql } from 'kysely';
import type { Db } from '../store/open.ts';
import type { Trx } from '../store/runs.ts';

/** An item as it first arrived. */
export interface CopyOwner {
  readonly run: string;
  readonly no: number;
}

export interface CopyRow extends CopyOwner {
  readonly name: string;
  readonly sha256: string;
  readonly sealedBytes: number;
}

/** Bytes that kept copies take, sealed. */
export async function keptBytes(db: Db): Promise<number> {
  const { bytes } = await db
    .selectFrom('lazaret.copy')
    .select((eb) => eb.fn.coalesce(eb.fn.sum<number>('sealed_bytes'), eb.val(0)).as('bytes'))
    .where('state', '=', 'kept')
    .executeTakeFirstOrThrow();
  return Number(bytes);
}

/** The copies that are kept of these items. */
export async function nameCopies(
  db: Db | Trx,
  owners: readonly CopyOwner[],
): Promise<readonly CopyRow[]> {
  if (owners.length === 0) return [];
  const { rows } = await sql<CopyRow>`
    select c.run, c.no, c.name, c.sha256, c.sealed_bytes as "sealedBytes" from lazaret.copy c
    join unnest(${owners.map(({ run }) => run)}::uuid[], ${owners.map(({ no }) => no)}::bigint[])
      as o(run, no) on o.run = c.run and o.no = c.no
    where c.state = 'kept'`.execute(db);
  return rows;
}

export async function recordCopy(
  db: Db,
  copy: CopyRow & { readonly bytes: number; readonly keyId: string; readonly now: Date },
): Promise<void> {
  const values = {
    run: copy.run,
    no: copy.no,
    name: copy.name,
    bytes: copy.bytes,
    sha256: copy.sha256,
    sealed_bytes: copy.sealedBytes,
    key_id: copy.keyId,
    state: 'kept' as const,
    made_at: copy.now,
    removed_at: null,
  };
  await db
    .insertInto('lazaret.copy')
    .values(values)
    .onConflict((conflict) => conflict.columns(['run', 'no']).doUpdateSet(values))
    .execute();
}

/** Says of copies that they are gone. The rows stay: what was kept, and until when. */
export async function markRemoved(
  db: Db | Trx,
  owners: readonly CopyOwner[],
  now: Date,
): Promise<void> {
  if (owners.length === 0) return;
  await sql`update lazaret.copy c set state = 'removed', removed_at = ${now}
    from unnest(${owners.map(({ run }) => run)}::uuid[], ${owners.map(({ no }) => no)}::bigint[])
      as o(run, no) where o.run = c.run and o.no = c.no and c.state = 'kept'`.execute(db);
}
