/** Segments of histories, one at a time: all of them at once would not fit. */
import { sql } from 'kysely';
import type { Db } from '../../../store/open.ts';

export interface StoredSegment {
  readonly id: string;
  readonly run: string;
  readonly batch: string;
  readonly payload: Uint8Array;
}

/** @param buckets null: of all subjects */
export async function* keptSegments(
  db: Db,
  project: string,
  buckets: readonly number[] | null,
): AsyncGenerator<StoredSegment> {
  const among = buckets === null ? sql`true` : sql`bucket = any(${[...buckets]}::smallint[])`;
  const { rows: ids } = await sql<{ id: string }>`
    select id::text as id from lazaret_forms.published_segment
    where project = ${project} and ${among} order by lazaret_forms.published_segment.id`.execute(
    db,
  );
  for (const { id } of ids) {
    const { rows } = await sql<StoredSegment>`
      select id::text as id, run, batch, payload from lazaret_forms.segment
      where id = ${id}::bigint`.execute(db);
    for (const row of rows) yield { ...row, payload: Uint8Array.from(row.payload) };
  }
}
