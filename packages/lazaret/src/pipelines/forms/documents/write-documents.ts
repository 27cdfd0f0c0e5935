/** Everything that a run leaves for people and viewers: QC documents of files, fix lists of sites. */
import type { ConcludeContext } from '../../../engine/pipeline.ts';
import type { FormsTools } from '../tools.ts';
import { CHECKS, type Check } from '../study.ts';
import { resultOf, type CheckResult } from './check-result.ts';
import { findFiled, nameAllFiles, rootOf } from './filed-run.ts';
import { makeFixLists } from './fix-list.ts';
import { writeFixListCsv } from './fix-list-csv.ts';
import { writeFixListPage } from './fix-list-page.ts';
import { readFound } from './found-counts.ts';
import type { MistakeSource } from './mistake.ts';
import { writeQcDocument } from './qc-document.ts';
import {
  storeDocument,
  type DocumentPlace,
  type NamedDocument,
  type WrittenDocument,
} from './stored-document.ts';

export type DocumentsContext = Pick<
  ConcludeContext<FormsTools>,
  'run' | 'tools' | 'db' | 'key' | 'signal' | 'now'
>;

/**
 * Writes the documents of the run's files as they stand now. A child run writes those of the run
 * that its items first arrived in, under its own name. Done again, it finds what is there.
 * @param attempt names it, as the sink has it; whoever gives one that was used before knows that
 *   the process that used it is dead.
 * @param elsewhere a copy for somebody, to another folder than that of the deliveries.
 * @throws the faults of the sink, and of sealed values
 */
export async function writeDocuments(
  context: DocumentsContext,
  attempt: string,
  elsewhere: string | null = null,
): Promise<WrittenDocument[]> {
  const { run, tools, db, signal, now } = context;
  const place: DocumentPlace = {
    ...{ db, signal, now, run: run.id, about: await rootOf(db, run.id) },
    ...{ folder: elsewhere ?? tools.configuration.out, attempt, remembers: elsewhere === null },
  };
  const written: WrittenDocument[] = [];
  for await (const document of composeDocuments(context)) {
    written.push(await storeDocument(place, document));
  }
  return written;
}

/** The documents of the run's files as they stand now, ready to be written. */
export async function* composeDocuments({
  run: concluding,
  tools,
  db,
  key,
}: DocumentsContext): AsyncGenerator<NamedDocument> {
  const { study, collection } = tools.configuration;
  const root = await rootOf(db, concluding.id);
  await nameAllFiles(db, key, root);
  const run = await findFiled(db, key, root);
  const found = await readFound(db, key, run);
  const source: MistakeSource = { db, key, keys: study.keys, run, abouts: found.abouts };
  const folders = documentFolders(collection, concluding.short);
  const made = checksMade(tools);
  for (const file of run.files) {
    const results: CheckResult[] = [];
    for (const check of CHECKS) {
      if (!made.has(check) && !found.hasFound(file.file, check)) continue;
      results.push(await resultOf(db, run, file, check, found));
    }
    yield {
      ...{ kind: 'qc', number: file.number, ending: 'json' },
      stem: `${folders.qc}/file-${file.number}`,
      write: () => writeQcDocument(source, file, results),
    };
  }
  for (const list of await makeFixLists(source, found)) {
    const { number } = list;
    const stem = `${folders.fix}/site-${number}`;
    const csv = { stem, number, ending: 'csv', write: () => writeFixListCsv(list) };
    const page = { stem, number, ending: 'html', write: () => writeFixListPage(list) };
    yield { kind: 'fix-list-csv', ...csv };
    yield { kind: 'fix-list-page', ...page };
  }
}

/** Where the documents of a run lie, below the folder of deliveries. @param short form of the run */
export function documentFolders(
  collection: string,
  short: string,
): { readonly qc: string; readonly fix: string } {
  return { qc: `${collection}/QC/${short}`, fix: `${collection}/Fix/${short}` };
}

/** The checks that a run makes of its records. Others are told of where they have found something. */
function checksMade({ configuration, checkers }: FormsTools): ReadonlySet<Check> {
  const { study, lookUps } = configuration;
  const hasMeans: Readonly<Record<Check, boolean>> = {
    'file-validator': true,
    'identifier-lookup': lookUps.identifiers !== undefined,
    'form-qc-checker': checkers.size > 0,
  };
  return new Set(study.checks.filter((check) => hasMeans[check]));
}
