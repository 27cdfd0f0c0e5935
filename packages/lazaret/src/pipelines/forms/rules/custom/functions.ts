import { nearestName } from '@lazaret/faults';
import { toDate } from '../dialect.ts';
import { refuseUnknownNames } from '../known-names.ts';
import type { Slots } from '../layout.ts';
import { Unevaluable } from '../python/arithmetic.ts';
import { equals, isTruthy, type Value } from '../python/value.ts';
import {
  readField,
  refuse,
  type CompiledRule,
  type RuleCompiler,
  type RulePlace,
  type Verdict,
} from '../rule.ts';
import { isMapping, pointTo, type RuleMapping } from '../rule-json.ts';
import type { Run } from '../run.ts';
import { formulaCheck, readLogic } from './logic.ts';

/** `function`: rules with a program of their own, by name. */
type FunctionCompiler = (args: RuleMapping, place: RulePlace) => CompiledRule | null;

const FUNCTIONS: Readonly<Record<string, FunctionCompiler>> = {
  check_adcid: compileCheckAdcid,
  check_rxcui: compileCheckRxcui,
  score_variables: compileScoreVariables,
};

const FUNCTION_NAMES = Object.keys(FUNCTIONS);

export const compileFunction: RuleCompiler = (argument, place) => {
  if (!isMapping(argument)) return refuse(place, '"function" must be a mapping.');
  if (refuseUnknownNames(argument, ['name', 'args'], place)) return null;
  const { name, args = {} } = argument;
  const compile =
    typeof name === 'string' && Object.hasOwn(FUNCTIONS, name) ? FUNCTIONS[name] : undefined;
  if (compile === undefined) {
    const nearest = typeof name === 'string' ? nearestName(name, FUNCTION_NAMES) : null;
    const hint =
      nearest === null
        ? `Functions are ${FUNCTION_NAMES.join(', ')}.`
        : `Did you mean "${nearest}"?`;
    const message = `There is no function ${JSON.stringify(name ?? null)}. ${hint}`;
    return refuse(place, message, pointTo(place.pointer, 'name'));
  }
  const pointer = pointTo(place.pointer, 'args');
  if (!isMapping(args)) return refuse(place, '"args" must be a mapping.', pointer);
  return compile(args, { ...place, pointer });
};

/** Whether a center's number is the sender's own, or with `own: false` any center's. */
function compileCheckAdcid(args: RuleMapping, place: RulePlace): CompiledRule | null {
  if (refuseUnknownNames(args, ['own'], place)) return null;
  const { own = true } = args;
  if (typeof own !== 'boolean') return refuse(place, '"own" must be true or false.');
  const { slot, scope, field } = place;
  scope.lookUps.push({ of: 'center', field, own });
  const kind = own ? 'OtherCenter' : 'UnknownCenter';
  return {
    name: 'function',
    check: (slots, run) => (run.isValidAdcid(slots[slot] ?? null, own) ? null : kind),
  };
}

/** Whether a drug's number is known, on the date in `target_date_field` where that is named. */
function compileCheckRxcui(args: RuleMapping, place: RulePlace): CompiledRule | null {
  if (refuseUnknownNames(args, ['target_date_field'], place)) return null;
  const { target_date_field: target } = args;
  if (target !== undefined && typeof target !== 'string')
    return refuse(place, '"target_date_field" must name a field.');
  const { slot, scope, field } = place;
  scope.lookUps.push({ of: 'drug', field, visit: scope.visit });
  const targetSlot = target === undefined ? null : readField(scope, target);
  const check = (slots: Slots, run: Run): Verdict => {
    const drug = slots[slot] ?? null;
    // 0 and a blank say that there is no code.
    if (!isTruthy(drug)) return null;
    if (targetSlot === null) return run.isValidRxcui(drug, null) ? null : 'UnknownDrug';
    const date = toDate(slots[targetSlot] ?? null, run.context.today, scope.dialect);
    if (date === null) return 'TargetDateUnreadable';
    return run.isValidRxcui(drug, date) ? null : 'UnknownDrugOnDate';
  };
  const parameters = { target: target ?? '' };
  return {
    name: 'function',
    check,
    explain: (slots, run) => [{ kind: check(slots, run) ?? 'UnknownDrug', parameters }],
  };
}

const DEFAULT_VARIABLE = '__total_sum';

/**
 * Counts the questions that are answered right (or wrong) and holds a formula about that count.
 * Where a question is blank, nothing is checked.
 */
function compileScoreVariables(args: RuleMapping, place: RulePlace): CompiledRule | null {
  const names = ['mode', 'scoring_key', 'logic', 'calc_var_name'];
  if (refuseUnknownNames(args, names, place)) return null;
  const { mode, scoring_key: key, logic, calc_var_name: variable = DEFAULT_VARIABLE } = args;
  if (mode !== 'correct' && mode !== 'incorrect')
    return refuse(
      place,
      '"mode" must be "correct" or "incorrect".',
      pointTo(place.pointer, 'mode'),
    );
  if (!isMapping(key))
    return refuse(place, '"scoring_key" must be a mapping.', pointTo(place.pointer, 'scoring_key'));
  if (typeof variable !== 'string' || variable === '')
    return refuse(
      place,
      '"calc_var_name" must be a name.',
      pointTo(place.pointer, 'calc_var_name'),
    );
  const read = readLogic(logic, { ...place, pointer: pointTo(place.pointer, 'logic') });
  if (read === null) return null;
  const { scope } = place;
  const answers = Object.entries(key).map(([field, right]) => ({
    slot: readField(scope, field),
    right,
  }));
  const total = scope.layout.slotOf(variable);
  const holds = formulaCheck(read.formula);
  const countsRight = mode === 'correct';
  return {
    name: 'function',
    check: (slots, run) => {
      let count = 0;
      for (const { slot, right } of answers) {
        const answer = slots[slot] ?? null;
        if (answer === null) return null;
        if (equals(answer, right) === countsRight) count += 1;
      }
      if (slots[total] !== undefined) throw new Unevaluable('name');
      const withTotal: (Value | undefined)[] = [...slots];
      withTotal[total] = count;
      return holds(withTotal, run) === null ? null : 'ScoreWrong';
    },
    ...(read.errorText === null ? {} : { authorText: read.errorText }),
  };
}
