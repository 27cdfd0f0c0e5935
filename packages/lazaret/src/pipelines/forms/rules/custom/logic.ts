import { compileFormula } from '../formula/compile-formula.ts';
import type { Expression } from '../formula/expression.ts';
import { refuseUnknownNames } from '../known-names.ts';
import { Unevaluable } from '../python/arithmetic.ts';
import { isTruthy } from '../python/value.ts';
import { refuse, type Check, type RuleCompiler, type RulePlace } from '../rule.ts';
import { isMapping, pointTo, type RuleJson } from '../rule-json.ts';

/** `logic`: a formula over the record that must come out true, with words of the author's own. */
export const compileLogic: RuleCompiler = (argument, place) => {
  const logic = readLogic(argument, place);
  if (logic === null) return null;
  const { formula, errorText } = logic;
  const check = formulaCheck(formula);
  const parameters = { formula: formula.text };
  return {
    name: 'logic',
    check,
    explain: (slots, run) => [{ kind: check(slots, run) ?? 'FormulaNotMet', parameters }],
    ...(errorText === null ? {} : { authorText: errorText }),
  };
};

interface Logic {
  readonly formula: Expression;
  readonly errorText: string | null;
}

/** Reads `{formula, errmsg}`; null where it is refused. */
export function readLogic(argument: RuleJson | undefined, place: RulePlace): Logic | null {
  if (!isMapping(argument)) return refuse(place, 'This must be a mapping with a formula.');
  if (refuseUnknownNames(argument, ['formula', 'errmsg'], place)) return null;
  const { formula: given, errmsg } = argument;
  const pointer = pointTo(place.pointer, 'formula');
  if (!isMapping(given)) return refuse(place, '"formula" must be a mapping.', pointer);
  if (errmsg !== undefined && (typeof errmsg !== 'string' || errmsg === ''))
    return refuse(place, '"errmsg" must be a text.', pointTo(place.pointer, 'errmsg'));
  const formula = compileFormula(given, place.scope, pointer);
  return formula === null ? null : { formula, errorText: errmsg ?? null };
}

/**
 * A text that is no number makes the formula fail like any other wrong answer. Where the formula
 * has no answer at all (a sum with a blank, a division by zero), nobody can say whether the record
 * is right, and the rule as a whole is told as not evaluable.
 */
export function formulaCheck(formula: Expression): Check {
  const { evaluate } = formula;
  return (slots, run) => {
    try {
      return isTruthy(evaluate(slots, run)) ? null : 'FormulaNotMet';
    } catch (error) {
      if (!(error instanceof Unevaluable)) throw error;
      if (error.obstacle === 'text' || error.obstacle === 'arguments') return 'FormulaTextNoNumber';
      throw error;
    }
  };
}
