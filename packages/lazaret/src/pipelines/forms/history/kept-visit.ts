/** The history of subjects: the versions of their visits that were sound, delivered or in review. */
import { createHash } from 'node:crypto';
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { canonicalJson } from '../../../engine/canonical-json.ts';
import type { ProjectKey } from '../../../identity/keys.ts';
import type { FormValues } from '../record.ts';
import { readValues, ValueTable, type ValueRow } from '../value-table.ts';

/** An earlier visit that an evaluation looked for: which one it found, or that there was none. */
export interface VisitRead {
  readonly visit: 'previous' | 'initial';
  /** Only visits in which these fields are filled count. */
  readonly filled: readonly string[];
  /** The version found; null where there was none. */
  readonly id: string | null;
}

/** One version of a visit. The latest one counts. */
export interface KeptVisit {
  /** Run and item that brought it: `<run>/<item>`. */
  readonly id: string;
  readonly subject: string;
  readonly module: string;
  readonly visit: string;
  readonly date: string;
  readonly values: FormValues;
  /** Of the values: the same digest is the same visit. */
  readonly digest: string;
  readonly recipe: string;
  readonly standing: 'delivered' | 'held' | 'recalled';
  readonly reads: readonly VisitRead[];
}

/** SHA-256 over the values in one order, hexadecimal. */
export function digestOf(values: FormValues): string {
  return createHash('sha256').update(canonicalJson(values)).digest('hex');
}

type WrittenVisit = readonly [
  id: string,
  subject: string,
  module: string,
  visit: string,
  date: string,
  digest: string,
  standing: KeptVisit['standing'],
  reads: readonly VisitRead[] | 0,
  values: ValueRow,
];

interface WrittenSegment {
  readonly recipe: string;
  readonly names: readonly string[];
  readonly visits: readonly WrittenVisit[];
}

const CONTEXT = 'forms-history';
const MAX_SEGMENT_BYTES = 1 << 30;

/** Versions of one bucket as they are kept: sealed, since they are the data itself. */
export function packVisits(
  key: ProjectKey,
  recipe: string,
  visits: readonly KeptVisit[],
): Uint8Array {
  const table = new ValueTable();
  const written = visits.map(
    ({ id, subject, module, visit, date, digest, standing, reads, values }): WrittenVisit => [
      ...([id, subject, module, visit, date, digest, standing] as const),
      reads.length === 0 ? 0 : reads,
      table.write(values),
    ],
  );
  const plain: WrittenSegment = { recipe, names: table.names, visits: written };
  return key.seal(zstdCompressSync(JSON.stringify(plain)), CONTEXT);
}

/** @throws SealDamaged, SealKeyDiffers */
export function unpackVisits(key: ProjectKey, sealed: Uint8Array): KeptVisit[] {
  const plain = zstdDecompressSync(key.unseal(sealed, CONTEXT), {
    maxOutputLength: MAX_SEGMENT_BYTES,
  });
  const { recipe, names, visits } = JSON.parse(plain.toString('utf8')) as WrittenSegment;
  return visits.map(([id, subject, module, visit, date, digest, standing, reads, row]) => ({
    ...{ id, subject, module, visit, date, digest, recipe, standing },
    reads: reads === 0 ? [] : reads,
    values: readValues(names, row),
  }));
}
