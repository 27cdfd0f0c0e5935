/** The history of subjects: the versions of their visits that were sound, delivered or in review. */
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import type { ProjectKey } from '../../../identity/keys.ts';
import type { FormValues } from '../record.ts';
import { ValueReader, ValueTable, type ValueColumns } from '../value-table.ts';
import { LazyDigest } from './value-digest.ts';

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
  readonly digest: LazyDigest | null;
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
  readonly digest: LazyDigest;
  readonly recipe: string;
  readonly standing: VisitStanding;
  readonly reads: readonly VisitRead[];
}

/**
 * A version that was looked for: how many versions before the reader it stands in the same segment,
 * which is where most of them are; elsewhere its id and its digest; 0 where there was none.
 */
type WrittenFound = number | readonly [id: string, digest: string];

/** `[which, module or 0, which list of filled fields, found]` */
type WrittenRead = readonly [VisitRead['visit'], string | 0, number, WrittenFound];

/** Versions, column by column. */
interface WrittenSegment {
  readonly run: string;
  readonly recipe: string;
  /** The item, of versions that this run has brought. */
  readonly ids: readonly (string | number)[];
  readonly subjects: readonly string[];
  readonly modules: readonly string[];
  readonly visits: readonly string[];
  readonly dates: readonly string[];
  readonly standings: readonly VisitStanding[];
  readonly reads: readonly (readonly WrittenRead[] | 0)[];
  /** Lists of fields that reads name by their position. */
  readonly filled: readonly (readonly string[])[];
  readonly values: ValueColumns;
}

const CONTEXT = 'forms-history';
const MAX_SEGMENT_BYTES = 1 << 30;

/** A subject's versions stand together; so far back one of them is looked for. */
const LOOK_BACK = 32;

/**
 * Versions of one bucket as they are kept: sealed, since they are the data itself.
 * @param run the run that keeps them, and has brought most of them.
 */
export function packVisits(
  key: ProjectKey,
  { run, recipe }: { readonly run: string; readonly recipe: string },
  visits: readonly KeptVisit[],
): Uint8Array {
  const table = new ValueTable();
  const filled = new FilledLists();
  const own = `${run}/`;
  for (const { values } of visits) table.write(values);
  const plain: WrittenSegment = {
    ...{ run, recipe },
    ids: visits.map(({ id }) => (id.startsWith(own) ? Number(id.slice(own.length)) : id)),
    subjects: visits.map(({ subject }) => subject),
    modules: visits.map(({ module }) => module),
    visits: visits.map(({ visit }) => visit),
    dates: visits.map(({ date }) => date),
    standings: visits.map(({ standing }) => standing),
    reads: visits.map(({ reads, module }, at) => writeReads(reads, module, visits, at, filled)),
    filled: filled.lists,
    values: { names: table.names, columns: table.columns },
  };
  return key.seal(zstdCompressSync(JSON.stringify(plain)), CONTEXT);
}

function writeReads(
  reads: readonly VisitRead[],
  own: string,
  visits: readonly KeptVisit[],
  reader: number,
  filled: FilledLists,
): readonly WrittenRead[] | 0 {
  if (reads.length === 0) return 0;
  return reads.map((read) => {
    const module = read.module === own ? 0 : read.module;
    return [read.visit, module, filled.at(read.filled), writeFound(read, visits, reader)];
  });
}

/** Each list of fields once. Rules hand over the same list each time. */
class FilledLists {
  readonly lists: (readonly string[])[] = [[]];

  at(list: readonly string[]): number {
    if (list.length === 0) return 0;
    const at = this.lists.indexOf(list);
    return at < 0 ? this.lists.push(list) - 1 : at;
  }
}

function writeFound(
  { id, digest }: VisitRead,
  visits: readonly KeptVisit[],
  reader: number,
): WrittenFound {
  if (id === null || digest === null) return 0;
  for (let back = 1; back <= LOOK_BACK; back += 1) {
    const version = visits[reader - back];
    if (version === undefined) break;
    if (version.id === id && version.digest.equals(digest)) return back;
  }
  return [id, digest.text];
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
  const segment = JSON.parse(plain.toString('utf8')) as WrittenSegment;
  const { run, recipe, ids, modules, visits, dates, standings } = segment;
  const versions: KeptVisit[] = [];
  const reader = new ValueReader(segment.values);
  const byPosition = new Map<number, KeptVisit>();
  for (const [at, subject] of segment.subjects.entries()) {
    if (subjects?.has(subject) === false) continue;
    const values = reader.read(at);
    const reads = segment.reads[at] ?? 0;
    const version: KeptVisit = {
      ...{ id: wholeId(ids[at] ?? 0, run), subject, module: modules[at] ?? '' },
      ...{ visit: visits[at] ?? '', date: dates[at] ?? '' },
      ...{ values, digest: LazyDigest.of(values), recipe },
      standing: standings[at] ?? 'failed',
      // What it has looked at is of its subject too, and stands before it.
      reads: reads === 0 ? [] : reads.map((read) => readRead(read, segment, at, byPosition)),
    };
    versions.push(version);
    byPosition.set(at, version);
  }
  return versions;
}

function readRead(
  [visit, other, list, found]: WrittenRead,
  { filled, modules }: WrittenSegment,
  reader: number,
  before: ReadonlyMap<number, KeptVisit>,
): VisitRead {
  const module = other === 0 ? (modules[reader] ?? '') : other;
  const read = { visit, module, filled: filled[list] ?? [] };
  if (found === 0) return { ...read, id: null, digest: null };
  if (typeof found !== 'number') {
    return { ...read, id: found[0], digest: LazyDigest.known(found[1]) };
  }
  const version = before.get(reader - found);
  if (version === undefined)
    throw new Error('A segment refers to a version that it does not have.');
  const { id, digest } = version;
  return { ...read, id, digest };
}

function wholeId(id: string | number, run: string): string {
  return typeof id === 'number' ? `${run}/${id}` : id;
}
