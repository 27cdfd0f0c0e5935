/** Files of an invented form, taken in, and the documents that say what was found in them. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { COMMANDS } from '../../src/cli/commands.ts';
import type { DocumentsDocument } from '../../src/cli/documents.ts';
import type { RunSummary } from '../../src/engine/summary.ts';
import { documentAs, openWorkbench, quietSession, type Workbench } from '../imaging/workbench.ts';

const PROPERTIES = {
  adcid: { type: 'integer' },
  ptid: { type: 'string', maxLength: 10 },
  visitnum: { type: 'integer' },
  visitdate: { type: 'string' },
  initials: { type: 'string' },
  age: { type: 'integer', maximum: 110 },
  weight: { type: 'number' },
  note: { type: 'string', maxLength: 60 },
};

/** Two rules that ask for a look, and one that is an error. */
export const STUDY = {
  modules: [
    {
      name: 'UDS',
      schema: {
        $schema: 'http://json-schema.org/draft-07/schema#',
        type: 'object',
        required: ['adcid', 'ptid', 'visitnum'],
        properties: PROPERTIES,
      },
      rules: {
        ptid: { type: 'string' },
        age: { type: 'integer', nullable: true, min: 18, max: 100 },
        weight: { type: 'float', nullable: true, max: 300 },
      },
      codes: {
        age: {
          min: { code: 'UDS-MIN-AGE', type: 'error' },
          max: { code: 'UDS-MAX-AGE', type: 'alert', message: 'An age above 100?' },
        },
        weight: { max: { code: 'UDS-WEIGHT', type: 'alert', message: 'A weight above 300 kg?' } },
      },
    },
  ],
  keys: {},
};

export type Row = Readonly<Partial<Record<keyof typeof PROPERTIES, string | number>>>;

export interface DocumentsBench {
  readonly workbench: Workbench;
  /** Takes in files, each of these rows, in the order of the columns. */
  send(...files: readonly (readonly Row[])[]): Promise<RunSummary>;
  /** Takes in files that consist of these texts: JSON where one begins with a bracket. */
  sendTexts(...texts: readonly string[]): Promise<RunSummary>;
  /** The text of a document, by its key. */
  text(key: string): string;
  /** Writes the documents as things stand now. */
  rewrite(run: string): Promise<DocumentsDocument['documents']>;
  /** Judges all alerts of a run that nobody has judged: without the command, nothing follows. */
  clear(run: string, by: string): Promise<number>;
  close(): Promise<void>;
}

export async function openDocumentsBench(): Promise<DocumentsBench> {
  const folder = mkdtempSync(join(tmpdir(), 'lazaret-documents-'));
  const workbench = await openWorkbench({ folder });
  mkdirSync(workbench.source);
  let files = 0;
  const { application } = workbench;
  const sendTexts = (...texts: readonly string[]): Promise<RunSummary> => {
    const paths = texts.map((text) => {
      files += 1;
      const ending = text.startsWith('[') ? 'json' : 'csv';
      const path = join(workbench.source, `uds-${files}.${ending}`);
      writeFileSync(path, text);
      return path;
    });
    return workbench.run({
      ...{ pipeline: 'forms', location: JSON.stringify(paths), site: 'harbour' },
      settings: { study: STUDY },
    });
  };
  return {
    workbench,
    send: (...given) => sendTexts(...given.map(csvOf)),
    sendTexts,
    text: (key) => readFileSync(join(workbench.out, key), 'utf8'),
    async rewrite(run) {
      const input = { run, project: 'default' };
      const outcome = await COMMANDS.documents(application, input, quietSession());
      return documentAs<DocumentsDocument>(outcome).documents;
    },
    async clear(short, by) {
      const run = await application.engine.find(short);
      const { db } = application.store;
      const decision = crypto.randomUUID();
      await sql`insert into lazaret.decision (id, project, kind, by, at, reason, selection)
        values (${decision}, 'default', 'clear', ${by}, now(), 'as the site says', '{}')`.execute(
        db,
      );
      const { rows } = await sql<{ key: string }>`
        insert into lazaret_forms.clearance
          (project, key, version, bucket, state, rule_digest, clear, decision, by, at, reason)
        select project, key, 1, bucket, state, rule_digest, true, ${decision}, ${by}, now(), 'so'
        from lazaret_forms.alert where run = ${run.id} and version is null
        returning key`.execute(db);
      return rows.length;
    },
    async close() {
      await workbench.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function csvOf(rows: readonly Row[]): string {
  const columns = Object.keys(PROPERTIES) as (keyof Row)[];
  const cell = (value: string | number = ''): string =>
    typeof value === 'number' ? String(value) : `"${value.replaceAll('"', '""')}"`;
  const lines = rows.map((row) => columns.map((name) => cell(row[name])).join(','));
  return `${[columns.join(','), ...lines].join('\n')}\n`;
}
