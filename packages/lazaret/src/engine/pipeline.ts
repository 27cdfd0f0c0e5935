/**
 * What a pipeline is made of. Everything in here is written by the author of a pipeline; the rest
 * of the engine belongs to nobody's pipeline.
 *
 * - A **source** lists what arrives, batch by batch, from a checkpoint.
 * - A **stage** works through batches: one job each, ended by one publishing commit.
 * - A **step** does one thing, to an item or to all items of a batch that are still on their way.
 *   Item steps that follow each other are fused: an item passes through all of them in one go, on a
 *   worker thread. Batch steps run on the main thread, where the database and the network are.
 * - Between stages items may be **re-cut**: put together anew by a key.
 *
 * Steps return values. They hold no retry loop, write no log line for what they return, and decide
 * no status.
 */
import type {
  Codes,
  DataLimits,
  Disposition,
  Fault,
  Finding,
  GatePolicy,
  RetryPolicy,
} from '@lazaret/faults';
import type { ProjectKey } from '../identity/keys.ts';
import type { Migrations } from '../store/migrate.ts';
import type { Db } from '../store/open.ts';
import type { Trx } from '../store/runs.ts';
import type { LotWork } from './lot.ts';

/** What becomes of an item in a step. Made with `pass`, `hold`, `reject` and `skip`. */
export type ItemResult<Out> =
  | { readonly kind: 'pass'; readonly value: Out; readonly findings: readonly Finding[] }
  | {
      readonly kind: 'stop';
      readonly disposition: Exclude<Disposition, 'delivered'>;
      /** At least one; the first is the one that decided. */
      readonly findings: readonly Finding[];
      /** With what it goes on if a person lets go each of the findings. Absent: it cannot. */
      readonly onward?: Out;
      /** Duplicates: the item that stands for it, within this run. */
      readonly sameAs?: number;
    };

/** The item goes on; findings may come along. */
export function pass<Out>(value: Out, ...findings: readonly Finding[]): ItemResult<Out> {
  return { kind: 'pass', value, findings };
}

/** The item waits. With `onward` it can be released; without, it can only be replayed. */
export function hold<Out>(findings: Finding | readonly Finding[], onward?: Out): ItemResult<Out> {
  const list = Array.isArray(findings) ? (findings as readonly Finding[]) : [findings as Finding];
  return {
    kind: 'stop',
    disposition: 'held',
    findings: list,
    ...(onward === undefined ? {} : { onward }),
  };
}

/** The item cannot be used; the sender must mend it. */
export function reject<Out = never>(...findings: readonly Finding[]): ItemResult<Out> {
  return { kind: 'stop', disposition: 'rejected', findings };
}

/** The item is not wanted, by policy. */
export function skip<Out = never>(...findings: readonly Finding[]): ItemResult<Out> {
  return { kind: 'stop', disposition: 'skipped', findings };
}

/**
 * A value that cannot leave its thread (open files, functions), for item steps that hand it to the
 * next one of the same pass. Where the item stops meanwhile, this goes on in its place.
 */
export interface ThreadBound<Value> {
  readonly travelsAs: Value;
}

/** The batch that a step works in. */
export interface BatchFacts {
  readonly run: string;
  readonly batch: string;
  readonly attempt: number;
  /** A folder of this attempt's own. It is removed when the attempt is over, however it ends. */
  readonly staging: string;
}

export interface ItemContext<Tools> {
  /** Number of the item in its run. */
  readonly item: number;
  readonly batch: BatchFacts;
  readonly tools: Tools;
}

export interface ItemStep<In, Out, Tools> {
  readonly name: string;
  apply(value: In, context: ItemContext<Tools>): ItemResult<Out> | Promise<ItemResult<Out>>;
  /**
   * A rehearsal (`rehearse.ts`) goes no further than to this step, because what it does is of no
   * use before a delivery. Called in its place, to let go of what the value holds.
   */
  endRehearsal?(value: In): void;
}

/** An item still on its way, in the order of arrival. */
export interface Member<Value> {
  readonly item: number;
  readonly value: Value;
}

