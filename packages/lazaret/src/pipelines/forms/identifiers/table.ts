/** The table of identifiers in the store: sealed, in the buckets that histories lie in. */
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { sql } from 'kysely';
import type { ProjectKey } from '../../../identity/keys.ts';
import type { Db } from '../../../store/open.ts';
import type { Participant } from '../record-lot.ts';
import { bucketOf } from '../subject.ts';
import { identifierCodes } from './codes.ts';
import { nameOf } from './participant.ts';
import type { TableEntry } from './table-file.ts';

/** A bucket as it is stored. */
export interface SealedBucket {
  readonly bucket: number;
  readonly payload: Uint8Array;
}

export interface LoadCounts {
  /** In the file. */
  readonly participants: number;
  readonly centres: number;
  readonly added: number;
  readonly unchanged: number;
  /** Participants who get another id than the table has, and the first of their lines. */
  readonly changed: { readonly count: number; readonly lines: readonly number[] };
  readonly removed: number;
  /** In the table, after the load. */
  readonly total: number;
}

export interface LoadOptions {
  readonly project: string;
  /** Participants who are not in the file are taken out. */
  readonly replace: boolean;
  readonly acceptChanges: boolean;
  /** Only counted; nothing is written. */
  readonly dryRun: boolean;
  readonly by: string;
  readonly at: Date;
}

/** Participants by `nameOf`, with their ids. */
export type Ids = Map<string, string>;

const CONTEXT = 'forms-identifiers';
const ID_LENGTH = 'NACC000000'.length;
const MAX_BUCKET_BYTES = 1 << 28;
const MAX_LINES_TOLD = 20;

/** Names the lock under which tables are written: an arbitrary number, the same in every process. */
const TABLE_LOCK = 7_204_113_959;

/** The buckets that some subjects lie in, and which centres the whole table knows. */
export async function fetchTable(
  db: Db,
  project: string,
  buckets: readonly number[],
): Promise<{ readonly buckets: readonly SealedBucket[]; readonly centres: readonly string[] }> {
  const table = await sql<{ centres: string[] }>`
    select centres from lazaret_forms.identifier_table where project = ${project}`.execute(db);
  const [known] = table.rows;
  if (known === undefined) throw identifierCodes.fault('IdentifierTableMissing', { project });
  const { rows } = await sql<SealedBucket>`
    select bucket, payload from lazaret_forms.identifier_bucket
    where project = ${project} and bucket = any(${[...buckets]}::smallint[])`.execute(db);
  const sealed = rows.map(({ bucket, payload }) => ({ bucket, payload: Uint8Array.from(payload) }));
  return { buckets: sealed, centres: known.centres };
}

/** @throws `SealDamaged`, `SealKeyDiffers` */
export function openBucket(key: ProjectKey, sealed: Uint8Array): Ids {
  const plain = zstdDecompressSync(key.unseal(sealed, CONTEXT), {
    maxOutputLength: MAX_BUCKET_BYTES,
  });
  const ids: Ids = new Map();
  for (const line of plain.toString('utf8').split('\n')) {
    if (line !== '') ids.set(line.slice(ID_LENGTH), line.slice(0, ID_LENGTH));
  }
  return ids;
}

export function bucketOfParticipant(participant: Participant): number {
  return bucketOf(nameOf(participant));
}

/**
 * Brings the entries of a file in: all of them or none.
 *
 * @throws `IdentifierTableChanges` where ids would change and nobody has accepted that,
 *   `SealDamaged`, `SealKeyDiffers`
 */
export async function loadTable(
  db: Db,
  key: ProjectKey,
  entries: readonly TableEntry[],
  options: LoadOptions,
): Promise<LoadCounts> {
  const { project, acceptChanges, dryRun } = options;
  return db.transaction().execute(async (trx) => {
    await lockTable(trx);
    const before = await readBuckets(trx, key, project);
    const { after, touched, ...counts } = merge(before, entries, options);
    if (dryRun) return counts;
    const { count, lines } = counts.changed;
    if (count > 0 && !acceptChanges) {
      const told = count > lines.length ? `${lines.join(', ')}, …` : lines.join(', ');
      throw identifierCodes.fault('IdentifierTableChanges', { changes: count, lines: told });
    }
    for (const bucket of touched) await writeBucket(trx, key, project, bucket, after.get(bucket));
    await writeTable(trx, after, counts.total, options);
    return counts;
  });
}

