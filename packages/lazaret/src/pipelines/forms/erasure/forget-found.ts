/**
 * Forgetting counts: what batches have counted, and whom it was about, is sealed by batch. What was
 * found about the erased is taken off, so that documents add up without them. Findings that were
 * only counted, because there were too many, stay counted: nobody can say any more whose they were.
 */
import { sql } from 'kysely';
import type { FindingType, Parameters, Place } from '@lazaret/faults';
import type { Forgetting } from '../../../engine/pipeline.ts';
import { checkOf } from '../documents/check-of-step.ts';
import {
  columnOf,
  packFound,
  shownCode,
  unpackFound,
  withoutFound,
  type GoneKind,
} from '../documents/found-kinds.ts';
import type { RecordAbout } from '../documents/record-about.ts';

interface FoundRow {
  readonly run: string;
  readonly item: number;
  readonly batch: string;
  readonly step: string;
  readonly code: string;
  readonly type: FindingType;
  readonly parameters: Parameters;
  readonly place: Place;
}

/**
 * @param abouts whom items are about that the engine has kept, by `<run>/<item>`
 * @throws SealDamaged, SealKeyDiffers
 */
export async function forgetFound(
  { db, key, decision }: Forgetting,
  abouts: ReadonlyMap<string, RecordAbout>,
): Promise<void> {
  const { rows: findings } = await sql<FoundRow>`
    select f.run, f.item, f.batch, f.step, f.code, f.type, f.parameters, f.place
    from lazaret.published_finding f
    join lazaret.erased e on e.run = f.run and e.no = f.item
    where e.decision = ${decision}::uuid`.execute(db);
  const byBatch = Map.groupBy(findings, ({ batch }) => batch);
  const { rows: erased } = await sql<{ run: string; no: number }>`
    select run, no from lazaret.erased where decision = ${decision}::uuid`.execute(db);
  for (const [run, some] of Map.groupBy(erased, (one) => one.run)) {
    const items = new Set(some.map(({ no }) => no));
    const { rows } = await sql<{ id: string; batch: string; payload: Uint8Array }>`
      select id::text as id, batch, payload from lazaret_forms.found
      where run = ${run}`.execute(db);
    for (const { id, batch, payload } of rows) {
      const found = unpackFound(key, payload);
      const gone = (byBatch.get(batch) ?? []).map((finding) =>
        kindOf(finding, abouts.get(`${run}/${finding.item}`) ?? found.abouts.get(finding.item)),
      );
      const left = withoutFound(found, gone, items);
      if (left === null) continue;
      const written = Buffer.from(packFound(key, left));
      await sql`update lazaret_forms.found set payload = ${written}::bytea
        where id = ${id}::bigint`.execute(db);
    }
  }
}

/** Without a file where nobody knows of which one the item is. */
function kindOf(
  { step, code, type, parameters, place }: FoundRow,
  about: RecordAbout | undefined,
): GoneKind {
  return {
    ...{ file: about?.file ?? null, site: about?.site ?? '', check: checkOf(step), type },
    code: shownCode(code, parameters),
    column: columnOf(place),
  };
}