/** Something that left the house. */
export interface Delivery {
  readonly sink: string;
  readonly key: string;
  /** SHA-256 of its bytes, hexadecimal. */
  readonly digest: string;
  readonly bytes: number;
  readonly items: readonly number[];
}

export interface BatchContext<Tools> {
  readonly batch: BatchFacts;
  readonly tools: Tools;
  readonly db: Db;
  readonly key: ProjectKey;
  readonly recipe: string;
  readonly project: string;
  readonly signal: AbortSignal;
  readonly now: () => Date;
  /** Of the process: a secret is read from it when it is needed, and kept nowhere. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** What was found so far about items of this batch that are still on their way. */
  findingsOf(item: number): readonly Finding[];
  /**
   * Does something outside the database. The intent is written down first; `act` must be
   * idempotent, because after a crash it is done again.
   */
  effect<Result>(
    intent: { readonly kind: string; readonly key: string; readonly digest: string },
    act: () => Promise<Result>,
  ): Promise<Result>;
  /** Calls a service under its retry policy and behind its dependency gate. */
  call<Result>(
    dependency: string,
    operation: (signal: AbortSignal) => Promise<Result>,
  ): Promise<Result>;
}

export interface BatchResult<Out> {
  /** One for each member, in their order. */
  readonly results: readonly ItemResult<Out>[];
  /** About the batch as a whole. */
  readonly findings?: readonly Finding[];
  /** Kept with the batch for people who measure. */
  readonly qa?: Readonly<Record<string, unknown>>;
  readonly deliveries?: readonly Delivery[];
}

/** Where a rehearsal is: nothing outside may be touched, and the database gives and takes nothing. */
export type RehearsalContext<Tools> = Omit<
  BatchContext<Tools>,
  'effect' | 'call' | 'batch' | 'env'
>;

export interface BatchStep<In, Out, Tools> {
  readonly name: string;
  apply(members: readonly Member<In>[], context: BatchContext<Tools>): Promise<BatchResult<Out>>;
  /**
   * What the step would say, without any effect: nothing is written, remembered or asked of a
   * service. Null: it cannot tell under this configuration. Absent: it never can. A rehearsal goes
   * no further than to such a step.
   */
  rehearse?(
    members: readonly Member<In>[],
    context: RehearsalContext<Tools>,
  ): Promise<BatchResult<Out> | null>;
}

export type Step<Tools> =
  | { readonly kind: 'item'; readonly step: ItemStep<never, unknown, Tools> }
  | { readonly kind: 'batch'; readonly step: BatchStep<never, unknown, Tools> }
  /** The engine's own: what is delivered already leaves here. */
  | { readonly kind: 'repeats' };

export interface Stage<Tools> {
  readonly name: string;
  /**
   * Re-cuts: items with the same key come together in one batch, whatever batch they came from, as
   * soon as the stage before is through. The key is stored as a keyed hash only.
   */
  readonly cut?: (value: never) => string;
  /**
   * Of every key that there can be, the keys that have things in common with it, itself among them:
   * batches of two runs with such keys are worked on one after the other. Absent: a key has nothing
   * in common with any other one. Not for keys that say anything about a person.
   */
  readonly inCommon?: () => ReadonlyMap<string, readonly string[]>;
  /** Looks for items whose bytes are already delivered or held, before the first step. */
  readonly dedupe: boolean;
  readonly steps: readonly Step<Tools>[];
  /** Instead of steps: the stage works on lots. See `lot.ts`. */
  readonly lots?: LotWork<Tools>;
}

/** Puts a stage together so that the compiler checks that each step takes what the one before gives. */
export interface StageBuilder<Value, Tools> {
  item<Out>(step: ItemStep<Value, Out, Tools>): StageBuilder<Out, Tools>;
  batch<Out>(step: BatchStep<Value, Out, Tools>): StageBuilder<Out, Tools>;
  /**
   * Here items leave as duplicates that an earlier policy with the same output has delivered. It
   * stands behind every step that judges what may pass, so that a stricter policy is heard, and
   * before the first one that makes something.
   */
  repeats(): StageBuilder<Value, Tools>;
  readonly stage: Stage<Tools>;
}

/**
 * Begins a stage for values of type `In`.
 * @example
 * stage<File, Tools>('import').item(readHeader).batch(surveyFolder).stage
 */
