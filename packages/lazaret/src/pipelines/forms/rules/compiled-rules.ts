import { asValue, type Cast } from './cast.ts';
import type { RuleCodes } from './codes-file.ts';
import type { FieldRead, ReadValue, RuleFailure } from './failure.ts';
import type { Layout, Slots } from './layout.ts';
import { Unevaluable } from './python/arithmetic.ts';
import type { CivilDate } from './python/civil-date.ts';
import type { Value } from './python/value.ts';
import type { Detail, FieldSet, LookUp, RuleUnit, TellFailure, Verdict } from './rule.ts';
import { Run, Suspension, predecessorName, type CheckContext, type VisitRead } from './run.ts';

/** A record as it is checked: its values by slot, and the fields that no rule knows. */
export interface TypedRecord {
  readonly slots: Slots;
  readonly unknown: readonly string[];
  /** As it was given; handed to whoever looks up earlier visits. */
  readonly given: Readonly<Record<string, unknown>>;
}

/** What a check found. */
export interface Checked {
  readonly failures: readonly RuleFailure[];
  /** The earlier visits that were looked at, also where every rule held. */
  readonly visits: readonly VisitRead[];
}

/** One rule at one field, for "which rules read this?" and for the digests of a rule set. */
export interface RuleInfo {
  readonly field: string;
  readonly rule: string;
  readonly pointer: string;
  readonly digest: string;
  readonly reads: readonly FieldRead[];
}

/** The parts that the compiler hands over. */
export interface RuleParts {
  readonly layout: Layout;
  readonly fieldSet: FieldSet;
  readonly casts: ReadonlyMap<string, Cast>;
  readonly primaryKey: string | null;
  /** Whether fields that no rule set names are let through. */
  readonly allowUnknown: boolean;
  readonly codes: RuleCodes;
  readonly digestOf: (field: string, rule: string) => string;
  readonly lookUps: readonly LookUp[];
  readonly units: readonly RuleUnit[];
}

/** Most answers that one record's rules may wait for; a rule set asks for a handful. */
const MOST_QUESTIONS = 1000;

const SOUND: Checked = { failures: [], visits: [] };

