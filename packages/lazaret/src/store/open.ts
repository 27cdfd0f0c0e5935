/** Opening the store: PGlite in a folder of ours, or a PostgreSQL that somebody runs. */
import { createHash } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { createPgConfig } from '@electric-sql/pglite/node-postgres';
import { Kysely, sql } from 'kysely';
import pg from 'pg';
import { storeCodes } from './codes.ts';
import { acquireLock, type StoreLock } from './lock.ts';
import { HEART_MIGRATIONS, migrate, type Migrations } from './migrate.ts';
import { placeNewCluster } from './new-cluster.ts';
import { StoreDialect } from './store-dialect.ts';
import type { Tables } from './tables.ts';

export type Db = Kysely<Tables>;

export interface Store {
  readonly kind: 'pglite' | 'postgres';
  readonly db: Db;
  /** The lock on the embedded store; null on PostgreSQL, which several processes share. */
  readonly lock: StoreLock | null;
  /** What PostgreSQL does by itself and PGlite does not: vacuum and statistics. */
  maintain(): Promise<void>;
  close(): Promise<void>;
}

export interface StoreOptions {
  /** Folder of the embedded store. Not used with a database URL. */
  readonly dataFolder: string;
  readonly databaseUrl?: string | undefined;
  /** Where what a new embedded store begins with is kept; null: nowhere. */
  readonly cacheFolder: string | null;
  readonly migrations?: readonly Migrations[];
  /** Named to others that want the store meanwhile. */
  readonly command: string;
  readonly now: () => Date;
}

/**
 * @throws StoreHeld, StoreUnusable, DatabaseNotUsable, StoreTooNew, StoreMigrationChanged.
 */
export async function openStore(options: StoreOptions): Promise<Store> {
  const store =
    options.databaseUrl === undefined
      ? await openEmbedded(options)
      : await openPostgres(options.databaseUrl);
  try {
    await migrate(store.db, [HEART_MIGRATIONS, ...(options.migrations ?? [])], options.now);
    return store;
  } catch (error) {
    await store.close();
    throw error;
  }
}

/**
 * Where the holder of a data folder serves other commands. In the folder itself where the path is
 * short enough for a socket (107 bytes on Linux), else in the system's temporary folder.
 */
export function socketPath(dataFolder: string): string {
  const inFolder = join(resolve(dataFolder), 'lazaret.sock');
  if (Buffer.byteLength(inFolder) <= MAX_SOCKET_PATH_BYTES) return inFolder;
  const hash = createHash('sha256').update(resolve(dataFolder)).digest('hex').slice(0, 16);
  return join(tmpdir(), `lazaret-${hash}.sock`);
}

const MAX_SOCKET_PATH_BYTES = 100;

/** Connections to a shared PostgreSQL: batches in flight, heartbeats and commands, with room. */
const MAX_CONNECTIONS = 10;

async function openEmbedded(options: StoreOptions): Promise<Store> {
  const folder = resolve(options.dataFolder);
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw storeCodes.fault('StoreUnusable', { cause: describeCause(error) }, { cause: error });
  }
  const lock = await acquireLock(folder, {
    command: options.command,
    socket: socketPath(folder),
    now: options.now(),
  }).catch((error: unknown) => {
    if (error instanceof Error && error.name === 'Fault') throw error;
    throw storeCodes.fault('StoreUnusable', { cause: describeCause(error) }, { cause: error });
  });
  try {
    await placeNewCluster(join(folder, 'store'), options.cacheFolder);
    const engine = await PGlite.create(join(folder, 'store'));
    const pool = new pg.Pool(Object.assign(createPgConfig(engine), { types: TYPES }));
    const db = new Kysely<Tables>({ dialect: new StoreDialect({ pool }) });
    return {
      kind: 'pglite',
      db,
      lock,
      async maintain() {
        await sql`vacuum analyze`.execute(db);
      },
      async close() {
        await db.destroy();
        await engine.close();
        await lock.release();
      },
    };
  } catch (error) {
    await lock.release();
    throw error;
  }
}

async function openPostgres(databaseUrl: string): Promise<Store> {
  const pool = new pg.Pool({
    connectionString: databaseUrl,
    max: MAX_CONNECTIONS,
    types: TYPES,
    connectionTimeoutMillis: 10_000,
  });
  // An idle connection that breaks is replaced by the pool; a query that needs one reports it.
  pool.on('error', () => undefined);
  // One that breaks between two queries of a transaction has nobody to report to, and an error that
  // nobody listens to ends the process. The next query on it fails.
  pool.on('connect', (client) => client.on('error', () => undefined));
  const db = new Kysely<Tables>({ dialect: new StoreDialect({ pool }) });
  try {
    await sql`select 1`.execute(db);
  } catch (error) {
    await db.destroy();
    throw storeCodes.fault('DatabaseNotUsable', { cause: describeCause(error) }, { cause: error });
  }
  return {
    kind: 'postgres',
    db,
    lock: null,
    async maintain() {
      // Autovacuum does this on a server.
    },
    async close() {
      await db.destroy();
    },
  };
}

/** bigint as a number: no count or item number of ours comes near 2^53, and none may pass it. */
const TYPES = new pg.TypeOverrides();
TYPES.setTypeParser(pg.types.builtins.INT8, parseInteger);

function parseInteger(text: string): number {
  const number = Number(text);
  if (!Number.isSafeInteger(number)) throw new RangeError('A count passed 2^53.');
  return number;
}

/** A cause in words that give nothing away: the system's own error code, never its message. */
function describeCause(error: unknown): string {
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') {
    return CAUSES[error.code] ?? error.code;
  }
  return 'unknown cause';
}

const CAUSES: Readonly<Record<string, string>> = {
  EACCES: 'no permission',
  EPERM: 'no permission',
  EROFS: 'the disk is read-only',
  ENOSPC: 'no space left',
  ENOTDIR: 'a file is in the way',
  EEXIST: 'a file is in the way',
  ENOENT: 'the folder does not exist',
  ECONNREFUSED: 'connection refused',
  ENOTFOUND: 'unknown host',
  ETIMEDOUT: 'no answer',
  ECONNRESET: 'connection lost',
  '28P01': 'wrong password',
  '28000': 'not allowed to log in',
  '3D000': 'no such database',
};
