/** Files as they come, each with something wrong, sent through the real pipeline. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Place } from '@lazaret/faults';
import { sql } from 'kysely';
import type { RunSummary } from '../../src/engine/summary.ts';
import { catalogue } from '../../src/main.ts';
import { openWorkbench, type Workbench } from '../imaging/workbench.ts';

export const STUDY = {
  modules: [
    {
      name: 'UDS',
      schema: {
        $schema: 'http://json-schema.org/draft-07/schema#',
        type: 'object',
        required: ['adcid', 'ptid', 'visitnum'],
        properties: {
          adcid: { type: 'integer' },
          ptid: { type: 'string', maxLength: 10 },
          visitnum: { type: 'integer' },
          sex: { type: 'integer', enum: [1, 2] },
          height: { type: 'number', minimum: 36, maximum: 96 },
          smokes: { type: 'boolean' },
          note: { type: 'string' },
        },
      },
    },
  ],
};

export interface Told {
  /** Null: it is about the file. */
  readonly item: number | null;
  readonly code: string;
  readonly message: string;
  readonly place: Place;
  /** What is kept sealed. */
  readonly value: unknown;
}

export interface TakenIn {
  readonly summary: RunSummary;
  readonly told: readonly Told[];
  /** How each item that was not delivered stands. */
  readonly stopped: ReadonlyMap<number, string>;
  readonly delivered: readonly Readonly<Record<string, unknown>>[];
}

export interface InputBench {
  readonly workbench: Workbench;
  /** Takes in files of this content, by their names; in their order. */
  take(files: Readonly<Record<string, string | Uint8Array>>): Promise<TakenIn>;
  /** Takes in one CSV file. */
  takeCsv(content: string | Uint8Array): Promise<TakenIn>;
  path(name: string): string;
  close(): Promise<void>;
}

/** @param study what the files are taken in by */
export async function openInputBench(study: unknown = STUDY): Promise<InputBench> {
  const folder = mkdtempSync(join(tmpdir(), 'lazaret-inputs-'));
  const workbench = await openWorkbench({ folder });
  mkdirSync(workbench.source);
  const path = (name: string): string => join(workbench.source, name);
  let runs = 0;
  const take: InputBench['take'] = async (files) => {
    runs += 1;
    for (const [name, content] of Object.entries(files)) writeFileSync(path(name), content);
    const out = join(folder, `out-${runs}`);
    const summary = await workbench.run({
      // A project of its own: what was sent before is known there, and would be a duplicate here.
      ...{ pipeline: 'forms', out, settings: { study }, project: `project-${runs}` },
      location: JSON.stringify(Object.keys(files).map(path)),
    });
    return { summary, ...(await resultsOf(workbench, summary.run)), delivered: deliveredTo(out) };
  };
  return {
    workbench,
    path,
    take,
    takeCsv: (content) => take({ [`file-${runs}.csv`]: content }),
    async close() {
      await workbench.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function resultsOf(
  { application }: Workbench,
  short: string,
): Promise<Pick<TakenIn, 'told' | 'stopped'>> {
  const run = await application.engine.find(short);
  const key = await application.engine.keyOf(run.project);
  const { db } = application.store;
  const items = await sql<{ no: string; disposition: string }>`
    select no, disposition from lazaret.published_item where run = ${run.id}`.execute(db);
  const found = await sql<{
    item: string | null;
    code: string;
    parameters: Record<string, string>;
    sealed: Buffer | null;
    place: Place;
  }>`select f.item, f.code, f.parameters, f.sealed, f.place
    from lazaret.published_finding f left join lazaret.batch b on b.id = f.batch
    where f.run = ${run.id}
    order by f.item nulls first, b.ordinal, f.place->'offset', f.code`.execute(db);
  const told = found.rows.map(({ item, code, parameters, sealed, place }): Told => {
    const phi = sealed === null ? null : key.unsealJson(sealed, 'finding');
    const { message } = catalogue.entryOf({ code });
    const text = message.replaceAll(/\{(\w+)\}/g, (_, name: string) => String(parameters[name]));
    const value = phi === null ? null : (phi as { readonly value?: unknown }).value;
    return { item: item === null ? null : Number(item), code, message: text, place, value };
  });
  const stopped = new Map(items.rows.map(({ no, disposition }) => [Number(no), disposition]));
  return { told, stopped };
}

function deliveredTo(out: string): Record<string, unknown>[] {
  const forms = join(out, 'default', 'Forms');
  return names(forms)
    .flatMap((name) => readFileSync(join(forms, name), 'utf8').trimEnd().split('\n'))
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

function names(folder: string): string[] {
  try {
    return readdirSync(folder).filter((name) => name.endsWith('.ndjson'));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
}
