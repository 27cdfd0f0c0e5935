/** Runs a pipeline over a few files, from the beginning to the end, for the tests of its author. */
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { AnyPipeline } from '../src/engine/pipeline.ts';
import {
  makeFolder,
  openBench,
  outcomeOf,
  removeFolder,
  work,
  type Outcome,
} from './engine-bench.ts';

/**
 * @param files by name; they are the folder that is taken in
 * @param settings of the pipeline
 * @returns what became of each item, by its number from 1 in the order of the files' names; what was
 *   found; and what was delivered, by its key
 */
export async function tryPipeline(
  pipeline: AnyPipeline,
  files: Readonly<Record<string, string>>,
  settings: Readonly<Record<string, unknown>> = {},
): Promise<Outcome & { readonly status: string }> {
  const folder = await makeFolder();
  const [source, out] = [path.join(folder, 'source'), path.join(folder, 'out')];
  for (const made of [source, out]) await mkdir(made);
  for (const [name, text] of Object.entries(files)) await writeFile(path.join(source, name), text);
  const bench = await openBench({ url: null, folder, pipelines: [pipeline] });
  try {
    const configuration = pipeline.configure({ source, out, data: folder, ...settings });
    const about = { project: 'trial', site: 'trial', user: 'tester' };
    const request = { pipeline: pipeline.name, configuration, location: source, ...about };
    const run = await bench.engine.create(request);
    const { status } = await work(bench, run);
    return { status, ...(await outcomeOf(bench.db, { run, out })) };
  } finally {
    await bench.close();
    await removeFolder(folder);
  }
}
