/** What an erasure does in this room: whose images they are, archives, and the claims of instances. */
import { sql } from 'kysely';
import type { Erasing } from '../../engine/pipeline.ts';
import { normaliseIdentifier, normaliseIssuer } from '../../identity/identifier-rules.ts';
import { cleanAside } from '../../sinks/folder.ts';
import { removeDelivered } from '../../sinks/removal.ts';
import type { Image } from './image.ts';
import type { Policy } from './policy.ts';
import type { ImagingConfiguration } from './tools.ts';

export const erasing: Erasing<ImagingConfiguration> = {
  subjectOf(value, { policy }) {
    if (typeof value !== 'object' || value === null || !('header' in value)) return null;
    const { patientId, issuer } = (value as Image).header;
    return subject(patientId, issuer, policy);
  },
  mapped: {
    subjectOfOrigin(origin, { policy }) {
      const { id, issuer = '' } = origin as { readonly id: string; readonly issuer?: string };
      return subject(id, issuer, policy) ?? '';
    },
    // <collection>/Entity/<pseudonym>/<archive>
    pseudonymOf: (key) => key.split('/')[2] ?? null,
  },
  removeDelivery: ({ out }, key) => removeDelivered({ folder: out, key }),
  tidy: ({ out }, olderThan) => cleanAside({ folder: out, olderThan }),
  async forget({ db, project, digests }) {
    await sql`delete from lazaret_imaging.instance
      where project = ${project} and digest = any(${[...digests]}::text[])`.execute(db);
    await sql`delete from lazaret_imaging.sighting
      where digest = any(${[...digests]}::text[])`.execute(db);
    return { deliveries: { count: 0, bytes: 0 }, counts: {}, digests: [] };
  },
};

/** Null for an image of nobody. */
function subject(patientId: string, issuer: string, { patientId: rules }: Policy): string | null {
  if (/^[\s\0]*$/u.test(patientId)) return null;
  return JSON.stringify([
    normaliseIssuer(issuer === '' ? undefined : issuer, rules),
    normaliseIdentifier(patientId, rules, 'patient', 1),
  ]);
}
