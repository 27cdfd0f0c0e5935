import { toBoolean, toDate, toDateTime, toFloat, toInteger, type Dialect } from './dialect.ts';
import { isRuleJson } from './rule-json.ts';
import { CivilDate, CivilDateTime } from './python/civil-date.ts';
import type { Value } from './python/value.ts';

/** Makes a field's value what its type says, as far as it can; `type` tells where it cannot. */
export type Cast = (value: Value, today: CivilDate) => Value;

const KEPT: Cast = (value) => value;

/** The cast of a declared type. A field with several types, or none, is left as it is. */
export function castFor(type: string | undefined, dialect: Dialect): Cast {
  switch (type) {
    case 'integer':
      return (value) => toInteger(value, dialect) ?? value;
    case 'float':
      return (value) => toFloat(value, dialect) ?? value;
    case 'boolean':
      return (value) => toBoolean(value, dialect) ?? value;
    case 'date':
      return (value, today) => toDate(value, today, dialect) ?? value;
    case 'datetime':
      return (value, today) => toDateTime(value, today, dialect) ?? value;
    default:
      return KEPT;
  }
}

/**
 * What came from outside as a value. Texts, numbers, truth values, dates and plain JSON are; what
 * is none of these becomes the text of its type's name, so that `type` refuses it in the open.
 */
export function asValue(given: unknown): Value {
  switch (typeof given) {
    case 'string':
    case 'number':
    case 'boolean':
      return given;
    case 'undefined':
      return null;
    case 'object':
      if (given === null || given instanceof CivilDate || given instanceof CivilDateTime)
        return given;
      return isRuleJson(given, []) ? given : '[object]';
    default:
      return `[${typeof given}]`;
  }
}
