/** The row that a run begins as, and what is sealed in it. */
import type { ProjectKey } from '../identity/keys.ts';
import type { RunRow, Trx } from '../store/runs.ts';
import { shortId } from './short-id.ts';

export interface NewRun {
  readonly id: string;
  readonly pipeline: string;
  readonly configuration: unknown;
  /** Where the data is; sealed, because a folder's name may be a patient's. */
  readonly location: string;
  readonly project: string;
  readonly site: string;
  readonly user: string;
  readonly recipe: string;
  readonly output: string;
  readonly at: Date;
}

const SOURCE_CONTEXT = 'run-source';

export async function insertRun(trx: Trx, key: ProjectKey, run: NewRun): Promise<void> {
  const { id, pipeline, project, site, recipe, output, user, at } = run;
  await trx
    .insertInto('lazaret.run')
    .values({
      id,
      short: `r_${shortId()}`,
      project,
      site,
      pipeline,
      status: 'new',
      reason: null,
      source: sealSource(key, run.location),
      configuration: JSON.stringify(run.configuration),
      recipe,
      output,
      key_id: key.keyId,
      parent: null,
      started_by: user,
      created_at: at,
      finished_at: null,
      owner: null,
      heartbeat_at: null,
      checkpoint: null,
    })
    .execute();
}

/** Where a run's data is, as it is kept. */
export function sealSource(key: ProjectKey, location: string): Uint8Array {
  return key.sealJson(location, SOURCE_CONTEXT);
}

/** What `sealSource` sealed. @throws SealDamaged, SealKeyDiffers */
export function openSource(key: ProjectKey, run: RunRow): string {
  return String(key.unsealJson(run.source, SOURCE_CONTEXT));
}
