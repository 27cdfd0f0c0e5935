import { castFor } from './cast.ts';
import { compileRules } from './compile-rules.ts';
import type { ConformanceCase, ConformanceLibrary } from './conformance.ts';
import { toDate, type Dialect } from './dialect.ts';
import { CivilDate } from './python/civil-date.ts';
import { equals, type Value } from './python/value.ts';
import { isMapping } from './rule-json.ts';

/**
 * Where these rules say something else than the program that defined the language, on purpose. A
 * deviation is a class of input and never a list of cases. With the `reference` dialect only those
 * marked `both` are left.
 */
export interface Deviation {
  readonly name: string;
  readonly dialect: 'both' | 'lazaret';
  readonly reason: string;
  /** Whether a case is of this class. */
  readonly applies: (test: ConformanceCase, library: ConformanceLibrary) => boolean;
}

const ANY_DAY = new CivilDate(2026, 1, 15);

/** Whether a field of this type has a text or number that the two dialects read differently. */
function readsDifferently(
  test: ConformanceCase,
  library: ConformanceLibrary,
  types: readonly string[],
): boolean {
  return fieldsOf(test, library).some(
    ({ type, value }) =>
      types.includes(type) &&
      !equals(castFor(type, 'lazaret')(value, ANY_DAY), castFor(type, 'reference')(value, ANY_DAY)),
  );
}

function fieldsOf(
  test: ConformanceCase,
  library: ConformanceLibrary,
): readonly { readonly type: string; readonly value: Value }[] {
  const schema = schemaOf(test, library);
  if (!isMapping(schema)) return [];
  return Object.entries(test.record ?? {}).flatMap(([field, value]) => {
    const rules = schema[field];
    const type = isMapping(rules) ? rules['type'] : undefined;
    const isPlain = typeof value === 'string' || typeof value === 'number';
    return typeof type === 'string' && isPlain ? [{ type, value }] : [];
  });
}

function schemaOf(test: ConformanceCase, library: ConformanceLibrary): unknown {
  return typeof test.schema === 'string' ? library.schemas[test.schema] : test.schema;
}

/** Whether the rules are refused in this dialect. */
function isRefused(test: ConformanceCase, library: ConformanceLibrary, dialect: Dialect): boolean {
  const schema = schemaOf(test, library);
  const options = {
    dialect,
    ...(typeof test.pk_field === 'string' ? { primaryKey: test.pk_field } : {}),
  };
  return schema !== undefined && !compileRules(schema, options).ok;
}

/** Whether a rule of this name stands anywhere in the case's rules. */
function mentions(test: ConformanceCase, library: ConformanceLibrary, word: string): boolean {
  return JSON.stringify(schemaOf(test, library) ?? null).includes(`"${word}"`);
}

export const DEVIATIONS: readonly Deviation[] = [
  {
    name: 'malformed rules are refused when they are read',
    dialect: 'both',
    reason:
      'The reference trips over a clause that names no field, or a rule that cannot be understood, ' +
      'only with the first record that reaches it; all records before pass unchecked.',
    applies: (test, library) => isRefused(test, library, 'reference'),
  },
  {
    name: 'a formula with too few operands is refused when it is read',
    dialect: 'lazaret',
    reason: "The reference fails every single record with it. The fault is the rule file's.",
    applies: (test, library) => isRefused(test, library, 'lazaret'),
  },
  {
    name: '"2.0" is the integer 2, and 1.5 is no integer',
    dialect: 'lazaret',
    reason:
      'Named defect: spreadsheets write whole numbers with a point, and cutting a fraction off ' +
      'without a word changes data. Integers above 2^53 cannot be held exactly and are refused.',
    applies: (test, library) => readsDifferently(test, library, ['integer']),
  },
  {
    name: '"FALSE" is false',
    dialect: 'lazaret',
    reason: 'Named defect: to the reference every text but the empty one is true.',
    applies: (test, library) => readsDifferently(test, library, ['boolean']),
  },
  {
    name: '"nan" and "inf" are no numbers',
    dialect: 'lazaret',
    reason: 'Named defect: they pass every minimum and maximum of the reference.',
    applies: (test, library) => readsDifferently(test, library, ['float']),
  },
  {
    name: 'a date must be whole',
    dialect: 'lazaret',
    reason:
      'Named defect: the reference fills "2024" or "5" up with today\'s month and day, so that the ' +
      'same record is right on one day and wrong on another.',
    applies: (test, library) =>
      readsDifferently(test, library, ['date', 'datetime']) ||
      (test.kind.startsWith('convert_') && isPartialDate(test.args?.[0])) ||
      (['formatting', 'compare_age', 'target_date_field', 'current_date'].some((word) =>
        mentions(test, library, word),
      ) &&
        fieldsOf(test, library).some(
          ({ type, value }) => type === 'string' && isPartialDate(value),
        )),
  },
  {
    name: 'a birth month above 12 is no birth month',
    dialect: 'lazaret',
    reason: 'The reference lets such a month change places with the day and computes a wrong age.',
    applies: (test, library) =>
      birthMonthFields(test, library).some((field) => {
        const month = Number(test.record?.[field]);
        return month > 12 || month < 1;
      }),
  },
];

/** The fields that `compare_age` takes for the month of birth. */
function birthMonthFields(test: ConformanceCase, library: ConformanceLibrary): readonly string[] {
  const schema = schemaOf(test, library);
  return Object.values(isMapping(schema) ? schema : {}).flatMap((rules) => {
    const rule = isMapping(rules) ? rules['compare_age'] : undefined;
    const month = isMapping(rule) ? rule['birth_month'] : undefined;
    return typeof month === 'string' ? [month] : [];
  });
}

function isPartialDate(value: unknown): boolean {
  if (typeof value !== 'string') return false;
  return toDate(value, ANY_DAY, 'reference') !== null && toDate(value, ANY_DAY, 'lazaret') === null;
}

/** The deviations that a case falls under in a dialect. */
export function deviationsOf(
  test: ConformanceCase,
  library: ConformanceLibrary,
  dialect: Dialect,
): readonly Deviation[] {
  return DEVIATIONS.filter(
    (deviation) =>
      (deviation.dialect === 'both' || dialect === 'lazaret') && deviation.applies(test, library),
  );
}
