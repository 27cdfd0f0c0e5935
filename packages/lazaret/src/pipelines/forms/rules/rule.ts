import type { Parameters, PrivacyClass } from '@lazaret/faults';
import type { Dialect } from './dialect.ts';
import type { FieldRead } from './failure.ts';
import type { FailureKind } from './failure-kinds.ts';
import type { Layout, Slots } from './layout.ts';
import type { RuleJson, RuleMapping, RuleProblem } from './rule-json.ts';
import { predecessorName, type Run, type VisitName } from './run.ts';

/**
 * How a rule says no. A compiled rule is a function that returns null where the rule holds and a
 * kind where it does not; neither allocates. Only where a failure is to be reported is the rule
 * asked a second time, with `explain`, for the particulars.
 */
export type Verdict = FailureKind | null;

export type Check = (slots: Slots, run: Run) => Verdict;

/** The particulars of one failure. */
export interface Detail {
  readonly kind: FailureKind;
  readonly parameters?: Parameters;
  readonly index?: number;
  readonly expected?: string;
  readonly expectedClass?: PrivacyClass;
  readonly parts?: number;
}

export interface CompiledRule {
  readonly name: string;
  readonly check: Check;
  /** Every failure of the rule, the first of which `check` told. Absent: that one, without more. */
  readonly explain?: (slots: Slots, run: Run) => readonly Detail[];
  /** The author's own words. */
  readonly authorText?: string;
  /** Whether the rules that stand after it are not looked at once it failed. */
  readonly endsField?: boolean;
}

/** Collects which fields a rule may read while it is compiled. */
export class ReadCollector {
  readonly #reads = new Map<string, FieldRead>();

  add(read: FieldRead): void {
    const visit = read.visit === 'current' ? 'current' : predecessorName(read.visit, read.filled);
    this.#reads.set(`${visit} ${read.field}`, read);
  }

  get all(): readonly FieldRead[] {
    return [...this.#reads.values()];
  }
}

/** The compiled rules of one field. */
export interface FieldRules {
  readonly field: string;
  readonly slot: number;
  /** Whether the field must be there at all. Null: as the surrounding rules say. */
  readonly required: boolean | null;
  /** The first failure, or null. A field that the record does not have breaks nothing. */
  readonly check: Check;
  /** Every rule of the field, the built-in `nullable` among them. */
  readonly units: readonly RuleUnit[];
  /** Tells every rule that fails. */
  readonly report: (slots: Slots, run: Run, tell: TellFailure) => void;
}

/** Told of a rule that fails; `rule` is the compiled rule or the name of one that is built in. */
export type TellFailure = (
  unit: RuleUnit,
  verdict: Exclude<Verdict, null>,
  slots: Slots,
  run: Run,
) => void;

/** A compiled rule with where it stands and what it may read. */
export interface RuleUnit {
  readonly field: string;
  readonly rule: CompiledRule;
  readonly pointer: string;
  readonly reads: ReadCollector;
}

/** The rules of several fields of one record or nested mapping. */
export interface FieldSet {
  readonly fields: readonly FieldRules[];
  /** Fields that must be there, decided with `require_all` and with `excludes`. */
  readonly missing: (slots: Slots) => readonly FieldRules[];
  /** The first failure of any field, unknown fields left aside. */
  readonly check: Check;
}

/** A value that a rule looks up outside: the number of a center, or the code of a drug. */
export type LookUp =
  | { readonly of: 'drug'; readonly field: string; readonly visit: VisitName }
  | { readonly of: 'center'; readonly field: string; readonly own: boolean };

/** Where a rule stands while it is compiled: what it may see and where problems go. */
export interface Scope {
  readonly layout: Layout;
  /** The declared type of each field of the form, which clauses inherit. */
  readonly types: ReadonlyMap<string, string>;
  readonly dialect: Dialect;
  readonly primaryKey: string | null;
  readonly visit: VisitName;
  readonly filled: readonly string[];
  readonly reads: ReadCollector;
  readonly problems: RuleProblem[];
  /** What the rules compiled so far look up. */
  readonly lookUps: LookUp[];
  /** Compiles the rules of one field; handed over because rules hold rules. */
  readonly compileField: (
    rules: RuleJson,
    field: string,
    scope: Scope,
    pointer: string,
  ) => FieldRules | null;
  /** Compiles the rules of several fields. */
  readonly compileSet: (
    rules: RuleJson,
    scope: Scope,
    pointer: string,
    requireAll: boolean,
  ) => FieldSet | null;
}

/** One rule's surroundings: its field, its neighbours in the rule set, its place in the file. */
export interface RulePlace {
  readonly scope: Scope;
  readonly field: string;
  readonly slot: number;
  readonly definition: RuleMapping;
  readonly pointer: string;
}

/** Turns one rule of a rule file into a function; null where it is refused. */
export type RuleCompiler = (argument: RuleJson, place: RulePlace) => CompiledRule | null;

/** The slot of a field in the record that the scope is about, noting that the rule reads it. */
export function readField(scope: Scope, field: string): number {
  scope.reads.add({ field, visit: scope.visit, filled: scope.filled });
  return scope.layout.slotOf(field);
}

/** Notes why a rule is refused. */
export function refuse(place: RulePlace, message: string, pointer = place.pointer): null {
  place.scope.problems.push({ pointer, message });
  return null;
}
