/** The only place where things are wired together. */
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';
import {
  BASE_CODES,
  createCatalogue,
  createSystemClock,
  type Catalogue,
  type Clock,
  type LogLevel,
} from '@lazaret/faults';
import { entries as archiveCodes } from './archive/codes.ts';
import { cliCodes } from './cli/codes.ts';
import { engineCodes } from './engine/codes.ts';
import { createEngine, type Engine } from './engine/engine.ts';
import type { AnyPipeline } from './engine/pipeline.ts';
import type { SpaceLimits } from './engine/space.ts';
import { createWorkerPool } from './engine/workers/pool.ts';
import { entries as identityCodes } from './identity/codes.ts';
import {
  configFolder,
  findProjectKey,
  loadOrCreateProjectKey,
  type FoundKey,
  type KeyRequest,
} from './identity/keys.ts';
import { IDENTITY_MIGRATIONS } from './identity/stored-map.ts';
import { createKeptLog } from './log/kept-log.ts';
import { createLog, type Log, type LogFormat } from './log/log.ts';
import { pipeline as forms } from './pipelines/forms/index.ts';
import { pipeline as imaging } from './pipelines/imaging/index.ts';
import { entries as sinkCodes } from './sinks/codes.ts';
import { storeCodes } from './store/codes.ts';
import { entries as webServiceCodes } from './web-service/codes.ts';
import { cacheFolder } from './store/new-cluster.ts';
import { openStore, type Store } from './store/open.ts';
import { watchCodes } from './watch/codes.ts';

/** Every pipeline of the house. */
export const PIPELINES: readonly AnyPipeline[] = [imaging, forms];

/** A pipeline by its name; one that does not exist is a bug of the caller. */
export function pipelineNamed(name: string): AnyPipeline {
  const pipeline = PIPELINES.find((candidate) => candidate.name === name);
  if (pipeline === undefined) throw new Error(`No pipeline is named ${name}.`);
  return pipeline;
}

export const VERSION: string = readVersion();

/** What the program was made from, for every line of the log. */
const COMMIT: string = readCommit() ?? VERSION;

/** The one list of everything that can go wrong. */
export const catalogue: Catalogue = createCatalogue(
  BASE_CODES,
  storeCodes.entries,
  engineCodes.entries,
  identityCodes,
  archiveCodes,
  webServiceCodes,
  sinkCodes,
  cliCodes.entries,
  watchCodes.entries,
  ...PIPELINES.map(({ codes }) => codes),
);

export interface ApplicationOptions {
  readonly dataFolder: string;
  readonly databaseUrl?: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Named to others that want the store meanwhile. */
  readonly command: string;
  readonly workers?: number | undefined;
  /** The command will work on items: threads start beside the store, not after it. */
  readonly works: boolean;
  readonly logFormat: LogFormat;
  readonly logLevel: LogLevel;
  readonly timeZone: string;
  readonly writeLog: (line: string) => void;
  /** Told when a project's key was made: people must know where it is. */
  readonly onKeyCreated: (project: string, path: string) => void;
  readonly clock?: Clock;
  /** How much room there has to be on the disks. Absent: it is not measured. */
  readonly space?: SpaceLimits | undefined;
}

export interface Application {
  readonly store: Store;
  readonly engine: Engine;
  readonly log: Log;
  readonly clock: Clock;
  readonly dataFolder: string;
  /** The key file of a project, where there is one; makes none. */
  findKey(project: string, expectedKeyId: string | null): Promise<FoundKey>;
  close(): Promise<void>;
}

/**
 * Opens the store and puts the engine together.
 * @throws the faults of `openStore`.
 */
export async function openApplication(options: ApplicationOptions): Promise<Application> {
  const clock = options.clock ?? createSystemClock();
  const keptLog = createKeptLog();
  const log = createLog({
    catalogue,
    now: () => clock.now(),
    format: options.logFormat,
    timeZone: options.timeZone,
    product: `lazaret/${VERSION}`,
    commit: COMMIT,
    level: options.logLevel,
    write: options.writeLog,
    keep: keptLog.keep,
  });
  const dataFolder = resolve(options.dataFolder);
  const pool = createWorkerPool(options.workers ?? availableParallelism());
  if (options.works) pool.warm(PIPELINES.map(({ module }) => module));
  const store = await openStore({
    dataFolder,
    databaseUrl: options.databaseUrl,
    cacheFolder: cacheFolder(options.env),
    migrations: [
      IDENTITY_MIGRATIONS,
      ...PIPELINES.flatMap(({ migrations }) => (migrations === undefined ? [] : [migrations])),
    ],
    command: options.command,
    now: () => new Date(clock.now()),
  }).catch(async (error: unknown) => {
    await pool.end();
    throw error;
  });
  const keyRequest = (project: string, expectedKeyId: string | null): KeyRequest => ({
    folder: configFolder(options.env),
    project,
    ...(expectedKeyId === null ? {} : { expectedKeyId }),
    random: randomBytes,
    now: () => new Date(clock.now()),
  });
  try {
    const engine = await createEngine({
      store,
      pipelines: PIPELINES,
      catalogue,
      clock,
      log,
      keptLog,
      env: options.env,
      version: VERSION,
      staging: join(dataFolder, 'staging'),
      copies: join(dataFolder, 'copies'),
      workers: pool.size,
      space: options.space,
      pool,
      loadKey: async (project, expectedKeyId) => {
        const loaded = await loadOrCreateProjectKey(keyRequest(project, expectedKeyId));
        if (loaded.created) options.onKeyCreated(project, loaded.path);
        return loaded.key;
      },
    });
    return {
      store,
      engine,
      log,
      clock,
      dataFolder,
      findKey: (project, expectedKeyId) => findProjectKey(keyRequest(project, expectedKeyId)),
      async close() {
        await engine.close();
        await store.close();
      },
    };
  } catch (error) {
    await pool.end();
    await store.close();
    throw error;
  }
}

function readVersion(): string {
  const manifest: unknown = JSON.parse(
    readFileSync(new URL('../package.json', import.meta.url), 'utf8'),
  );
  if (typeof manifest === 'object' && manifest !== null && 'version' in manifest) {
    return String(manifest.version);
  }
  throw new Error('package.json has no version.');
}

/** The commit of a working copy, abbreviated; null where the program is no working copy. */
function readCommit(): string | null {
  const git = new URL('../../../.git/', import.meta.url);
  try {
    const head = readFileSync(new URL('HEAD', git), 'utf8').trim();
    const branch = /^ref: (.+)$/.exec(head)?.[1];
    const commit = branch === undefined ? head : readFileSync(new URL(branch, git), 'utf8').trim();
    return commit.slice(0, 10);
  } catch (error) {
    // No repository, or packed references: the version says enough.
    if (error instanceof Error && 'syscall' in error) return null;
    throw error;
  }
}