/** Rules that have become functions. Holds no state of any record; safe to share. */
export class CompiledRules {
  readonly #parts: RuleParts;
  readonly #fieldCasts: readonly {
    readonly field: string;
    readonly slot: number;
    readonly cast: Cast;
  }[];
  readonly #casts: readonly (Cast | undefined)[];
  readonly #known: ReadonlySet<string>;
  readonly #keySlot: number | null;

  constructor(parts: RuleParts) {
    this.#parts = parts;
    const bySlot: (Cast | undefined)[] = [];
    this.#fieldCasts = parts.fieldSet.fields.map(({ field, slot }) => {
      const cast = parts.casts.get(field) ?? ((value: Value) => value);
      bySlot[slot] = cast;
      return { field, slot, cast };
    });
    this.#casts = bySlot;
    this.#keySlot = parts.primaryKey === null ? null : parts.layout.find(parts.primaryKey);
    this.#known = new Set(parts.fieldSet.fields.map(({ field }) => field));
  }

  /** Every rule with its digest and the fields that it may read. */
  get rules(): readonly RuleInfo[] {
    return this.#parts.units.map(({ field, rule, pointer, reads }) => ({
      field,
      rule: rule.name,
      pointer,
      digest: this.#parts.digestOf(field, rule.name),
      reads: reads.all,
    }));
  }

  /** What the rules look up outside: a caller that asks beforehand finds the questions here. */
  get lookUps(): readonly LookUp[] {
    return this.#parts.lookUps;
  }

  /**
   * Makes a record of texts (or of JSON) one that can be checked: the empty text is null, fields
   * of the form that it does not have are null, and values become what their types say.
   */
  cast(record: Readonly<Record<string, unknown>>, today: CivilDate): TypedRecord {
    const slots = new Array<Value | undefined>(this.#parts.layout.size);
    const unknown: string[] = [];
    for (const field of Object.keys(record)) {
      const slot = this.#parts.layout.find(field);
      const cast = slot === null ? undefined : this.#casts[slot];
      if (slot !== null) slots[slot] = castValue(asValue(record[field]), cast, today);
      if (cast === undefined) unknown.push(field);
    }
    for (const { slot } of this.#fieldCasts) slots[slot] ??= null;
    return { slots, unknown, given: record };
  }

  /** Takes a record whose values have their types already; what it lacks it lacks. */
  take(record: Readonly<Record<string, unknown>>): TypedRecord {
    const slots = new Array<Value | undefined>(this.#parts.layout.size);
    const unknown: string[] = [];
    for (const field of Object.keys(record)) {
      const slot = this.#parts.layout.find(field);
      if (slot !== null && record[field] !== undefined) slots[slot] = asValue(record[field]);
      if (!this.#known.has(field)) unknown.push(field);
    }
    return { slots, unknown, given: record };
  }

  /** The values of these fields, by name; undefined for one that the record or the rules lack. */
  valuesOf(record: TypedRecord, fields: readonly string[]): Record<string, Value | undefined> {
    const slotOf = (field: string): number => this.#parts.layout.find(field) ?? -1;
    return Object.fromEntries(fields.map((field) => [field, record.slots[slotOf(field)]]));
  }

  /**
   * Checks one record. Answers at once unless a service answers with a promise.
   *
   * @param context today, and whom to ask for earlier visits, centers and drugs
   * @throws whatever a service throws; nothing else
   */
  check(record: TypedRecord, context: CheckContext): Checked | Promise<Checked> {
    const turn = this.#turn(record, context, null);
    return turn instanceof Suspension ? this.#wait(record, context, turn) : turn;
  }

  async #wait(record: TypedRecord, context: CheckContext, first: Suspension): Promise<Checked> {
    const answers = new Map<string, unknown>();
    let waiting = first;
    for (let asked = 0; asked < MOST_QUESTIONS; asked += 1) {
      answers.set(waiting.question, await waiting.answer);
      const turn = this.#turn(record, context, answers);
      if (!(turn instanceof Suspension)) return turn;
      waiting = turn;
    }
    throw new RangeError(`a record's rules asked more than ${MOST_QUESTIONS} questions`);
  }

  #turn(
    record: TypedRecord,
    context: CheckContext,
    answers: ReadonlyMap<string, unknown> | null,
  ): Checked | Suspension {
    const { fieldSet } = this.#parts;
    const key = this.#keySlot === null ? null : (record.slots[this.#keySlot] ?? null);
    const run = new Run(context, record.given, key, this, answers);
    const failures: RuleFailure[] = [];
    try {
      const tell: TellFailure = (unit, verdict, slots) => {
        for (const detail of detailsOf(unit, verdict, slots, run))
          failures.push(this.#failure(unit, detail, slots, run));
      };
      for (const field of fieldSet.fields) field.report(record.slots, run, tell);
    } catch (error) {
      if (error instanceof Suspension) return error;
      throw error;
    }
    for (const field of fieldSet.missing(record.slots))
      failures.push(this.#lone('RequiredField', field.field, 'required'));
    if (!this.#parts.allowUnknown)
      for (const field of record.unknown) failures.push(this.#lone('UnknownField', field, null));
    const { visits } = run;
    return failures.length === 0 && visits.length === 0 ? SOUND : { failures, visits };
  }

  #failure(unit: RuleUnit, detail: Detail, slots: Slots, run: Run): RuleFailure {
    const { field, rule, pointer } = unit;
    const index = detail.index ?? null;
    const code = this.#parts.codes.find(field, rule.name, index);
    return {
      kind: detail.kind,
      field,
      rule: rule.name,
      index,
      pointer,
      digest: this.#parts.digestOf(field, rule.name),
      reads: unit.reads.all.map((read) => this.#read(read, slots, run)),
      parameters: detail.parameters ?? {},
      expected: detail.expected ?? null,
      expectedClass: detail.expectedClass ?? 'public',
      parts: detail.parts ?? 1,
      authorText: code?.text ?? (detail.kind === 'NotEvaluable' ? null : (rule.authorText ?? null)),
      code: code?.code ?? null,
      type: code?.type ?? 'error',
    };
  }

  #read(read: FieldRead, slots: Slots, run: Run): ReadValue {
    const { field, visit } = read;
    const from = visit === 'current' ? slots : run.seen(predecessorName(visit, read.filled));
    const slot = this.#parts.layout.find(field);
    return { field, visit, value: slot === null ? null : (from?.[slot] ?? null) };
  }

  /** A failure that no compiled rule stands behind. */
  #lone(kind: 'RequiredField' | 'UnknownField', field: string, rule: string | null): RuleFailure {
    const code = rule === null ? null : this.#parts.codes.find(field, rule, null);
    return {
      kind,
      field,
      rule,
      index: null,
      pointer: rule === null ? '' : this.#pointerOf(field, rule),
      digest: rule === null ? '' : this.#parts.digestOf(field, rule),
      reads: [{ field, visit: 'current', value: null }],
      parameters: {},
      expected: null,
      expectedClass: 'public',
      parts: 1,
      authorText: code?.text ?? null,
      code: code?.code ?? null,
      type: code?.type ?? 'error',
    };
  }

  #pointerOf(field: string, rule: string): string {
    return ['', field, rule]
      .map((step) => step.replaceAll('~', '~0').replaceAll('/', '~1'))
      .join('/');
  }
}

function castValue(value: Value, cast: Cast | undefined, today: CivilDate): Value {
  if (value === '' || value === null) return null;
  return cast === undefined ? value : cast(value, today);
}

const OBSTACLES: Readonly<Record<Unevaluable['obstacle'], string>> = {
  type: 'a value is blank or of the wrong kind',
  text: 'a text is no number',
  zero: 'it divides by zero',
  arguments: 'an operator has too few operands',
  service: 'nobody answers what it has to look up',
  key: 'the record has no key to look earlier visits up by',
  name: 'a field is missing, or a name is taken, that it needs',
};

/** The particulars of a rule that failed, or that could not be evaluated. */
function detailsOf(
  unit: RuleUnit,
  verdict: Exclude<Verdict, null>,
  slots: Slots,
  run: Run,
): readonly Detail[] {
  if (verdict === 'NotEvaluable') {
    const reason = OBSTACLES[obstacleOf(unit, slots, run)];
    return [{ kind: 'NotEvaluable', parameters: { rule: unit.rule.name, reason } }];
  }
  try {
    return unit.rule.explain?.(slots, run) ?? [{ kind: verdict }];
  } catch (error) {
    // One constraint failed, and one behind it has no answer.
    if (!(error instanceof Unevaluable)) throw error;
    const reason = OBSTACLES[error.obstacle];
    return [
      { kind: verdict },
      { kind: 'NotEvaluable', parameters: { rule: unit.rule.name, reason } },
    ];
  }
}

function obstacleOf(unit: RuleUnit, slots: Slots, run: Run): Unevaluable['obstacle'] {
  try {
    unit.rule.check(slots, run);
  } catch (error) {
    if (error instanceof Unevaluable) return error.obstacle;
    throw error;
  }
  return 'type';
}
