/** The history of subjects: the versions of their visits that were sound, delivered or in review. */
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
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

/**
 * A version that was looked for: how many versions before the reader it stands in the same segment,
 * which is where most of them are; elsewhere its id and its digest; 0 where there was none.
 */
type WrittenFound = number | readonly [id: string, digest: string];

/** `[which, module or 0, which list of filled fields, found]` */
type WrittenRead = readonly [VisitRead['visit'], string | 0, number, WrittenFound];

type WrittenVisit = readonly [
  /** The item, of versions that this run has brought. */
  id: string | number,
  subject: string,
  module: string,
  visit: string,
  date: string,
  digest: string,
  standing: VisitStanding,
  reads: readonly WrittenRead[] | 0,
  values: ValueRow,
];

interface WrittenSegment {
  readonly run: string;
  readonly recipe: string;
  readonly names: readonly string[];
  readonly filled: readonly (readonly string[])[];
  readonly visits: readonly WrittenVisit[];
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
  const written = visits.map((version, at): WrittenVisit => {
    const { id, subject, module, visit, date, digest, standing, reads, values } = version;
    const shortId = id.startsWith(own) ? Number(id.slice(own.length)) : id;
    const row = table.write(values);
    const looked =
      reads.length === 0
        ? 0
        : reads.map((read): WrittenRead => {
            const other = read.module === module ? 0 : read.module;
            return [read.visit, other, filled.at(read.filled), writeFound(read, visits, at)];
          });
    return [shortId, subject, module, visit, date, digest, standing, looked, row];
  });
  const { names } = table;
  const plain: WrittenSegment = { run, recipe, names, filled: filled.lists, visits: written };
  return key.seal(zstdCompressSync(JSON.stringify(plain)), CONTEXT);
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
    if (version.id === id && version.digest === digest) return back;
  }
  return [id, digest];
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
  const { run, recipe, names, visits } = segment;
  const versions: KeptVisit[] = [];
  for (const [at, written] of visits.entries()) {
    const [id, subject, module, visit, date, digest, standing, reads, row] = written;
    if (subjects?.has(subject) === false) continue;
    versions.push({
      id: wholeId(id, run),
      ...{ subject, module, visit, date, digest, recipe, standing },
      reads: reads === 0 ? [] : reads.map((read) => readRead(read, segment, at)),
      values: readValues(names, row),
    });
  }
  return versions;
}

function readRead(
  [visit, other, list, found]: WrittenRead,
  { run, filled, visits }: WrittenSegment,
  reader: number,
): VisitRead {
  const module = other === 0 ? (visits[reader]?.[2] ?? '') : other;
  const read = { visit, module, filled: filled[list] ?? [] };
  if (found === 0) return { ...read, id: null, digest: null };
  if (typeof found !== 'number') return { ...read, id: found[0], digest: found[1] };
  const version = visits[reader - found];
  if (version === undefined)
    throw new Error('A segment refers to a version that it does not have.');
  return { ...read, id: wholeId(version[0], run), digest: version[5] };
}

function wholeId(id: string | number, run: string): string {
  return typeof id === 'number' ? `${run}/${id}` : id;
}
