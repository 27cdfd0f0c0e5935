/**
 * Tries a policy on what is there: each file of a source is judged under two policies, and what
 * differs is counted. Nothing is written anywhere. It is done one file after the other, so that the
 * process that does it stays free for others between them, and takes the memory of one file.
 *
 * Repeats and conflicts between images are not part of it: they hang on what was delivered before,
 * and not on what these keys of a policy say.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { canonicalJson } from '../../../engine/canonical-json.ts';
import type { Source } from '../../../engine/pipeline.ts';
import { projectKeyFrom } from '../../../identity/keys.ts';
import type { FileArrival } from '../image.ts';
import { knownModality } from '../modality.ts';
import type { Policy } from '../policy.ts';
import { makeTools, type ImagingTools } from '../tools.ts';
import { countDifferences, type Differences } from './differences.ts';
import { importForTrial, judge, type Judgement } from './judge.ts';

export interface TrialRequest {
  /** Opens the source anew: it is read twice, once to count. */
  readonly open: () => Source;
  readonly before: Policy;
  readonly after: Policy;
  /** If there are more files, every n-th is tried, so that at most so many are. */
  readonly maxItems: number;
  /**
   * Which of some digests (SHA-256, hexadecimal) belong to what is tried. Absent: all of them. A
   * file with another digest was changed, or came later.
   */
  readonly known?: (digests: readonly string[]) => Promise<ReadonlySet<string>>;
  /** For a key that is used here and nowhere else: 32 random bytes. */
  readonly secret: Uint8Array;
  readonly signal: AbortSignal;
  readonly onCounted?: (files: number) => void;
  readonly onTried?: (files: number) => void;
}

export interface Trial extends Differences {
  readonly files: {
    /** In the source, by now. */
    readonly listed: number;
    /** Judged under both policies. */
    readonly tried: number;
    /** Listed, and gone when they were to be read. */
    readonly vanished: number;
    /** Not what the run took in: changed since, or new. Not judged. */
    readonly changed: number;
  };
  /** Every n-th file was tried; 1 where all were. */
  readonly every: number;
}

const VANISHED = 'FileVanished';

/** @throws the reason of the signal; what the file system throws for the source itself. */
export async function tryPolicies(request: TrialRequest): Promise<Trial> {
  const { before, after, signal } = request;
  const services = { key: projectKeyFrom(request.secret), recipe: 'trial' };
  const tools = {
    before: makeTools({ policy: before, out: '' }, services),
    after: makeTools({ policy: after, out: '' }, services),
    isSameContent: contentOf(before) === contentOf(after),
  };
  const listed = await countFiles(request);
  request.onCounted?.(listed);
  const every = Math.max(1, Math.ceil(listed / request.maxItems));
  const differences = countDifferences();
  const counts = { tried: 0, vanished: 0, changed: 0 };
  let at = 0;
  for await (const arrivals of batchesOf(request)) {
    for (const arrival of arrivals) {
      at += 1;
      if ((at - 1) % every !== 0) continue;
      signal.throwIfAborted();
      const outcome = await tryFile(arrival, tools, request);
      if (typeof outcome === 'string') counts[outcome] += 1;
      else {
        counts.tried += 1;
        differences.add(outcome.before, outcome.after, outcome.modality);
      }
      request.onTried?.(1);
      await nextTurn();
    }
  }
  return { files: { listed, ...counts }, every, ...differences.result() };
}

interface Tools {
  readonly before: ImagingTools;
  readonly after: ImagingTools;
  /** Both policies do the same with what they let through. */
  readonly isSameContent: boolean;
}

async function tryFile(
  arrival: FileArrival,
  { before, after, isSameContent }: Tools,
  { known }: TrialRequest,
): Promise<
  | 'vanished'
  | 'changed'
  | { readonly before: Judgement; readonly after: Judgement; readonly modality: string }
> {
  const imported = await importForTrial(arrival, before);
  const isSameLimit = before.policy.maxFileBytes === after.policy.maxFileBytes;
  const again = isSameLimit ? imported : await importForTrial(arrival, after);
  if ([imported, again].some(({ findings }) => findings.some(({ code }) => code === VANISHED))) {
    return 'vanished';
  }
  const image =
    imported.kind === 'pass' ? imported.value : again.kind === 'pass' ? again.value : null;
  if (image !== null && known !== undefined && !(await known([image.digest])).has(image.digest)) {
    return 'changed';
  }
  const first = await judge(imported, before);
  // What was let through under both, with the same said of every element, comes out the same.
  const second =
    isSameContent && isSameLimit && isSameScreen(before.policy, after.policy)
      ? first
      : await judge(again, after);
  const modality = image === null ? '' : knownModality(image.header.modality);
  return { before: first, after: second, modality };
}

async function countFiles(request: TrialRequest): Promise<number> {
  let files = 0;
  for await (const arrivals of batchesOf(request)) files += arrivals.length;
  return files;
}

async function* batchesOf({ open, signal }: TrialRequest): AsyncGenerator<readonly FileArrival[]> {
  const source = open();
  let checkpoint: unknown = null;
  for (;;) {
    signal.throwIfAborted();
    const next = await source.next(checkpoint, signal);
    if (next === null) return;
    ({ checkpoint } = next);
    yield (next.batch ?? []).map(({ value }) => value as FileArrival);
    await nextTurn();
  }
}

/** What of a policy decides about the content of an image that goes out. */
function contentOf({ options, elements, vocabularies, safePrivate }: Policy): string {
  return canonicalJson([
    options.toSorted(),
    (elements ?? []).map(({ element, action, value }) => [element, action, value ?? null]),
    vocabularies ?? [],
    safePrivate ?? [],
  ]);
}

function isSameScreen(a: Policy, b: Policy): boolean {
  return (
    canonicalJson([a.modalities, a.screens ?? {}]) ===
    canonicalJson([b.modalities, b.screens ?? {}])
  );
}
