import { compileRules } from './compile-rules.ts';
import type { Dialect } from './dialect.ts';
import { toDateTime, toFloat } from './dialect.ts';
import type { RuleFailure } from './failure.ts';
import { kindEntry } from './failure-kinds.ts';
import { COMPARATORS, compareValues } from './formula/comparison.ts';
import { compileFormula } from './formula/compile-formula.ts';
import { Layout } from './layout.ts';
import { Unevaluable } from './python/arithmetic.ts';
import { CivilDate, CivilDateTime, dateText, dateTimeText } from './python/civil-date.ts';
import { readDateTime } from './python/date-text.ts';
import { equals, isDocument, isList, order, type Value } from './python/value.ts';
import { ReadCollector, type Scope } from './rule.ts';
import { isMapping, isRuleJson, type RuleProblem } from './rule-json.ts';
import { Run, type CheckContext, type Visit, type VisitRequest } from './run.ts';

/**
 * Runs conformance cases of the rule language: what the reference program said of a record, a
 * formula, a comparison or a text, against what these rules say of it.
 */

/** A case, in the shape in which the case files are written. */
export interface ConformanceCase {
  readonly id: string;
  /** `validate`, `qc_record`, `cast_record`, `jsonlogic`, `compare_values`, `convert_to_date(time)`. */
  readonly kind: string;
  /** The rules, or the name of rules among `library.schemas`. */
  readonly schema?: unknown;
  readonly record?: Readonly<Record<string, unknown>>;
  readonly strict?: boolean | null;
  readonly pk_field?: string | null;
  /** The earlier visits, or the name of them among `library.datastores`. */
  readonly datastore?: unknown;
  readonly formula?: unknown;
  readonly data?: unknown;
  readonly args?: readonly unknown[];
}

/** What a file of cases shares among them. */
export interface ConformanceLibrary {
  readonly schemas: Readonly<Record<string, unknown>>;
  readonly datastores: Readonly<Record<string, unknown>>;
  /** The day that counts as today, `2026-01-15`. */
  readonly now: string;
}

/** A failure as the cases write it. */
export interface ConformanceError {
  readonly rule: string | null;
  /** The reference's number, `0x44`. */
  readonly code: string;
  readonly rule_no?: number;
}

/**
 * What came out: `valid` and `errors` of a record, a `result`, a cast `record`, or `raises` where
 * the rules are refused or one of them cannot be evaluated, with the reason.
 */
export interface ConformanceResult {
  readonly valid?: boolean;
  readonly errors?: Readonly<Record<string, readonly ConformanceError[]>>;
  readonly result?: unknown;
  readonly record?: Readonly<Record<string, unknown>>;
  readonly raises?: string;
}

const EMPTY_LIBRARY: ConformanceLibrary = { schemas: {}, datastores: {}, now: '2026-01-15' };

/**
 * Runs one case.
 *
 * @param test the case; its expectation is not looked at
 * @param library schemas and datastores that the case names, and today
 * @param dialect how texts are read; `reference` (the default) is what the cases were made with,
 *   `lazaret` what forms are checked with, see `deviations.ts`
 * @returns in the shape of the case's expectation: `{valid, errors}` for `validate` and
 *   `qc_record` (errors by field, in the order of rule, code and number), `{record}` for
 *   `cast_record`, `{result}` for the others, `{raises}` where a system error is to be reported.
 *   Dates are written `{"$date": "2026-01-15"}` and `{"$datetime": "2026-01-15T00:00:00"}`
 */
export async function runConformanceCase(
  test: ConformanceCase,
  library: ConformanceLibrary = EMPTY_LIBRARY,
  dialect: Dialect = 'reference',
): Promise<ConformanceResult> {
  const today = readDateTime(library.now, new CivilDate(2026, 1, 15))?.date;
  if (today === undefined) return { raises: 'the day that counts as today is no date' };
  switch (test.kind) {
    case 'validate':
    case 'qc_record':
      return runRecord(test, library, dialect, today);
    case 'cast_record':
      return runCast(test, library, dialect, today);
    case 'jsonlogic':
      return runFormula(test, dialect, today);
    case 'compare_values':
      return runComparison(test);
    case 'convert_to_date':
    case 'convert_to_datetime':
      return runConversion(test, dialect, today);
    default:
      return { raises: `there are no cases of the kind ${test.kind}` };
  }
}

