/**
 * Copies of originals of what is held. An original is never changed or deleted by us, but whoever
 * owns it may do so while somebody makes up their mind: the copy is what a replay then reads. One
 * that cannot be made stops nothing; the item's record says so.
 */
import type { Finding } from '@lazaret/faults';
import type { Attempt, ItemFinding, Stopped } from '../engine/attempt.ts';
import { engineCodes } from '../engine/codes.ts';
import { rootsOf } from '../engine/dedupe.ts';
import type { Traveller } from '../engine/members.ts';
import type { RunContext } from '../engine/run-context.ts';
import type { BatchRow } from '../store/batches.ts';
import { copyName, removeCopy, writeCopy } from './copy-folder.ts';
import { keptBytes, markRemoved, nameCopies, recordCopy } from './copy-rows.ts';

/** Copies under way at a time: they wait for the disk, twice each. */
const LANES = 4;

/** Makes the copies that the rules ask for. @returns the attempt, with what is to be said of them */
export async function keepCopies(
  context: RunContext,
  batch: BatchRow,
  attempt: Attempt,
): Promise<Attempt> {
  const rules = rulesOf(context);
  const isLast = batch.stage === context.pipeline.stages.length - 1;
  const notCopied = context.pipeline.originals?.notCopied;
  const wanted = attempt.stopped
    .filter(({ disposition }) => isWanted(disposition, rules.keep))
    .filter(({ code }) => notCopied?.has(code) !== true)
    .map(({ traveller }) => traveller);
  if (rules.keep === 'always' && isLast) wanted.push(...attempt.onward);
  const findings = await copyAll(context, batch, wanted);
  return findings.length === 0
    ? attempt
    : { ...attempt, findings: [...attempt.findings, ...findings] };
}

/** The same for a batch that ended in error: all of its items are held. */
export async function keepCopiesOfError(
  context: RunContext,
  batch: BatchRow,
  travellers: readonly Traveller[],
): Promise<readonly ItemFinding[]> {
  return rulesOf(context).keep === 'never' ? [] : copyAll(context, batch, travellers);
}

/**
 * Removes the copies of what a child run has delivered: nobody needs them any more. Behind the
 * commit, because a copy that is gone comes back no more; a retention finds what a crash left.
 */
export async function dropCopies(
  context: RunContext,
  batch: BatchRow,
  delivered: readonly Traveller[],
): Promise<void> {
  const { copies, db, now } = context;
  if (copies === null || rulesOf(context).keep === 'always' || delivered.length === 0) return;
  const roots = await rootsOf(db, batch.run, delivered);
  const kept = await nameCopies(db, [...roots.values()]);
  for (const { name } of kept) await removeCopy(copies.folder, name);
  await markRemoved(db, kept, now());
}

function rulesOf({ pipeline, configuration, copies }: RunContext): {
  readonly keep: 'never' | 'onError' | 'always';
  readonly maxBytes: number;
} {
  if (copies === null || pipeline.originals === undefined) return { keep: 'never', maxBytes: 0 };
  return pipeline.originals.rules(configuration);
}

function isWanted(disposition: Stopped['disposition'], keep: string): boolean {
  return keep === 'always'
    ? disposition === 'held' || disposition === 'rejected'
    : keep === 'onError' && disposition === 'held';
}

async function copyAll(
  context: RunContext,
  batch: BatchRow,
  travellers: readonly Traveller[],
): Promise<ItemFinding[]> {
  const { copies, pipeline, db, key, now, run, signal } = context;
  const { originals } = pipeline;
  if (copies === null || originals === undefined || travellers.length === 0) return [];
  const ordered = [...travellers].sort((a, b) => a.item - b.item);
  const roots = await rootsOf(db, batch.run, ordered);
  const known = new Set(
    (await nameCopies(db, [...roots.values()])).map((copy) => `${copy.run}/${copy.no}`),
  );
  const { maxBytes } = rulesOf(context);
  let taken = await keptBytes(db);
  const findings: ItemFinding[] = [];
  const refuse = (item: number, cause: string): void => {
    const finding: Finding = engineCodes.finding('CopyNotKept', { cause }, { item });
    findings.push({ item, step: 'copy', finding, decision: null });
  };
  const copyOne = async ({ item, arrival, value }: Traveller): Promise<void> => {
    const root = roots.get(item) ?? { run: run.id, no: item };
    if (known.has(`${root.run}/${root.no}`)) return;
    if (taken >= maxBytes) {
      refuse(item, 'the limit of copies is reached');
      return;
    }
    const name = copyName(key, root.run, root.no);
    const written = await copyOriginal(context, arrival, name);
    if (typeof written === 'string') {
      refuse(item, written);
      return;
    }
    if (written === null) return;
    const digest = pipeline.digestOf?.(value) ?? null;
    if (digest !== null && digest !== written.sha256) {
      await removeCopy(copies.folder, name);
      refuse(item, 'the original changed meanwhile');
      return;
    }
    taken += written.sealedBytes;
    await recordCopy(db, { ...root, ...written, keyId: key.keyId, now: now() });
  };
  let next = 0;
  const lane = async (): Promise<void> => {
    for (let at = next++; at < ordered.length; at = next++) {
      signal.throwIfAborted();
      const traveller = ordered[at];
      if (traveller !== undefined) await copyOne(traveller);
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  return findings.sort((a, b) => (a.item ?? 0) - (b.item ?? 0));
}

/** What was written; null where there is nothing to copy; why it could not be, in words. */
async function copyOriginal(
  { copies, pipeline }: RunContext,
  arrival: unknown,
  name: string,
): Promise<Awaited<ReturnType<typeof writeCopy>> | string | null> {
  if (copies === null) return null;
  try {
    const original = (await pipeline.originals?.open(arrival)) ?? null;
    if (original === null) return null;
    try {
      return await writeCopy(copies, name, original);
    } finally {
      await original.close();
    }
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : null;
    if (code === null || !(error instanceof Error && 'syscall' in error)) throw error;
    return CAUSES[code] ?? 'the system refused it';
  }
}

/** The system's word for a failure, in words that give nothing away. */
const CAUSES: Readonly<Record<string, string>> = {
  EACCES: 'no permission',
  EPERM: 'no permission',
  ENOENT: 'the original is gone',
  ENOSPC: 'no space left',
  EDQUOT: 'no space left',
  EROFS: 'the disk is read-only',
  EIO: 'the disk reports an error',
};
