import { Unevaluable } from './python/arithmetic.ts';
import type { CivilDate } from './python/civil-date.ts';
import { isTruthy, textOf, type Value } from './python/value.ts';
import type { Slots } from './layout.ts';

/** Which record of a subject and module a value stands in. */
export type VisitName = 'current' | 'previous' | 'initial';

/** An earlier visit of the same subject and module. */
export interface Visit {
  /** Names this version of the visit, for state hashes and for finding its readers. */
  readonly id: string;
  /** As it was received or typed; it is cast like the record itself. */
  readonly record: Readonly<Record<string, unknown>>;
  /** The record as `cast` has made it already; absent: it is cast when it is looked at. */
  readonly typed?: { readonly slots: Slots };
}

export interface VisitRequest {
  /** The value of the primary key. */
  readonly key: Value;
  /** The record that is checked, as it was given. */
  readonly record: Readonly<Record<string, unknown>>;
  /**
   * Only visits in which all of these fields are filled count; empty where any visit does.
   * A field is filled unless it is null or the empty text: 0 is a value.
   */
  readonly filled: readonly string[];
}

type Awaitable<T> = T | Promise<T>;

/** What a check may ask of the world. Each may answer at once or with a promise. */
export interface CheckContext {
  /** The civil date that counts as today, where the site is. */
  readonly today: CivilDate;
  /** The nearest visit before the record's, or null. */
  readonly previousVisit?: (request: VisitRequest) => Awaitable<Visit | null>;
  /** The subject's first visit, or null. */
  readonly initialVisit?: (request: VisitRequest) => Awaitable<Visit | null>;
  /** Whether an ADCID is valid: the sender's own, or any center's. */
  readonly isValidAdcid?: (adcid: Value, own: boolean) => Awaitable<boolean>;
  /** Whether a drug's RXCUI is valid, on a date where one is given. */
  readonly isValidRxcui?: (rxcui: Value, on: CivilDate | null) => Awaitable<boolean>;
}

/** An earlier visit that a check looked at, found or not. */
export interface VisitRead {
  readonly visit: Exclude<VisitName, 'current'>;
  readonly filled: readonly string[];
  /** The id of the visit; null where there was none. */
  readonly id: string | null;
}

/**
 * Thrown where an answer is not there yet. The check waits for it and starts again from the
 * beginning with the answer at hand: rules cost microseconds, so a repeat is cheaper than keeping
 * every rule's progress, and records that ask for nothing stay synchronous.
 */
export class Suspension extends Error {
  override readonly name = 'Suspension';
  readonly question: string;
  readonly answer: Promise<unknown>;

  constructor(question: string, answer: Promise<unknown>) {
    super('waiting');
    this.question = question;
    this.answer = answer;
  }
}

export type Predecessor = Slots | 'none' | 'no-key';

/** Makes an earlier visit's record what rules can read. */
export interface RecordReader {
  cast(record: Readonly<Record<string, unknown>>, today: CivilDate): { readonly slots: Slots };
}

/** One check of one record: what it is about and what it has asked so far. */
export class Run {
  readonly context: CheckContext;
  readonly #record: Readonly<Record<string, unknown>>;
  readonly #key: Value | null;
  readonly #reader: RecordReader;
  readonly #answers: ReadonlyMap<string, unknown> | null;
  #predecessors: Map<string, Predecessor> | null = null;
  #visits: VisitRead[] | null = null;

  constructor(
    context: CheckContext,
    record: Readonly<Record<string, unknown>>,
    key: Value | null,
    reader: RecordReader,
    answers: ReadonlyMap<string, unknown> | null,
  ) {
    this.context = context;
    this.#record = record;
    this.#key = key;
    this.#reader = reader;
    this.#answers = answers;
  }

  get visits(): readonly VisitRead[] {
    return this.#visits ?? [];
  }

  /** The values of an earlier visit. Asked once a check for each set of fields to be filled. */
  predecessor(visit: Exclude<VisitName, 'current'>, filled: readonly string[]): Predecessor {
    const name = predecessorName(visit, filled);
    const known = this.#predecessors?.get(name);
    if (known !== undefined) return known;
    const found = this.#lookUp(visit, filled, name);
    this.#predecessors ??= new Map();
    this.#predecessors.set(name, found);
    return found;
  }

  /** The values of an earlier visit that was looked up already; null where none was. */
  seen(name: string): Slots | null {
    const found = this.#predecessors?.get(name);
    return found === undefined || typeof found === 'string' ? null : found;
  }

  #lookUp(
    visit: Exclude<VisitName, 'current'>,
    filled: readonly string[],
    name: string,
  ): Predecessor {
    const key = this.#key;
    if (key === null || !isTruthy(key)) return 'no-key';
    const service = visit === 'previous' ? this.context.previousVisit : this.context.initialVisit;
    if (service === undefined) throw new Unevaluable('service');
    const found = this.#ask(name, () => service({ key, record: this.#record, filled }));
    this.#visits ??= [];
    this.#visits.push({ visit, filled, id: found === null ? null : found.id });
    if (found === null) return 'none';
    return (found.typed ?? this.#reader.cast(found.record, this.context.today)).slots;
  }

  isValidAdcid(adcid: Value, own: boolean): boolean {
    const service = this.context.isValidAdcid;
    if (service === undefined) throw new Unevaluable('service');
    return this.#ask(`adcid ${own} ${typeof adcid} ${textOf(adcid)}`, () => service(adcid, own));
  }

  isValidRxcui(rxcui: Value, on: CivilDate | null): boolean {
    const service = this.context.isValidRxcui;
    if (service === undefined) throw new Unevaluable('service');
    const date = on === null ? '' : `${on.year}-${on.month}-${on.day}`;
    return this.#ask(`rxcui ${date} ${typeof rxcui} ${textOf(rxcui)}`, () => service(rxcui, on));
  }

  /** The answer to a question, from an earlier turn where it had to be waited for. */
  #ask<T>(question: string, put: () => Awaitable<T>): T {
    // Every question is put by one caller with one type of answer, so what comes back is a T.
    if (this.#answers?.has(question) === true) return this.#answers.get(question) as T;
    const answer = put();
    if (answer instanceof Promise) throw new Suspension(question, answer);
    return answer;
  }
}

/** Under which name a run remembers an earlier visit. */
export function predecessorName(
  visit: Exclude<VisitName, 'current'>,
  filled: readonly string[],
): string {
  if (filled.length === 0) return visit;
  let names = NAMES.get(filled);
  if (names === undefined) {
    names = {
      previous: `previous ${JSON.stringify(filled)}`,
      initial: `initial ${JSON.stringify(filled)}`,
    };
    NAMES.set(filled, names);
  }
  return names[visit];
}

/** A rule has one list for all records. */
const NAMES = new WeakMap<readonly string[], Readonly<Record<'previous' | 'initial', string>>>();