export function stage<In, Tools>(
  name: string,
  options: { readonly cut?: (value: In) => string; readonly dedupe?: boolean } = {},
): StageBuilder<In, Tools> {
  const build = <Value>(steps: readonly Step<Tools>[]): StageBuilder<Value, Tools> => ({
    item: (step) => build([...steps, { kind: 'item', step }]),
    batch: (step) => build([...steps, { kind: 'batch', step }]),
    repeats: () => build([...steps, { kind: 'repeats' }]),
    stage: {
      name,
      ...(options.cut === undefined ? {} : { cut: options.cut }),
      dedupe: options.dedupe ?? false,
      steps,
    },
  });
  return build<In>([]);
}

/** A stage that works on lots, all items of a batch at once. */
export function lotStage<Tools>(
  name: string,
  lots: LotWork<Tools>,
  options: {
    /** Lots come together by the key that they were given by the stage before. */
    readonly recut?: boolean;
    readonly inCommon?: NonNullable<Stage<Tools>['inCommon']>;
  } = {},
): Stage<Tools> {
  return {
    name,
    dedupe: false,
    steps: [],
    lots,
    ...(options.recut === true ? { cut: lotsCarryTheirKey } : {}),
    ...(options.inCommon === undefined ? {} : { inCommon: options.inCommon }),
  };
}

function lotsCarryTheirKey(): never {
  throw new Error('A lot carries the key that it is re-cut by.');
}

/** What arrived: a value that says how to find the item again, and its size where it is known. */
export interface Arrival {
  readonly value: unknown;
  readonly bytes: number;
}

/** One thing that a source came upon, and where to go on reading. */
export interface Arrivals {
  /** Null: there was nothing to make a batch of (a folder that vanished); findings say why. */
  readonly batch: readonly Arrival[] | null;
  /** Instead of a batch of single items: a lot of so many, for a first stage that takes lots. */
  readonly lot?: { readonly items: number; readonly bytes: number; readonly content: Uint8Array };
  /** About the source, not about an item: they stand on the run. */
  readonly findings?: readonly Finding[];
  readonly checkpoint: unknown;
}

export interface Source {
  /** The next arrivals behind the checkpoint (null: from the start); null at the end. */
  next(checkpoint: unknown, signal: AbortSignal): Promise<Arrivals | null>;
}

/** A service that steps call: how often a call is repeated, and when work pauses for it. */
export interface Dependency {
  readonly name: string;
  /** Who is asked when it fails. */
  readonly contact: string;
  readonly policy: RetryPolicy;
  readonly gate?: Partial<GatePolicy>;
}

/** What a pipeline may use, on whatever thread it runs. */
export interface Services {
  readonly key: ProjectKey;
  readonly recipe: string;
}

/** Whether copies of originals are kept, and how much room they may take. */
export interface CopyRules {
  /** `onError`: of what is held; removed when it is delivered. */
  readonly keep: 'never' | 'onError' | 'always';
  /** Of all copies of the data folder together, sealed. Beyond it, none are made. */
  readonly maxBytes: number;
}

/** An original, to be read once from its start to its end. */
export interface Original {
  readonly content: AsyncIterable<Uint8Array>;
  close(): Promise<void>;
}

/** A sealed copy of an original (`copies/sealed-file.ts`). */
export interface KeptCopy {
  readonly path: string;
  /** Of the original's bytes, hexadecimal. */
  readonly sha256: string;
}

/** Originals that can be copied, for items that are held. */
export interface Originals<Configuration> {
  rules(configuration: Configuration): CopyRules;
  /**
   * Null: there is nothing to be copied.
   * @throws what the file system throws.
   */
  open(arrival: unknown): Promise<Original | null>;
  /**
   * Codes of items that no copy is made of: what a step could not read, the copier does not try to, and
   * what is beyond a limit would fill the room of all others.
   */
  readonly notCopied: ReadonlySet<string>;
}

