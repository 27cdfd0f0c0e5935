/** The rules of a module, ready to be asked about a record. */
import type { EarlierVisit, KeptVisit } from './history/kept-visit.ts';
import type { FormValue, FormValues } from './record.ts';
import type { CompiledRules, TypedRecord } from './rules/compiled-rules.ts';
import { failureText, type ReadValue, type RuleFailure } from './rules/failure.ts';
import { CivilDate, CivilDateTime, dateText, dateTimeText } from './rules/python/civil-date.ts';
import { isList, type Value } from './rules/python/value.ts';
import type { CheckContext, Visit, VisitRequest } from './rules/run.ts';

/** A rule that a record breaks. */
export interface BrokenRule {
  readonly type: 'error' | 'alert';
  readonly field: string;
  /** Name of the rule, with the index of its constraint where it is a list. */
  readonly rule: string;
  readonly digest: string;
  /** From the codes file; the rule's name where that has none. */
  readonly code: string;
  /** In plain words, without a value of the record. */
  readonly text: string;
  /** The value of the field as text; empty where it has none. */
  readonly value: string;
  /** What the value should have been; empty where nothing can be named. */
  readonly expected: string;
  readonly reads: readonly {
    readonly visit: string;
    readonly field: string;
    readonly value: FormValue;
  }[];
}

/** Finds an earlier visit of the record's subject and module. */
export type FindVisit = (
  which: EarlierVisit,
  filled: readonly string[],
) => Pick<KeptVisit, 'id' | 'values'> | null;

/** What was found out before a record is judged: no rule waits for an answer. */
export type CheckAnswers = Pick<CheckContext, 'today' | 'isValidAdcid' | 'isValidRxcui'>;

export type Checker = (
  values: FormValues,
  find: FindVisit,
  answers: CheckAnswers,
) => readonly BrokenRule[];

const NOTHING: readonly BrokenRule[] = [];

/**
 * Makes the checker of a module. It works on one record at a time and keeps nothing of it but the
 * last few records as the rules read them: the visit before is most often one of those.
 */
export function makeChecker(rules: CompiledRules): Checker {
  const recent = new RecentRecords(rules);
  let finding: FindVisit = () => null;
  const visitOf =
    (which: EarlierVisit, { today }: CheckAnswers) =>
    ({ filled }: VisitRequest): Visit | null => {
      const found = finding(which, filled);
      if (found === null) return null;
      const { id, values } = found;
      return { id, record: values, typed: recent.of(values, today) };
    };
  let asked: CheckAnswers | null = null;
  let context: CheckContext | null = null;
  return (values, find, answers) => {
    if (context === null || asked !== answers) {
      const previousVisit = visitOf('previous', answers);
      context = { ...answers, previousVisit, initialVisit: visitOf('initial', answers) };
      asked = answers;
    }
    finding = find;
    const checked = rules.check(recent.of(values, answers.today), context);
    if (checked instanceof Promise) throw new Error('A rule had to wait for an answer.');
    if (checked.failures.length === 0) return NOTHING;
    return checked.failures.map((failure) => brokenRule(failure, values));
  };
}

/** A subject has a few visits, which are judged one behind the other. */
const RECENT_RECORDS = 8;

class RecentRecords {
  readonly #rules: CompiledRules;
  readonly #records: { readonly today: CivilDate; readonly typed: TypedRecord }[] = [];
  #next = 0;

  constructor(rules: CompiledRules) {
    this.#rules = rules;
  }

  of(values: FormValues, today: CivilDate): TypedRecord {
    for (const one of this.#records) {
      if (one.typed.given === values && one.today === today) return one.typed;
    }
    const typed = this.#rules.cast(values, today);
    this.#records[this.#next] = { today, typed };
    this.#next = (this.#next + 1) % RECENT_RECORDS;
    return typed;
  }
}

function brokenRule(failure: RuleFailure, values: FormValues): BrokenRule {
  const { type, field, digest, reads, expected } = failure;
  const name = failure.rule ?? failure.kind;
  const rule = failure.index === null ? name : `${name}[${failure.index}]`;
  return {
    ...{ type, field, rule, digest },
    code: failure.code ?? rule,
    text: failureText(failure, 'caller'),
    value: textOf(values[field]),
    expected: expected ?? '',
    reads: reads.map(plainRead),
  };
}

function plainRead({ visit, field, value }: ReadValue): BrokenRule['reads'][number] {
  return { visit, field, value: plainValue(value) };
}

/** A value as it can be stored: dates are texts. */
function plainValue(value: Value): FormValue {
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof CivilDate) return dateText(value);
  if (value instanceof CivilDateTime) return dateTimeText(value);
  if (isList(value)) return value.map(plainValue);
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [name, plainValue(inner)]),
  );
}

function textOf(value: FormValue | undefined): string {
  if (value === undefined || value === null) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
