/** Forgetting a patient: what the identity map keeps of a pseudonym, and its removal. */
import { sql } from 'kysely';
import type { Db } from '../store/open.ts';
import type { Trx } from '../store/runs.ts';
import { identityContext } from './identity-map.ts';
import type { ProjectKey } from './keys.ts';

/** What stands for a patient's pseudonym; null where the map does not know it. @throws SealDamaged */
export async function originOf(db: Db | Trx, key: ProjectKey, pseudonym: string): Promise<unknown> {
  const { rows } = await sql<{ sealed: Buffer }>`
    select sealed from lazaret_identity.map
    where key_id = ${key.keyId} and kind = 'patient' and pseudonym = ${pseudonym}`.execute(db);
  const sealed = rows[0]?.sealed;
  return sealed === undefined
    ? null
    : key.unsealJson(sealed, identityContext('patient', pseudonym));
}

/**
 * Removes a patient and the accessions of theirs. Which those are only their sealed values say.
 * @returns how many entries were removed
 */
export async function forgetPatient(trx: Trx, key: ProjectKey, patient: string): Promise<number> {
  const { rows } = await sql<{ pseudonym: string; sealed: Buffer }>`
    select pseudonym, sealed from lazaret_identity.map
    where key_id = ${key.keyId} and kind = 'accession'`.execute(trx);
  const accessions = rows
    .filter(({ pseudonym, sealed }) => {
      const origin = key.unsealJson(sealed, identityContext('accession', pseudonym));
      return isOf(origin, patient);
    })
    .map(({ pseudonym }) => pseudonym);
  const removed = await sql`delete from lazaret_identity.map
    where key_id = ${key.keyId} and ((kind = 'patient' and pseudonym = ${patient})
      or (kind = 'accession' and pseudonym = any(${accessions}::text[])))`.execute(trx);
  return Number(removed.numAffectedRows ?? 0);
}

function isOf(origin: unknown, patient: string): boolean {
  return (
    typeof origin === 'object' &&
    origin !== null &&
    'patient' in origin &&
    origin.patient === patient
  );
}
