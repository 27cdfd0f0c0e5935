import { nearestName } from '@lazaret/faults';
import { Unevaluable } from '../python/arithmetic.ts';
import { isDocument, isList, type Value } from '../python/value.ts';
import { readField, type Scope } from '../rule.ts';
import { isMapping, isRuleList, pointTo, type RuleJson } from '../rule-json.ts';
import type { Slots } from '../layout.ts';
import type { Expression, Operator } from './expression.ts';
import { divisionBy, OPERATORS } from './operators.ts';

/**
 * Formulas are JsonLogic: `{"==": [{"var": "total"}, {"+": [{"var": "a"}, {"var": "b"}]}]}`. Each
 * is compiled once into nested functions; no record is ever met by the formula's own tree.
 */

const FORMULA_OPERATORS = [...Object.keys(OPERATORS), '/', 'var', 'missing', 'missing_some'];

/** Longest text of a formula in a message, UTF-16 units. */
const LONGEST_TEXT = 200;

/** Compiles a formula; null where it is refused. */
export function compileFormula(given: RuleJson, scope: Scope, pointer: string): Expression | null {
  if (!isMapping(given)) return constant(given, scope, pointer);
  const [entry, ...others] = Object.entries(given);
  if (entry === undefined || others.length > 0)
    return problem(scope, pointer, 'A formula is a mapping of one operator to its operands.');
  const [name, argument] = entry;
  const place = pointTo(pointer, name);
  const operands = isRuleList(argument) ? argument : [argument];
  if (name === 'var') return compileVariable(operands, scope, place);
  if (name === 'missing') return compileMissing(operands, scope, place);
  if (name === 'missing_some') return compileMissingSome(operands, scope, place);
  const operator = findOperator(name, scope);
  if (operator === null) return problem(scope, pointer, unknownOperator(name));
  return apply(name, operator, isRuleList(argument) ? argument : null, operands, scope, place);
}

function findOperator(name: string, scope: Scope): Operator | null {
  if (name === '/') return divisionBy(scope.dialect === 'reference');
  return Object.hasOwn(OPERATORS, name) ? (OPERATORS[name] ?? null) : null;
}

function unknownOperator(name: string): string {
  const nearest = nearestName(name, FORMULA_OPERATORS);
  const hint =
    nearest === null
      ? `Operators are ${FORMULA_OPERATORS.join(' ')}.`
      : `Did you mean "${nearest}"?`;
  return `There is no operator "${name}". ${hint}`;
}

function apply(
  name: string,
  operator: Operator,
  list: readonly RuleJson[] | null,
  operands: readonly RuleJson[],
  scope: Scope,
  pointer: string,
): Expression | null {
  const parts = operands.map((operand, index) =>
    compileFormula(operand, scope, list === null ? pointer : pointTo(pointer, index)),
  );
  const compiled = parts.filter((part) => part !== null);
  if (compiled.length < parts.length) return null;
  if (compiled.length < operator.least || compiled.length > operator.most) {
    // The reference lets such a formula be written and then fails every record with it.
    if (scope.dialect === 'reference' && name === 'count_exact') return failing(name);
    return problem(scope, pointer, operandCount(name, operator, compiled.length));
  }
  const zero = compiled[1]?.constant;
  if ((name === '/' || name === '%') && (zero === 0 || zero === false))
    return problem(scope, pointer, `"${name}" divides by zero.`);
  const isFloat =
    operator.isFloat ?? (/^[+-]$|^m(?:in|ax)$/.test(name) && compiled.some((part) => part.isFloat));
  return { evaluate: operator.build(compiled), isFloat, text: describe(name, compiled) };
}

function failing(name: string): Expression {
  const evaluate = (): never => {
    throw new Unevaluable('arguments');
  };
  return { evaluate, isFloat: false, text: `${name}()` };
}

function operandCount(name: string, operator: Operator, given: number): string {
  const { least, most } = operator;
  const wanted =
    least === most
      ? String(least)
      : Number.isFinite(most)
        ? `${least} to ${most}`
        : `at least ${least}`;
  return `"${name}" takes ${wanted} operands; it has ${given}.`;
}

function describe(name: string, parts: readonly Expression[]): string {
  const texts = parts.map((part) => part.text);
  const [first = '', second] = texts;
  let text = `${name}(${texts.join(', ')})`;
  if (name === '!' || name === '!!') text = `${name}${first}`;
  else if (/^(?:[=!]==?|[<>]=?|[%+*/-]|and|or|in)$/.test(name))
    text = second === undefined ? `${name} ${first}` : `(${texts.join(` ${name} `)})`;
  return text.length > LONGEST_TEXT ? `${text.slice(0, LONGEST_TEXT)}…` : text;
}

