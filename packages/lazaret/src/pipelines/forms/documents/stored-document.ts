/**
 * Puts a document beside the deliveries: create-only, in versions. Where one with other content is
 * there already (somebody cleared an alert since), the next version is written; the same content is
 * found and left. What was written is remembered, so that the latest version can be told.
 */
import { isFault } from '@lazaret/faults';
import { sql } from 'kysely';
import {
  clearAttempts,
  deliver,
  replace,
  type Delivery,
  type DeliveryStream,
} from '../../../sinks/folder.ts';
import type { Db } from '../../../store/open.ts';

export interface DocumentPlace {
  readonly db: Db;
  readonly folder: string;
  readonly signal: AbortSignal;
  readonly now: () => Date;
  /** The run that writes. */
  readonly run: string;
  /** The run whose files it is about. */
  readonly about: string;
  /** Names the attempt, as the sink has it. No two at work at a time share one. */
  readonly attempt: string;
  /** Whether the document is one of those beside the deliveries, and so to be remembered. */
  readonly remembers: boolean;
}

export interface NamedDocument {
  readonly kind: 'qc' | 'fix-list-csv' | 'fix-list-page';
  readonly number: number;
  /** Without the ending: `default/QC/r_8k2f3d/file-1`. */
  readonly stem: string;
  readonly ending: string;
  /** Called once for each version that is tried; the same text every time. */
  write(): AsyncIterable<string> | Iterable<string>;
}

export interface WrittenDocument {
  readonly kind: NamedDocument['kind'];
  readonly number: number;
  readonly key: string;
  readonly bytes: number;
}

export interface RememberedDocument extends WrittenDocument {
  /** SHA-256, hexadecimal. */
  readonly digest: string;
}

const MAX_VERSIONS = 1_000;
/** Text is handed on in pieces of about so many UTF-16 units. */
const PIECE_LENGTH = 1 << 16;

/** @throws the faults of the sink */
export async function storeDocument(
  place: DocumentPlace,
  document: NamedDocument,
): Promise<WrittenDocument> {
  const { db, now, run, about, remembers } = place;
  const { kind, number } = document;
  for (let version = 1; ; version += 1) {
    const suffix = version === 1 ? '' : `-v${version}`;
    const key = `${document.stem}${suffix}.${document.ending}`;
    const stored = await tryVersion(place, document, key, version === MAX_VERSIONS);
    if (stored === null) continue;
    const written = { kind, number, key, bytes: stored.size };
    if (!remembers) return written;
    await rememberDocument({ db, now, run, about }, { ...written, digest: stored.digest });
    return written;
  }
}

export async function rememberDocument(
  { db, now, run, about }: Pick<DocumentPlace, 'db' | 'now' | 'run' | 'about'>,
  { kind, number, key, bytes, digest }: RememberedDocument,
): Promise<void> {
  await sql`insert into lazaret_forms.document (run, about, kind, number, key, digest, bytes, at)
    values (${run}, ${about}, ${kind}, ${number}, ${key}, ${digest}, ${bytes}, ${now()})
    on conflict do nothing`.execute(db);
}

/**
 * Puts a document in the place of its first version, whatever lies there.
 * @throws the faults of the sink
 */
export async function replaceDocument(
  { folder, signal, attempt }: Pick<DocumentPlace, 'folder' | 'signal' | 'attempt'>,
  { kind, number, stem, ending, write }: NamedDocument,
): Promise<RememberedDocument> {
  const key = `${stem}.${ending}`;
  const { digest, size } = await replace({
    ...{ folder, key, attempt, signal },
    write: (stream) => writePieces(stream, write()),
  });
  return { kind, number, key, bytes: size, digest };
}

/** Null where another document has the name. */
async function tryVersion(
  { folder, signal, attempt }: DocumentPlace,
  { write }: NamedDocument,
  key: string,
  isLast: boolean,
): Promise<Delivery | null> {
  // What lies aside under this attempt's name was left by a process that is dead.
  await clearAttempts({ folder, key, attempts: [attempt] });
  try {
    return await deliver({
      ...{ folder, key, attempt, signal },
      write: (stream) => writePieces(stream, write()),
    });
  } catch (error) {
    if (!isLast && isFault(error) && error.code === 'DeliveryConflict') return null;
    throw error;
  }
}

async function writePieces(
  stream: DeliveryStream,
  texts: AsyncIterable<string> | Iterable<string>,
): Promise<void> {
  for await (const piece of inPieces(texts)) await stream.write(Buffer.from(piece));
}

async function* inPieces(texts: AsyncIterable<string> | Iterable<string>): AsyncGenerator<string> {
  let piece = '';
  for await (const text of texts) {
    piece += text;
    if (piece.length < PIECE_LENGTH) continue;
    yield piece;
    piece = '';
  }
  if (piece !== '') yield piece;
}