/** How a pipeline's part of an erasure is done. All of it may be done again after a crash. */
export interface Erasing<Configuration> {
  /** Whose data an item is, one text for each person; null where it is not known yet. */
  subjectOf(value: unknown, configuration: Configuration): string | null;
  /** Absent: the pipeline has nobody in the identity map. */
  readonly mapped?: MappedErasing<Configuration>;
  /** Absent: a delivery and the documents of a run are of one person, and go as a whole. */
  readonly shared?: SharedErasing;
  /** Removes a delivery from where it went. False: it was not there. */
  removeDelivery(configuration: Configuration, key: string): Promise<boolean>;
  /** Removes what deliveries that were cut short left aside. @returns how many files */
  tidy(configuration: Configuration, olderThan: Date): Promise<number>;
  /**
   * Forgets items in the pipeline's own tables, within the transaction of the erasure, while the
   * engine's rows of them are as they were.
   */
  forget(forgetting: Forgetting): Promise<Forgotten>;
}

/** Of pipelines whose patients are in the identity map. */
export interface MappedErasing<Configuration> {
  /** What `subjectOf` gives, of what the identity map keeps of a patient. */
  subjectOfOrigin(origin: unknown, configuration: Configuration): string;
  /** The pseudonym that a delivery is about, from its key; null where it is about several. */
  pseudonymOf(key: string): string | null;
}

/** An item in one of its lives. */
export interface ItemLife {
  readonly run: string;
  readonly no: number;
}

export interface ErasureContext {
  readonly db: Db;
  readonly key: ProjectKey;
  readonly project: string;
}

/** Of pipelines whose files and tables hold many persons each. */
export interface SharedErasing {
  /** Whom a person means by a name. Null: the pipeline knows nobody of that name. */
  find(context: ErasureContext, name: string): Promise<NamedSubjects | null>;
  /** Items that carry the content of others and have to go with them. */
  alike(context: ErasureContext, items: readonly ItemLife[]): Promise<readonly ItemLife[]>;
  /**
   * Brings files into the state that the store is in, as far as `forget` has written down that they
   * have to be: without the erased, and the others as they were.
   */
  settle(context: SettlingContext): Promise<SettledFiles>;
}

export interface NamedSubjects {
  /** As `subjectOf` has them. */
  readonly subjects: readonly string[];
  /** Items of theirs that the engine has no row of. */
  readonly items: readonly ItemLife[];
  /** Short forms of runs in which something of theirs is on its way. */
  readonly pendingIn: readonly string[];
  /** Other names of the same person that are not among the subjects: how many. */
  readonly otherNames: number;
  /** Whether anything is kept of them besides items. */
  readonly isKept: boolean;
}

export interface Forgetting extends ErasureContext {
  readonly db: Trx;
  readonly decision: string;
  readonly at: Date;
  readonly items: readonly ItemLife[];
  /** Digests of their source bytes, as far as they are known. */
  readonly digests: readonly string[];
  /** Empty where items were named, and no person. */
  readonly subjects: readonly string[];
}

export interface Forgotten {
  /** Deliveries that go as a whole, besides those that the engine knows to. */
  readonly deliveries: { readonly count: number; readonly bytes: number };
  /** What else goes of the pipeline's own tables and files, by what it is called. */
  readonly counts: Readonly<Record<string, number>>;
  /** Digests by which the same items are recognised if they come again. */
  readonly digests: readonly string[];
}

export interface SettlingContext {
  readonly db: Db;
  readonly now: () => Date;
  keyOf(project: string): Promise<ProjectKey>;
}

/** What became of files that were to go, or to be written without somebody. */
export interface SettledFiles {
  /** Files that were there, and are gone or without what was to go. */
  readonly removed: number;
  /** Files that could not be, and stay written down. */
  readonly left: number;
  /** Why the first of them could not; null where none is left. */
  readonly fault: Fault | null;
}