async function runRecord(
  test: ConformanceCase,
  library: ConformanceLibrary,
  dialect: Dialect,
  today: CivilDate,
): Promise<ConformanceResult> {
  const schema = typeof test.schema === 'string' ? library.schemas[test.schema] : test.schema;
  const primaryKey = test.pk_field ?? null;
  const compilation = compileRules(schema, {
    dialect,
    allowUnknown: test.strict === false,
    ...(primaryKey === null ? {} : { primaryKey }),
  });
  if (!compilation.ok) return { raises: refusal(compilation.problems) };
  const { rules } = compilation;
  const given = untag(test.record ?? {});
  if (!isDocument(given)) return { raises: 'the record is no mapping' };
  const record = test.kind === 'validate' ? rules.take(given) : rules.cast(given, today);
  const store =
    typeof test.datastore === 'string' ? library.datastores[test.datastore] : test.datastore;
  try {
    const { failures } = await rules.check(record, contextOf(store, today));
    return resultOf(failures);
  } catch (error) {
    if (error instanceof Unevaluable) return { raises: error.obstacle };
    throw error;
  }
}

function refusal(problems: readonly RuleProblem[]): string {
  return problems.map(({ pointer, message }) => `${pointer}: ${message}`).join(' ');
}

function resultOf(failures: readonly RuleFailure[]): ConformanceResult {
  const errors: Record<string, ConformanceError[]> = {};
  for (const failure of failures) {
    const { reference } = kindEntry(failure.kind);
    if (reference === null) return { raises: failure.kind };
    const error: ConformanceError = {
      rule: ruleName(failure),
      code: `0x${reference.toString(16)}`,
      ...(failure.index === null ? {} : { rule_no: failure.index }),
    };
    // The reference tells every clause and every age of its own.
    const list = (errors[failure.field] ??= []);
    for (let part = 0; part < failure.parts; part += 1) list.push(error);
  }
  for (const list of Object.values(errors)) list.sort(errorOrder);
  return { valid: failures.length === 0, errors };
}

/** The reference files a missing key under `temporalrules`, whichever rule needed it. */
function ruleName(failure: RuleFailure): string | null {
  return kindEntry(failure.kind).rule ?? null;
}

function errorOrder(left: ConformanceError, right: ConformanceError): number {
  const rules = (left.rule ?? '').localeCompare(right.rule ?? '', 'en');
  const codes = Number(left.code) - Number(right.code);
  return rules || codes || (left.rule_no ?? -1) - (right.rule_no ?? -1);
}

interface Datastore {
  readonly orderBy: string;
  readonly keyField: string;
  readonly records: ReadonlyMap<string, readonly Readonly<Record<string, Value>>[]>;
  readonly drugs: readonly Value[];
  readonly drugDate: string | null;
  readonly ownAdcid: Value;
  readonly adcids: readonly Value[];
}

function readDatastore(given: unknown): Datastore | null {
  if (!isMapping(given)) return null;
  const { pk_field, orderby, records, valid_rxcui, rxcui_only_valid_on, own_adcid, valid_adcids } =
    given;
  const bySubject = Object.entries(isMapping(records) ? records : {}).map(([key, visits]) => {
    const list = Array.isArray(visits) ? visits : [];
    return [key, list.map((visit) => untag(visit)).filter((visit) => isDocument(visit))] as const;
  });
  return {
    keyField: typeof pk_field === 'string' ? pk_field : '',
    orderBy: typeof orderby === 'string' ? orderby : '',
    records: new Map(bySubject),
    drugs: Array.isArray(valid_rxcui) ? valid_rxcui : [],
    drugDate: typeof rxcui_only_valid_on === 'string' ? rxcui_only_valid_on : null,
    ownAdcid: own_adcid ?? null,
    adcids: Array.isArray(valid_adcids) ? valid_adcids : [],
  };
}

function contextOf(given: unknown, today: CivilDate): CheckContext {
  const store = readDatastore(given);
  if (store === null) return { today };
  return {
    today,
    previousVisit: (request) => previousVisit(store, request),
    initialVisit: ({ key }) => visitOf(visitsOf(store, key)[0]),
    isValidAdcid: (adcid, own) =>
      own ? equals(adcid, store.ownAdcid) : store.adcids.some((known) => equals(known, adcid)),
    isValidRxcui: (drug, on) =>
      store.drugs.some((known) => equals(known, drug)) &&
      (on === null || dateText(on) === store.drugDate),
  };
}

function visitsOf(store: Datastore, key: Value): readonly Readonly<Record<string, Value>>[] {
  return typeof key === 'string' || typeof key === 'number'
    ? (store.records.get(String(key)) ?? [])
    : [];
}

function visitOf(record: Readonly<Record<string, Value>> | undefined): Visit | null {
  return record === undefined ? null : { id: JSON.stringify(record), record };
}

