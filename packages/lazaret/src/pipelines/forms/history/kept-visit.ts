/** The history of subjects: the versions of their visits that were sound, delivered or in review. */
import { hash } from 'node:crypto';
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { canonicalJson } from '../../../engine/canonical-json.ts';
import type { ProjectKey } from '../../../identity/keys.ts';
import type { FormValues } from '../record.ts';
import { readValues, ValueTable, type ValueRow } from '../value-table.ts';

/** Which visit of the same module, seen from a later one. */
export type EarlierVisit = 'previous' | 'initial';

/** A visit that an evaluation looked for: which version it found, or that there was none. */
export interface VisitRead {
  /** `same`: the visit of that name in another module. */
  readonly visit: EarlierVisit | 'same';
  readonly module: string;
  /** Only visits in which these fields are filled count. */
  readonly filled: readonly string[];
  /** The version found; null where there was none. */
  readonly id: string | null;
  /** Of its values: as long as they are the same, there is nothing to evaluate again. */
  readonly digest: string | null;
}

/**
 * How a version stands:
 *
 *     delivered ⇄ recalled    it was delivered, and an earlier visit changed so that it fails
 *     held ⇄ failed           it was in review, and an earlier visit changed so that it has errors
 *
 * Only what is delivered or held counts as a visit before a later one.
 */
export type VisitStanding = 'delivered' | 'held' | 'recalled' | 'failed';

export function counts({ standing }: { readonly standing: VisitStanding }): boolean {
  return standing === 'delivered' || standing === 'held';
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
  readonly standing: VisitStanding;
  readonly reads: readonly VisitRead[];
}

/** SHA-256 over the values in one order, hexadecimal. */
export function digestOf(values: FormValues): string {
  return hash('sha256', canonicalJson(values), 'hex');
}

/** `[which, module or 0, filled or 0, id, digest]` */
type WrittenRead = readonly [VisitRead['visit'], string | 0, readonly string[] | 0, ...Found];
type Found = readonly [id: string | null, digest: string | null];

type WrittenVisit = readonly [
  id: string,
  subject: string,
  module: string,
  visit: string,
  date: string,
  digest: string,
  standing: KeptVisit['standing'],
  reads: readonly WrittenRead[] | 0,
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
      reads.length === 0 ? 0 : reads.map((read) => writeRead(read, module)),
      table.write(values),
    ],
  );
  const plain: WrittenSegment = { recipe, names: table.names, visits: written };
  return key.seal(zstdCompressSync(JSON.stringify(plain)), CONTEXT);
}

/**
 * The versions of a bucket that are about these subjects; null: of all.
 * @throws SealDamaged, SealKeyDiffers
 */
export function unpackVisits(
  key: ProjectKey,
  sealed: Uint8Array,
  subjects: { has(subject: string): boolean } | null = null,
): KeptVisit[] {
  const plain = zstdDecompressSync(key.unseal(sealed, CONTEXT), {
    maxOutputLength: MAX_SEGMENT_BYTES,
  });
  const { recipe, names, visits } = JSON.parse(plain.toString('utf8')) as WrittenSegment;
  const versions: KeptVisit[] = [];
  for (const [id, subject, module, visit, date, digest, standing, reads, row] of visits) {
    if (subjects?.has(subject) === false) continue;
    versions.push({
      ...{ id, subject, module, visit, date, digest, recipe, standing },
      reads: reads === 0 ? [] : reads.map((read) => readRead(read, module)),
      values: readValues(names, row),
    });
  }
  return versions;
}

function writeRead({ visit, module, filled, id, digest }: VisitRead, own: string): WrittenRead {
  return [visit, module === own ? 0 : module, filled.length === 0 ? 0 : filled, id, digest];
}

function readRead([visit, module, filled, id, digest]: WrittenRead, own: string): VisitRead {
  return {
    ...{ visit, id, digest },
    module: module === 0 ? own : module,
    filled: filled === 0 ? [] : filled,
  };
}