export interface Pipeline<Configuration, Tools> {
  readonly name: string;
  /** The module that exports this pipeline as `pipeline`: worker threads load it. */
  readonly module: URL;
  readonly codes: Codes;
  readonly stages: readonly Stage<Tools>[];
  readonly migrations?: Migrations;
  /** When a run that is going wrong is stopped. */
  readonly dataGate?: DataLimits;
  /**
   * Checks what the user gave. Called before anything else happens.
   * @throws a fault of blame `operator` when anything in it is unknown or contradicts itself.
   */
  configure(given: unknown): Configuration;
  /**
   * The configuration of an earlier run under another policy, for items that are replayed. Absent:
   * the pipeline has no policy.
   * @throws as `configure` does.
   */
  revise?(configuration: Configuration, policy: unknown): Configuration;
  /** The services that a run with this configuration calls. */
  dependencies?(configuration: Configuration): readonly Dependency[];
  /** Everything in the configuration that determines a result; it is digested into the recipe. */
  recipe(configuration: Configuration): unknown;
  /**
   * The part of the recipe that determines the bytes that are delivered and their key. Two recipes
   * that agree in it differ only in what they let through: what one has delivered is a duplicate
   * under the other. A stage has to say where (`repeats`). Absent: every change delivers anew.
   */
  outputRecipe?(configuration: Configuration): unknown;
  open(configuration: Configuration, location: string): Source;
  /** Folders that deliveries are written to: there has to be room. */
  writesTo?(configuration: Configuration): readonly string[];
  /** How a folder is watched for what arrives. Absent: the pipeline cannot watch. */
  readonly watching?: {
    /** Whether a folder or a file is one arrival. */
    readonly arrivals: 'folder' | 'file';
    /**
     * The configuration for one arrival.
     * @param kind `files`: only those that lie directly in the watched folder.
     */
    configurationOf(configuration: Configuration, kind: 'folder' | 'files'): Configuration;
    /** Whether something of that name is an arrival at all. Absent: everything is. */
    takes?(name: string): boolean;
  };
  /** Made once a thread. */
  tools(configuration: Configuration, services: Services): Tools;
  /** Digest of the source bytes, of an item's value at any stage, once it is known. */
  digestOf?(value: unknown): string | null;
  /** What may be shown of an item to anyone: nothing that could identify a patient. */
  factsOf?(value: unknown): Readonly<Record<string, unknown>>;
  /**
   * Called when nothing is under way any more, before the run counts as complete, and after a child
   * run too: writes what sums the run up. Idempotent: it may be called again behind a crash.
   */
  conclude?(context: ConcludeContext<Tools>): Promise<void>;
  /** What a run's summary says besides. Absent: the pipeline has no files and no documents. */
  reportOf?(db: Db, run: string): Promise<RunReport>;
  /** Bytes of an arrival, for those that are sent in again. Absent: they count none. */
  sizeOf?(arrival: unknown): number;
  /** Absent: no copies are kept, whatever is configured. */
  readonly originals?: Originals<Configuration>;
  /** Absent: nothing of this pipeline can be erased. */
  readonly erasing?: Erasing<Configuration>;
  /**
   * An arrival that is sent in again. The digest is that of its bytes when they first came; the copy
   * stands in where the original is gone, or is another by now.
   */
  again?(arrival: unknown, digest: string | null, copy: KeptCopy | null): unknown;
  /** How an arrival is put before a person who has asked to see the original place. */
  reveal?(arrival: unknown): string;
}

/** Where sources are files: how each of them stands, and what was written about them. */
export interface RunReport {
  readonly files: readonly FileStanding[];
  /** The latest version of each; keys tell nothing of the data. */
  readonly documents: readonly {
    readonly kind: string;
    readonly number: number;
    readonly key: string;
  }[];
}

export interface FileStanding {
  /** From 1, in the order in which they were named. */
  readonly file: number;
  /** Any FAIL is a FAIL, else anything in review is IN REVIEW. Null: it is not through yet. */
  readonly status: 'PASS' | 'FAIL' | 'IN REVIEW' | null;
  readonly items: {
    readonly pass: number;
    readonly fail: number;
    readonly inReview: number;
    readonly pending: number;
  };
}

/** What there is to sum a run up with. */
export interface ConcludeContext<Tools> {
  readonly run: { readonly id: string; readonly short: string; readonly project: string };
  readonly tools: Tools;
  readonly db: Db;
  readonly key: ProjectKey;
  readonly signal: AbortSignal;
  readonly now: () => Date;
}

/** A pipeline whose types do not matter to whoever holds it. */
export type AnyPipeline = Pipeline<unknown, unknown>;