function constant(value: RuleJson, scope: Scope, pointer: string): Expression | null {
  if (holdsMapping(value))
    return problem(scope, pointer, 'A formula inside a list would not be evaluated.');
  const isFloat = typeof value === 'number' && !Number.isInteger(value);
  return { evaluate: () => value, isFloat, constant: value, text: JSON.stringify(value) };
}

function holdsMapping(value: RuleJson): boolean {
  return isRuleList(value) ? value.some(holdsMapping) : isMapping(value);
}

/** `{"var": "field"}` or `{"var": ["field", default]}`; points lead into mappings and lists. */
function compileVariable(
  operands: readonly RuleJson[],
  scope: Scope,
  pointer: string,
): Expression | null {
  const [name, fallback = null] = operands;
  if ((typeof name !== 'string' && typeof name !== 'number') || operands.length > 2)
    return problem(scope, pointer, '"var" must name its field, as text.');
  const otherwise = compileFormula(fallback, scope, pointTo(pointer, 1));
  if (otherwise === null) return null;
  const [field = '', ...path] = String(name).split('.');
  const slot = readField(scope, field);
  const { evaluate } = otherwise;
  const isBlank = otherwise.constant === null;
  const isFloat = scope.types.get(field) === 'float' && path.length === 0;
  const text = String(name);
  if (path.length > 0)
    return {
      isFloat,
      text,
      evaluate: (slots, run) => {
        const value = followPath(slots[slot], path);
        return value === undefined ? evaluate(slots, run) : value;
      },
    };
  return {
    isFloat,
    text,
    evaluate: isBlank
      ? (slots) => slots[slot] ?? null
      : (slots, run) => {
          const value = slots[slot];
          return value === undefined ? evaluate(slots, run) : value;
        },
  };
}

function followPath(start: Value | undefined, path: readonly string[]): Value | undefined {
  let value = start;
  for (const step of path) {
    if (typeof value !== 'object' || value === null) return undefined;
    if (isList(value)) value = /^-?\d+$/.test(step) ? value.at(Number(step)) : undefined;
    else value = isDocument(value) && Object.hasOwn(value, step) ? value[step] : undefined;
  }
  return value;
}

function fieldNames(given: RuleJson | undefined): readonly string[] | null {
  if (!isRuleList(given)) return null;
  const names = given.filter((name) => typeof name === 'string');
  return names.length === given.length ? names : null;
}

interface Lookup {
  readonly name: string;
  readonly isMissing: (slots: Slots) => boolean;
}

function lookUps(names: readonly string[], scope: Scope): readonly Lookup[] {
  return names.map((name) => {
    const [field = '', ...path] = name.split('.');
    const slot = readField(scope, field);
    return { name, isMissing: (slots) => followPath(slots[slot], path) === undefined };
  });
}

/** The names of those fields that the record does not have. A blank field is not missing. */
function compileMissing(
  operands: readonly RuleJson[],
  scope: Scope,
  pointer: string,
): Expression | null {
  const names = fieldNames(isRuleList(operands[0]) ? operands[0] : operands);
  if (names === null) return problem(scope, pointer, '"missing" must be a list of fields.');
  const fields = lookUps(names, scope);
  return {
    isFloat: false,
    text: `missing(${names.join(', ')})`,
    evaluate: (slots) => fields.filter((field) => field.isMissing(slots)).map(({ name }) => name),
  };
}

/** Like `missing`, but nothing is missing once so many of the fields are there. */
function compileMissingSome(
  operands: readonly RuleJson[],
  scope: Scope,
  pointer: string,
): Expression | null {
  const least = operands.find((operand) => typeof operand === 'number') ?? 1;
  const names = fieldNames(operands.find((operand) => isRuleList(operand)));
  if (names === null || typeof least !== 'number' || operands.length > 2)
    return problem(scope, pointer, '"missing_some" takes a number and a list of fields.');
  const fields = lookUps(names, scope);
  return {
    isFloat: false,
    text: `missing_some(${least}, ${names.join(', ')})`,
    evaluate: (slots) => {
      const missing = fields.filter((field) => field.isMissing(slots)).map(({ name }) => name);
      return fields.length - missing.length >= least ? [] : missing;
    },
  };
}

function problem(scope: Scope, pointer: string, message: string): null {
  scope.problems.push({ pointer, message });
  return null;
}
