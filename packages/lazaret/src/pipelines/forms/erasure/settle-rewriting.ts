/** Brings to an end what erasures have left to be done to files, in the order of the erasures. */
import { toFault, type Fault } from '@lazaret/faults';
import { sql } from 'kysely';
import type { SettledFiles, SettlingContext } from '../../../engine/pipeline.ts';
import { findRun } from '../../../store/runs.ts';
import { rewriteDelivery } from './rewrite-delivery.ts';
import { rewriteDocuments } from './rewrite-documents.ts';

interface OpenRewriting {
  readonly id: string;
  readonly kind: 'delivery' | 'documents';
  readonly run: string;
  readonly key: string;
  readonly digest: string | null;
}

/**
 * One file that cannot be written keeps none of the others: the folder of an old run may be gone for
 * good.
 * @throws the faults of the store
 */
export async function settleRewriting(context: SettlingContext): Promise<SettledFiles> {
  const { db } = context;
  const { rows } = await sql<OpenRewriting>`
    select id, kind, run, key, digest from lazaret_forms.rewriting
    where state = 'open' order by opened_at, id`.execute(db);
  let removed = 0;
  let left = 0;
  let fault: Fault | null = null;
  for (const rewriting of rows) {
    let files: number;
    try {
      files = await rewrite(context, rewriting);
    } catch (error) {
      const failure = toFault(error);
      if (failure.code === 'UnknownError') throw error;
      // Somebody else may have been at the same file, and have brought it to its end.
      if (!(await isOpen(db, rewriting.id))) continue;
      left += 1;
      fault ??= failure;
      continue;
    }
    removed += files;
    await sql`update lazaret_forms.rewriting
      set state = ${files > 0 ? 'done' : 'missing'}, settled_at = ${context.now()}
      where id = ${rewriting.id} and state = 'open'`.execute(db);
  }
  return { removed, left, fault };
}

async function isOpen(db: SettlingContext['db'], id: string): Promise<boolean> {
  const { rows } = await sql`select 1 from lazaret_forms.rewriting
    where id = ${id} and state = 'open'`.execute(db);
  return rows.length > 0;
}

/** @returns how many files it was about */
async function rewrite(
  context: SettlingContext,
  { id, kind, run: runId, key, digest }: OpenRewriting,
): Promise<number> {
  const run = await findRun(context.db, runId);
  if (run === null) return 0;
  if (kind === 'documents') return rewriteDocuments(context, run, id);
  const { out } = run.configuration as { readonly out: string };
  const was = await rewriteDelivery(context.db, { id, key, digest, project: run.project, out });
  return was ? 1 : 0;
}
