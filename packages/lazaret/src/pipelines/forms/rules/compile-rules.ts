import { castFor } from './cast.ts';
import { NO_CODES, readCodes } from './codes-file.ts';
import { CompiledRules } from './compiled-rules.ts';
import type { Dialect } from './dialect.ts';
import { compileFieldRules } from './field-rules.ts';
import { compileFieldSet } from './field-set.ts';
import { Layout } from './layout.ts';
import { ReadCollector, type Scope } from './rule.ts';
import { ruleDigest } from './rule-digest.ts';
import { isMapping, isRuleJson, type RuleMapping, type RuleProblem } from './rule-json.ts';

export interface RuleOptions {
  /** How texts become values. Default `lazaret`. */
  readonly dialect?: Dialect;
  /** The field that says whose record it is; rules about earlier visits need it. */
  readonly primaryKey?: string;
  /** Whether fields that the rules do not name are let through. Default false. */
  readonly allowUnknown?: boolean;
  /** Whether every field must be there unless its rules say otherwise. Default false. */
  readonly requireAll?: boolean;
  /** The codes file beside the rules. */
  readonly codes?: unknown;
}

export type Compilation =
  | { readonly ok: true; readonly rules: CompiledRules }
  | { readonly ok: false; readonly problems: readonly RuleProblem[] };

/**
 * Compiles a rule file's content once, for many records. Never throws: what is wrong with the
 * rules comes back with its place, all of it at once.
 *
 * @param schema the parsed rule file: a mapping of fields to rule sets
 */
export function compileRules(schema: unknown, options: RuleOptions = {}): Compilation {
  const problems: RuleProblem[] = [];
  if (!isRuleJson(schema, problems)) return { ok: false, problems };
  if (!isMapping(schema))
    return refused({ pointer: '', message: 'Rules must be a mapping of fields to their rules.' });
  const { dialect = 'lazaret', primaryKey = null, requireAll = false } = options;
  const layout = new Layout();
  const scope: Scope = {
    layout,
    types: declaredTypes(schema),
    dialect,
    primaryKey,
    visit: 'current',
    filled: [],
    reads: new ReadCollector(),
    problems,
    lookUps: [],
    compileField: compileFieldRules,
    compileSet: compileFieldSet,
  };
  // The fields of the form take the first slots, in their order.
  for (const field of Object.keys(schema)) layout.slotOf(field);
  if (primaryKey !== null) layout.slotOf(primaryKey);
  const fieldSet = compileFieldSet(schema, scope, '', requireAll);
  const codes = options.codes === undefined ? NO_CODES : compileCodes(options.codes, problems);
  if (fieldSet === null || problems.length > 0) return { ok: false, problems };
  const casts = new Map(
    fieldSet.fields.map(({ field }) => [field, castFor(scope.types.get(field), dialect)]),
  );
  const rules = new CompiledRules({
    layout,
    fieldSet,
    casts,
    primaryKey,
    allowUnknown: options.allowUnknown ?? false,
    codes,
    digestOf: digests(schema, dialect),
    lookUps: scope.lookUps,
    units: fieldSet.fields.flatMap((field) => field.units),
  });
  return { ok: true, rules };
}

function refused(problem: RuleProblem): Compilation {
  return { ok: false, problems: [problem] };
}

function compileCodes(given: unknown, problems: RuleProblem[]): ReturnType<typeof readCodes> {
  return isRuleJson(given, problems) ? readCodes(given, problems) : NO_CODES;
}

/** The type of each field that declares exactly one. */
function declaredTypes(schema: RuleMapping): ReadonlyMap<string, string> {
  const types = new Map<string, string>();
  for (const [field, rules] of Object.entries(schema)) {
    const type = isMapping(rules) ? rules['type'] : undefined;
    if (typeof type === 'string') types.set(field, type);
  }
  return types;
}

/** Digests are computed when they are first asked for: most rules never fail. */
function digests(schema: RuleMapping, dialect: Dialect): (field: string, rule: string) => string {
  const known = new Map<string, string>();
  return (field, rule) => {
    const name = `${rule} ${field}`;
    const before = known.get(name);
    if (before !== undefined) return before;
    const given = schema[field];
    const rules: RuleMapping = isMapping(given) ? given : {};
    const { type = null, formatting = null, nullable = false } = rules;
    const argument = rules[rule] ?? null;
    const digest = ruleDigest({ field, rule, argument, type, formatting, nullable, dialect });
    known.set(name, digest);
    return digest;
  };
}
