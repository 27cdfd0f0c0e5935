/**
 * Deliveries that nobody counts. An attempt that dies behind its deliveries leaves files, and the
 * next one finds them, because it makes the same ones. Unless another run has judged the same
 * subjects between the two: then the next attempt makes other files, and records would be in two.
 */
import { sql } from 'kysely';
import type { BatchContext, Delivery } from '../../engine/pipeline.ts';
import { removeDelivered } from '../../sinks/removal.ts';
import type { FormsTools } from './tools.ts';

/**
 * Removes what earlier attempts at the batch have delivered and this one has not. What anybody else
 * has delivered, or is about to, stays: a file of the same name has the same content.
 *
 * @param deliveries of this attempt
 * @throws the faults of the sink
 */
export async function removeUncounted(
  deliveries: readonly Delivery[],
  { db, batch, tools }: Pick<BatchContext<FormsTools>, 'db' | 'batch' | 'tools'>,
): Promise<void> {
  if (batch.attempt === 1) return;
  const keys = deliveries.map(({ key }) => key);
  const { rows } = await sql<{ key: string }>`
    select distinct i.key from lazaret.intent i
    where i.batch = ${batch.batch} and i.attempt < ${batch.attempt} and i.state = 'superseded'
      and i.kind = 'deliver-folder' and not i.key = any(${keys}::text[])
      and not exists (select 1 from lazaret.delivery d where d.key = i.key)
      and not exists (select 1 from lazaret.intent o
        where o.key = i.key and o.batch <> i.batch and o.state = 'open')`.execute(db);
  const folder = tools.configuration.out;
  for (const { key } of rows) await removeDelivered({ folder, key });
}
