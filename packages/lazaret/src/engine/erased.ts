/**
 * How erased content is recognised if it comes again: by a keyed hash of its bytes, and of whose it
 * is. It is held, and neither goes through nor passes for a duplicate of what is no longer there.
 */
import type { Finding, Place } from '@lazaret/faults';
import { sql } from 'kysely';
import type { ProjectKey } from '../identity/keys.ts';
import type { Db } from '../store/open.ts';
import { engineCodes } from './codes.ts';
import type { Traveller } from './members.ts';
import type { AnyPipeline } from './pipeline.ts';
import type { Released } from './settle.ts';

export interface ErasedContext {
  readonly db: Db;
  readonly key: ProjectKey;
  readonly pipeline: AnyPipeline;
  readonly configuration: unknown;
  readonly run: { readonly project: string };
}

/** Keyed hash of a digest of source bytes. */
export function bytesHash(key: ProjectKey, digest: string): string {
  return Buffer.from(key.keyedBytes('erased-bytes', digest)).toString('hex');
}

/** Keyed hash of whose data an item is; null where nobody can tell. */
export function subjectHash(
  { key, pipeline, configuration }: Pick<ErasedContext, 'key' | 'pipeline' | 'configuration'>,
  value: unknown,
): string | null {
  const subject = pipeline.erasing?.subjectOf(value, configuration) ?? null;
  return subject === null ? null : hashOfSubject(key, subject);
}

export function hashOfSubject(key: ProjectKey, subject: string): string {
  return Buffer.from(key.keyedBytes('subject', subject)).toString('hex');
}

/**
 * All marks of a project, for a thread that has no store: of each hash the first bytes, sorted, one
 * behind the other. A run may have been erased with a million records.
 */
export interface ErasedHashes {
  readonly subject: Uint8Array;
  readonly bytes: Uint8Array;
}

/** Enough of a hash to tell a million of them apart. */
const PREFIX_BYTES = 16;

/** Null where nothing was erased: then nobody has to look. */
export async function erasedHashes(db: Db, project: string): Promise<ErasedHashes | null> {
  const { rows } = await sql<{ kind: 'subject' | 'bytes'; hashes: Uint8Array }>`
    select kind, string_agg(decode(left(hash, ${2 * PREFIX_BYTES}), 'hex'), ''::bytea
      order by hash collate "C") as hashes
    from lazaret.erased_mark where project = ${project} group by kind`.execute(db);
  if (rows.length === 0) return null;
  const of = (wanted: 'subject' | 'bytes'): Uint8Array =>
    Uint8Array.from(rows.find(({ kind }) => kind === wanted)?.hashes ?? []);
  return { subject: of('subject'), bytes: of('bytes') };
}

/** @param hash in hexadecimal */
export function isAmong(hashes: Uint8Array, hash: string): boolean {
  const wanted = Buffer.from(hash.slice(0, 2 * PREFIX_BYTES), 'hex');
  let from = 0;
  let to = hashes.length / PREFIX_BYTES;
  while (from < to) {
    const middle = (from + to) >> 1;
    const at = middle * PREFIX_BYTES;
    const order = Buffer.compare(hashes.subarray(at, at + PREFIX_BYTES), wanted);
    if (order === 0) return true;
    if (order < 0) from = middle + 1;
    else to = middle;
  }
  return false;
}

const HASHES_AT_ONCE = 5_000;

/** Findings for items that were erased before, or whose patient was. */
export async function findErased(
  context: ErasedContext,
  travellers: readonly Traveller[],
): Promise<Map<number, Finding>> {
  const found = new Map<number, Finding>();
  const { db, key, pipeline, run } = context;
  const any = await db
    .selectFrom('lazaret.erased_mark')
    .select('kind')
    .where('project', '=', run.project)
    .executeTakeFirst();
  if (any === undefined) return found;
  const hashes = new Map<number, readonly (string | null)[]>();
  for (const { item, value } of travellers) {
    const digest = pipeline.digestOf?.(value) ?? null;
    const bytes = digest === null ? null : bytesHash(key, digest);
    hashes.set(item, [bytes, subjectHash(context, value)]);
  }
  const asked = [...hashes.values()].flat().filter((hash) => hash !== null);
  const marked = new Map<string, 'bytes' | 'subject'>();
  for (let from = 0; from < asked.length; from += HASHES_AT_ONCE) {
    const rows = await db
      .selectFrom('lazaret.erased_mark')
      .select(['kind', 'hash'])
      .where('project', '=', run.project)
      .where('hash', 'in', asked.slice(from, from + HASHES_AT_ONCE))
      .execute();
    for (const { kind, hash } of rows) marked.set(hash, kind);
  }
  for (const [item, some] of hashes) {
    const kind = some.map((hash) => marked.get(hash ?? '')).find((each) => each !== undefined);
    if (kind === undefined) continue;
    found.set(item, erasedBefore(kind, { item }));
  }
  return found;
}

/** Whether people have let an item go though it was erased before. */
export function isErasureLetGo(released: Released): boolean {
  return 'ErasedBefore' in released;
}

/** What is told of an item whose content, or whose patient, was erased. */
export function erasedBefore(kind: 'bytes' | 'subject', place: Place): Finding {
  const erased = kind === 'bytes' ? 'the same bytes' : 'all data of the same patient';
  return engineCodes.finding('ErasedBefore', { erased }, place);
}