/** Until the transaction ends, nobody else writes tables. */
export async function lockTable(trx: Db): Promise<void> {
  await sql`select pg_advisory_xact_lock(${TABLE_LOCK})`.execute(trx);
}

/** The whole table. @throws `SealDamaged`, `SealKeyDiffers` */
export async function readBuckets(
  db: Db,
  key: ProjectKey,
  project: string,
): Promise<Map<number, Ids>> {
  const { rows } = await sql<SealedBucket>`
    select bucket, payload from lazaret_forms.identifier_bucket
    where project = ${project}`.execute(db);
  return new Map(rows.map(({ bucket, payload }) => [bucket, openBucket(key, payload)]));
}

function merge(
  before: ReadonlyMap<number, Ids>,
  entries: readonly TableEntry[],
  { replace }: LoadOptions,
): LoadCounts & { readonly after: Map<number, Ids>; readonly touched: ReadonlySet<number> } {
  const after = new Map<number, Ids>(
    replace ? [] : [...before].map(([bucket, ids]) => [bucket, new Map(ids)]),
  );
  // Taken out is what was there and is not in the file; its bucket is written even when empty.
  const touched = new Set<number>(replace ? before.keys() : []);
  const changed: number[] = [];
  let [added, unchanged, known] = [0, 0, 0];
  for (const { participant, id, line } of entries) {
    const bucket = bucketOfParticipant(participant);
    const name = nameOf(participant);
    const had = before.get(bucket)?.get(name);
    if (had === undefined) added += 1;
    else known += 1;
    if (had === id) unchanged += 1;
    else if (had !== undefined) changed.push(line);
    if (had !== id) touched.add(bucket);
    const ids = after.get(bucket) ?? new Map<string, string>();
    after.set(bucket, ids.set(name, id));
  }
  const earlier = [...before.values()].reduce((sum, ids) => sum + ids.size, 0);
  return {
    ...{ after, touched, added, unchanged },
    changed: { count: changed.length, lines: changed.slice(0, MAX_LINES_TOLD) },
    participants: entries.length,
    centres: new Set(entries.map(({ participant }) => participant[0])).size,
    removed: replace ? earlier - known : 0,
    total: [...after.values()].reduce((sum, ids) => sum + ids.size, 0),
  };
}

/** @param ids undefined: nobody is left in it */
export async function writeBucket(
  db: Db,
  key: ProjectKey,
  project: string,
  bucket: number,
  ids: Ids | undefined,
): Promise<void> {
  if (ids === undefined) {
    await sql`delete from lazaret_forms.identifier_bucket
      where project = ${project} and bucket = ${bucket}`.execute(db);
    return;
  }
  const plain = [...ids].map(([name, id]) => `${id}${name}\n`).join('');
  const payload = Buffer.from(key.seal(zstdCompressSync(plain), CONTEXT));
  await sql`insert into lazaret_forms.identifier_bucket (project, bucket, participants, payload)
    values (${project}, ${bucket}, ${ids.size}, ${payload}::bytea)
    on conflict (project, bucket) do update
    set participants = excluded.participants, payload = excluded.payload`.execute(db);
}

async function writeTable(
  db: Db,
  after: ReadonlyMap<number, Ids>,
  total: number,
  { project, by, at }: LoadOptions,
): Promise<void> {
  const sorted = centresOf(after.values());
  await sql`insert into lazaret_forms.identifier_table
      (project, participants, centres, loaded_at, loaded_by)
    values (${project}, ${total}, ${sorted}::text[], ${at}, ${by})
    on conflict (project) do update set participants = excluded.participants,
      centres = excluded.centres, loaded_at = excluded.loaded_at,
      loaded_by = excluded.loaded_by`.execute(db);
}

/** Numbers of the centres that have participants, ascending. */
export function centresOf(buckets: Iterable<ReadonlyMap<string, string>>): string[] {
  const centres = new Set<string>();
  for (const ids of buckets) {
    for (const name of ids.keys()) centres.add(name.slice(0, name.indexOf('|')));
  }
  return [...centres].sort((a, b) => Number(a) - Number(b));
}
