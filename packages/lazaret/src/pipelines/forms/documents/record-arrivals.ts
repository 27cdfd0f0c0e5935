/** Whom the records are about in which something was found: from the items as they arrived. */
import type { ProjectKey } from '../../../identity/keys.ts';
import { openArrival } from '../../../engine/stage-rows.ts';
import type { Db } from '../../../store/open.ts';
import type { SubjectKeys } from '../study.ts';
import type { KeptFinding } from './kept-findings.ts';
import { isRecord, recordAbout, type RecordAbout } from './record-about.ts';

/**
 * By run and number, `<run>/<no>`. Items that went on, and those that could not be read as a record,
 * are not in it.
 * @throws SealDamaged, SealKeyDiffers
 */
export async function openArrivals(
  db: Db,
  key: ProjectKey,
  keys: SubjectKeys,
  findings: readonly Pick<KeptFinding, 'run' | 'no'>[],
): Promise<ReadonlyMap<string, RecordAbout>> {
  const opened = new Map<string, RecordAbout>();
  for (const [run, some] of Map.groupBy(findings, (finding) => finding.run)) {
    const numbers = new Set(some.flatMap(({ no }) => (no === null ? [] : [no])));
    if (numbers.size === 0) continue;
    const rows = await db
      .selectFrom('lazaret.published_item')
      .select(['no', 'arrival'])
      .where('run', '=', run)
      .where('no', 'in', [...numbers])
      .execute();
    for (const { no, arrival } of rows) {
      const record = arrival === null ? null : openArrival(key, arrival);
      if (isRecord(record)) opened.set(`${run}/${no}`, recordAbout(record, keys));
    }
  }
  return opened;
}
