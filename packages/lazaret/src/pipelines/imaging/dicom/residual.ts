/**
 * The last look at a finished file: are identifiers of its source still in it? `harvest` takes
 * them, `scan` searches for them, `describeIdentity` says which a source lacks.
 */
import type { Tag, Walk } from './element.ts';

export { harvest } from './residual-harvest.ts';
export { scan, type Hit } from './residual-scan.ts';

/** `short`: under four characters, so that it is searched for as a whole word only. */
export type Presence = 'missing' | 'short' | 'present';

export interface IdentityDescription {
  readonly patientId: Presence;
  readonly patientName: Presence;
  readonly birthDate: Presence;
  readonly accession: Presence;
  readonly studyUid: Presence;
  readonly seriesUid: Presence;
  readonly instanceUid: Presence;
}

const SHORT_CHARACTERS = 4;

/**
 * Says which identifiers a source has. A missing PatientID cannot be linked to anything, and a
 * short one can hardly be searched for: both are findings.
 */
export function describeIdentity(walk: Walk): IdentityDescription {
  const presence = (tag: Tag): Presence => {
    const element = walk.elements.find((candidate) => candidate.tag === tag);
    if (element === undefined || element.valueLength === 0) return 'missing';
    // Beyond these bytes nothing can make the value short again.
    const bytes = walk.source.read(element.valueOffset, Math.min(element.valueLength, 256));
    const text = Buffer.from(bytes).toString('latin1').replace(/\0/g, ' ').trim();
    // A name of separators only is no name.
    const plain = text.replace(/[\^=\s]/g, '');
    if (plain === '') return 'missing';
    return plain.length < SHORT_CHARACTERS ? 'short' : 'present';
  };
  return {
    patientId: presence(0x00100020),
    patientName: presence(0x00100010),
    birthDate: presence(0x00100030),
    accession: presence(0x00080050),
    studyUid: presence(0x0020000d),
    seriesUid: presence(0x0020000e),
    instanceUid: presence(0x00080018),
  };
}
