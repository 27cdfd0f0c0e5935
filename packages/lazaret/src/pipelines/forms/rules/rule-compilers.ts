import {
  compileAllOf,
  compileAnyOf,
  compileNoneOf,
  compileOneOf,
} from './built-in/alternatives.ts';
import { compileFormatting, compileMax, compileMin } from './built-in/limits.ts';
import {
  compileItems,
  compileKeysRules,
  compileSchema,
  compileValuesRules,
} from './built-in/nested.ts';
import { compileType } from './built-in/type.ts';
import {
  compileAllowed,
  compileContains,
  compileDependencies,
  compileEmpty,
  compileExcludes,
  compileFilled,
  compileForbidden,
  compileMaxLength,
  compileMinLength,
  compileReadOnly,
  compileRegex,
} from './built-in/values.ts';
import { compileCompareAge } from './custom/compare-age.ts';
import { compileCompareWith } from './custom/compare-with.ts';
import { compileCompatibility } from './custom/compatibility.ts';
import { compileFunction } from './custom/functions.ts';
import { compileGds } from './custom/gds.ts';
import { compileLogic } from './custom/logic.ts';
import { compileTemporalRules } from './custom/temporal.ts';
import type { RuleCompiler } from './rule.ts';

/** Every rule by its name in a rule file. */
export const COMPILERS: Readonly<Record<string, RuleCompiler>> = {
  allof: compileAllOf,
  allowed: compileAllowed,
  anyof: compileAnyOf,
  compare_age: compileCompareAge,
  compare_with: compileCompareWith,
  compatibility: compileCompatibility,
  compute_gds: compileGds,
  contains: compileContains,
  dependencies: compileDependencies,
  empty: compileEmpty,
  excludes: compileExcludes,
  filled: compileFilled,
  forbidden: compileForbidden,
  formatting: compileFormatting,
  function: compileFunction,
  items: compileItems,
  keysrules: compileKeysRules,
  logic: compileLogic,
  max: compileMax,
  maxlength: compileMaxLength,
  min: compileMin,
  minlength: compileMinLength,
  noneof: compileNoneOf,
  oneof: compileOneOf,
  readonly: compileReadOnly,
  regex: compileRegex,
  schema: compileSchema,
  temporalrules: compileTemporalRules,
  type: compileType,
  valuesrules: compileValuesRules,
};
