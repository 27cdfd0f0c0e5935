/** What findings about other visits of a person may quote of one that is to go. */
import { sql } from 'kysely';
import type { Forgetting, ItemLife } from '../../../engine/pipeline.ts';
import { openFinding, sealFinding } from '../../../engine/stage-rows.ts';

/** What a value should have been may be another visit's; why an alert was cleared may tell of it. */
const QUOTING = ['expected', 'earlierReason'] as const;

/**
 * @param subjects keyed hashes of those whose items were erased, and who have others
 * @param items of theirs that went through: the engine has no rows that say whose they are
 * @throws SealDamaged, SealKeyDiffers
 */
export async function quoteNothingElse(
  { db, key, project, decision }: Forgetting,
  subjects: readonly string[],
  items: readonly ItemLife[],
): Promise<void> {
  if (subjects.length === 0) return;
  const { rows } = await sql<{ id: string; sealed: Uint8Array }>`
    select f.id, f.sealed from lazaret.finding f
    join (
      select i.run, i.no from lazaret.item i join lazaret.run r on r.id = i.run
      where r.project = ${project} and i.subject = any(${[...subjects]}::text[])
      union
      select * from unnest(${items.map(({ run }) => run)}::uuid[],
        ${items.map(({ no }) => no)}::bigint[])
    ) o on o.run = f.run and o.no = f.item
    where f.code in ('RuleFailed', 'RuleAlert') and f.sealed is not null
      and not exists (select 1 from lazaret.erased e
        where e.run = f.run and e.no = f.item and e.decision = ${decision}::uuid)`.execute(db);
  for (const { id, sealed } of rows) {
    const said = openFinding(key, sealed);
    const emptied = Object.fromEntries(
      QUOTING.filter((name) => name in said).map((name) => [name, '']),
    );
    const left = Buffer.from(sealFinding(key, { ...said, ...emptied }));
    await sql`update lazaret.finding set sealed = ${left}::bytea where id = ${id}`.execute(db);
  }
}
