/**
 * What becomes of each file of a corpus, as a table: file, disposition, code, message.
 *
 *     node scripts/corpus-table.ts <folder> [--policy FILE]
 *
 * It shows the paths of files. That is for corpora, whose names are public; what it is run on must
 * not be anybody's data. Nothing is kept: store, key and output are in a temporary folder.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { renderText } from '@lazaret/faults';
import { COMMANDS } from '../packages/lazaret/src/cli/commands.ts';
import type { RunSummary } from '../packages/lazaret/src/engine/summary.ts';
import { openArrival } from '../packages/lazaret/src/engine/stage-rows.ts';
import { catalogue, openApplication } from '../packages/lazaret/src/main.ts';
import { folderSource } from '../packages/lazaret/src/pipelines/imaging/find.ts';

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { policy: { type: 'string' } },
});
const [folder] = positionals;
if (folder === undefined) {
  console.error('Usage: node scripts/corpus-table.ts <folder> [--policy FILE]');
  process.exit(2);
}
const source = resolve(folder);
const scratch = mkdtempSync(join(tmpdir(), 'lazaret-corpus-'));
try {
  await printTable();
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

async function printTable(): Promise<void> {
  const data = join(scratch, 'data');
  const application = await openApplication({
    dataFolder: data,
    env: { LAZARET_CONFIG_DIR: join(scratch, 'configuration') },
    command: 'corpus table',
    works: true,
    logFormat: 'tab',
    logLevel: 'error',
    timeZone: 'UTC',
    writeLog: () => undefined,
    onKeyCreated: () => undefined,
  });
  try {
    const input = {
      pipeline: 'imaging',
      location: source,
      out: join(scratch, 'out'),
      data,
      settings: values.policy === undefined ? {} : { policy: readPolicy(values.policy) },
      project: 'corpus',
      site: 'default',
      user: 'corpus',
      strict: false,
      maxPauseSeconds: 0,
    };
    const { document } = await COMMANDS.run(application, input, {
      controller: new AbortController(),
      progressOf: () => ({ arrived() {}, allArrived() {}, advanced() {}, status() {} }),
    });
    const summary = document as RunSummary;
    const stopped = await stoppedItems(application, summary.run);
    const rows = (await allFiles()).map((path) => [
      relative(source, path),
      ...(stopped.get(path) ?? ['delivered', '', '']),
    ]);
    console.log('| file | disposition | code | message |\n| --- | --- | --- | --- |');
    for (const row of rows) console.log(`| ${row.map(cell).join(' | ')} |`);
    console.log(`\n${JSON.stringify(summary.items)}`);
  } finally {
    await application.close();
  }
}

function readPolicy(path: string): unknown {
  return JSON.parse(readFileSync(path, 'utf8'));
}

/** Disposition, code and message of each item that was not delivered, by its path. */
async function stoppedItems(
  { engine, store }: Awaited<ReturnType<typeof openApplication>>,
  short: string,
): Promise<Map<string, readonly string[]>> {
  const run = await engine.find(short);
  const key = await engine.keyOf(run.project);
  const pipeline = engine.pipelineOf(run.pipeline);
  const items = await store.db
    .selectFrom('lazaret.published_item')
    .select(['no', 'disposition', 'code', 'arrival'])
    .where('run', '=', run.id)
    .execute();
  const findings = await store.db
    .selectFrom('lazaret.published_finding')
    .select(['item', 'code', 'parameters', 'place'])
    .where('run', '=', run.id)
    .execute();
  return new Map(
    items.map(({ no, disposition, code, arrival }) => {
      const entry = catalogue.entryOf({ code });
      const found = findings.find((finding) => finding.item === no && finding.code === code);
      const message = renderText(entry, found?.parameters ?? {}, found?.place ?? {}, 'operator');
      const path = arrival === null ? '' : pipeline.reveal?.(openArrival(key, arrival));
      return [path ?? '', [disposition, `${entry.id} ${entry.name}`, message]];
    }),
  );
}

/** Every file in the order of the pipeline. */
async function allFiles(): Promise<string[]> {
  const files: string[] = [];
  const reader = folderSource(source);
  const never = new AbortController().signal;
  for (let checkpoint: unknown = null; ;) {
    const arrivals = await reader.next(checkpoint, never);
    if (arrivals === null) return files;
    for (const { value } of arrivals.batch ?? []) files.push((value as { path: string }).path);
    ({ checkpoint } = arrivals);
  }
}

function cell(text: string): string {
  return text.replaceAll(/\s+/g, ' ').replaceAll('|', '\\|');
}
