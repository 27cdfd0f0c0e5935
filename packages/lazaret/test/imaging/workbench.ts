/** Runs of images in this process: the application as `main.ts` puts it together, and its commands. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { COMMANDS } from '../../src/cli/commands.ts';
import type { Outcome, Session } from '../../src/cli/command.ts';
import type { RunInput } from '../../src/cli/run.ts';
import type { RunSummary } from '../../src/engine/summary.ts';
import { catalogue, openApplication, type Application } from '../../src/main.ts';
import { openArrival } from '../../src/engine/stage-rows.ts';

export interface Workbench {
  readonly folder: string;
  readonly source: string;
  readonly out: string;
  readonly data: string;
  readonly application: Application;
  /** What was written to the log so far. */
  readonly log: readonly string[];
  run(given?: Partial<RunInput>, session?: Session): Promise<RunSummary>;
  /** What became of each file that was not delivered, by its path below the source. */
  standing(run: string): Promise<Map<string, Standing>>;
  close(): Promise<void>;
}

export interface Standing {
  readonly item: string;
  readonly disposition: string;
  readonly code: string;
  readonly id: string;
  readonly place: Readonly<Record<string, unknown>>;
  readonly action: string;
}

export async function openWorkbench(
  options: {
    readonly folder?: string;
    readonly databaseUrl?: string;
    /** The environment, besides the folder of the keys. */
    readonly env?: Readonly<Record<string, string>>;
  } = {},
): Promise<Workbench> {
  const folder = options.folder ?? mkdtempSync(join(tmpdir(), 'lazaret-imaging-'));
  const data = join(folder, 'data');
  const log: string[] = [];
  const application = await openApplication({
    dataFolder: data,
    databaseUrl: options.databaseUrl,
    env: Object.assign(options.env ?? {}, { LAZARET_CONFIG_DIR: join(folder, 'configuration') }),
    works: true,
    command: 'a test',
    workers: 2,
    logFormat: 'tab',
    logLevel: 'info',
    timeZone: 'UTC',
    writeLog: (line) => log.push(line),
    onKeyCreated: () => undefined,
  });
  const source = join(folder, 'source');
  const out = join(folder, 'out');
  return {
    folder,
    source,
    out,
    data,
    application,
    log,
    async run(given = {}, session = quietSession()) {
      const outcome = await COMMANDS.run(
        application,
        {
          pipeline: 'imaging',
          location: source,
          out,
          data,
          settings: {},
          project: 'default',
          site: 'default',
          user: 'tester',
          strict: false,
          maxPauseSeconds: 1,
          ...given,
        },
        session,
      );
      return outcome.document as RunSummary;
    },
    standing: (run) => standingOf(application, run),
    async close() {
      await application.close();
      if (options.folder === undefined) rmSync(folder, { recursive: true, force: true });
    },
  };
}

export function quietSession(controller = new AbortController()): Session {
  return {
    controller,
    progressOf: () => ({ arrived() {}, allArrived() {}, advanced() {}, status() {} }),
  };
}

export function documentAs<Document>(outcome: Outcome): Document {
  return outcome.document as Document;
}

async function standingOf(
  { engine, store }: Application,
  short: string,
): Promise<Map<string, Standing>> {
  const run = await engine.find(short);
  const key = await engine.keyOf(run.project);
  const pipeline = engine.pipelineOf(run.pipeline);
  const root = String(key.unsealJson(run.source, 'run-source'));
  const { rows } = await sql<{
    no: number;
    disposition: string;
    code: string;
    arrival: Buffer;
    place: Record<string, unknown> | null;
  }>`select i.no, i.disposition, i.code, i.arrival,
      (select f.place from lazaret.published_finding f
       where f.run = i.run and f.item = i.no and f.code = i.code limit 1) as place
    from lazaret.published_item i where i.run = ${run.id}`.execute(store.db);
  return new Map(
    rows.map(({ no, arrival, place, ...row }) => {
      const path = pipeline.reveal?.(openArrival(key, arrival)) ?? '';
      const entry = catalogue.entryOf(row);
      return [
        path.slice(root.length + 1),
        {
          ...row,
          item: `${short}/${no}`,
          id: entry.id,
          action: entry.action,
          place: place ?? {},
        },
      ];
    }),
  );
}

/** Every file below a folder, by its path relative to it. */
export function filesBelow(folder: string): Map<string, Buffer> {
  const files = new Map<string, Buffer>();
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    files.set(path.slice(folder.length + 1), readFileSync(path));
  }
  return new Map([...files].toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

/** All rows of all tables and schemas, columns as the bytes that they hold. */
export async function dumpTables({ store }: Application): Promise<Map<string, Buffer>> {
  const { rows: tables } = await sql<{ schema: string; name: string }>`
    select table_schema as schema, table_name as name from information_schema.tables
    where table_type = 'BASE TABLE'
      and table_schema not in ('pg_catalog', 'information_schema')`.execute(store.db);
  const dump = new Map<string, Buffer>();
  for (const { schema, name } of tables) {
    const { rows } = await sql<Record<string, unknown>>`
      select * from ${sql.table(`${schema}.${name}`)}`.execute(store.db);
    const parts = rows.flatMap((row) =>
      Object.values(row).map((value) =>
        Buffer.isBuffer(value) ? value : Buffer.from(`${JSON.stringify(value)}\n`),
      ),
    );
    dump.set(`${schema}.${name}`, Buffer.concat(parts));
  }
  return dump;
}