/** The visit before the record, in the order of the datastore, the record last among equals. */
function previousVisit(store: Datastore, request: VisitRequest): Visit | null {
  const earlier = visitsOf(store, request.key).filter((visit) =>
    request.filled.every((field) => (visit[field] ?? null) !== null),
  );
  if (earlier.length === 0) return null;
  const current = asNumberText(request.record[store.orderBy]);
  const before = earlier.filter((visit) => {
    const comparison = order(visit[store.orderBy] ?? null, current);
    if (comparison === null) throw new Unevaluable('type');
    return comparison <= 0;
  });
  return visitOf(before.at(-1));
}

/** The order field of a record that is not cast yet. */
function asNumberText(given: unknown): Value {
  if (typeof given !== 'string') return typeof given === 'number' ? given : null;
  return toFloat(given, 'reference') ?? given;
}

function runCast(
  test: ConformanceCase,
  library: ConformanceLibrary,
  dialect: Dialect,
  today: CivilDate,
): ConformanceResult {
  const schema = typeof test.schema === 'string' ? library.schemas[test.schema] : test.schema;
  const compilation = compileRules(schema, { dialect });
  if (!compilation.ok) return { raises: refusal(compilation.problems) };
  const given = untag(test.record ?? {});
  if (!isDocument(given)) return { raises: 'the record is no mapping' };
  const fields = new Set([...Object.keys(given), ...Object.keys(isMapping(schema) ? schema : {})]);
  const values = compilation.rules.valuesOf(compilation.rules.cast(given, today), [...fields]);
  return {
    record: Object.fromEntries(
      // Fields that no rule names have no slot; they stay what they were.
      Object.entries(values).map(([field, value]) => [
        field,
        tag(value === undefined ? (given[field] ?? null) : value),
      ]),
    ),
  };
}

function runFormula(test: ConformanceCase, dialect: Dialect, today: CivilDate): ConformanceResult {
  const problems: RuleProblem[] = [];
  const layout = new Layout();
  const refuseRules = (): null => null;
  const scope: Scope = {
    layout,
    types: new Map(),
    dialect,
    primaryKey: null,
    visit: 'current',
    filled: [],
    reads: new ReadCollector(),
    problems,
    lookUps: [],
    compileField: refuseRules,
    compileSet: refuseRules,
  };
  if (!isRuleJson(test.formula, problems)) return { raises: refusal(problems) };
  const formula = compileFormula(test.formula, scope, '');
  if (formula === null) return { raises: refusal(problems) };
  const data = untag(test.data ?? {});
  const slots: (Value | undefined)[] = [];
  for (const [field, value] of Object.entries(isMapping(data) ? data : {}))
    slots[layout.slotOf(field)] = value;
  const run = new Run({ today }, {}, null, { cast: () => ({ slots: [] }) }, null);
  try {
    return { result: tag(formula.evaluate(slots, run)) };
  } catch (error) {
    if (error instanceof Unevaluable) return { raises: error.obstacle };
    throw error;
  }
}

function runComparison(test: ConformanceCase): ConformanceResult {
  const [name, value, base] = test.args ?? [];
  const comparator = COMPARATORS.find((known) => known === name);
  if (comparator === undefined) return { raises: 'there is no such comparator' };
  const holds = compareValues(comparator, untag(value), untag(base));
  return holds === null ? { raises: 'the two cannot be compared' } : { result: holds };
}

function runConversion(
  test: ConformanceCase,
  dialect: Dialect,
  today: CivilDate,
): ConformanceResult {
  const moment = toDateTime(untag(test.args?.[0]), today, dialect);
  if (moment === null) return { raises: 'the text is no date' };
  return { result: tag(test.kind === 'convert_to_date' ? moment.date : moment) };
}

/** Reads a value of a case: `{$date}`, `{$datetime}` and `{$float}` are tagged. */
function untag(given: unknown): Value {
  if (Array.isArray(given)) return given.map(untag);
  if (typeof given === 'number' || typeof given === 'string' || typeof given === 'boolean')
    return given;
  if (!isMapping(given)) return null;
  const { $date: date, $datetime: moment, $float: float } = given;
  const anyDay = new CivilDate(2000, 1, 1);
  if (typeof date === 'string') return readDateTime(date, anyDay)?.date ?? null;
  if (typeof moment === 'string') return readDateTime(moment, anyDay);
  if (typeof float === 'string') return toFloat(float, 'reference');
  return Object.fromEntries(Object.entries(given).map(([name, value]) => [name, untag(value)]));
}

function tag(value: Value): unknown {
  if (value instanceof CivilDate) return { $date: dateText(value) };
  if (value instanceof CivilDateTime) return { $datetime: dateTimeText(value).replace(' ', 'T') };
  if (typeof value === 'number' && !Number.isFinite(value))
    return { $float: Number.isNaN(value) ? 'nan' : value > 0 ? 'inf' : '-inf' };
  return value !== null && isList(value) ? value.map(tag) : value;
}
