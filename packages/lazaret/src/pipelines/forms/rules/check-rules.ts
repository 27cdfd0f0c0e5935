import { nearestName } from '@lazaret/faults';
import { membership } from './built-in/values.ts';
import { NO_CODES, readCodes, type RuleCodes } from './codes-file.ts';
import { compileRules, type RuleOptions } from './compile-rules.ts';
import type { RuleInfo } from './compiled-rules.ts';
import { contradictionsOf, type RuleRemark } from './lint/contradictions.ts';
import { ruleSetsOf } from './lint/rule-sets.ts';
import {
  isMapping,
  isRuleJson,
  isRuleList,
  pointTo,
  type RuleMapping,
  type RuleProblem,
} from './rule-json.ts';

/**
 * Looks a rule file over for its author: what is refused, what contradicts itself, what can never
 * fire, which names are misspelt, and where rules and codes do not meet. Never throws.
 *
 * @param schema the parsed rule file
 * @param options as for `compileRules`; with `codes`, the codes file is looked over too
 * @param columns what a record has, where that is known; else the form has what the rules name
 */
export function checkRules(
  schema: unknown,
  options: RuleOptions = {},
  columns: readonly string[] | null = null,
): readonly RuleRemark[] {
  const problems: RuleProblem[] = [];
  if (!isRuleJson(schema, problems) || !isMapping(schema)) {
    const compilation = compileRules(schema, options);
    return compilation.ok ? [] : compilation.problems.map((problem) => refusal(problem, 'rules'));
  }
  const { codes, ...others } = options;
  const compilation = compileRules(schema, others);
  const remarks = compilation.ok
    ? unknownFields(schema, compilation.rules.rules, knownFields(schema, options, columns))
    : compilation.problems.map((problem) => refusal(problem, 'rules'));
  if (columns !== null) remarks.push(...fieldsWithoutColumn(schema, columns));
  for (const place of ruleSetsOf(schema))
    remarks.push(...contradictionsOf(place, typeOf(schema, place.field)));
  remarks.push(...constraintRemarks(schema));
  if (codes !== undefined) remarks.push(...codeRemarks(schema, codes));
  return remarks;
}

function refusal({ pointer, message }: RuleProblem, file: RuleRemark['file']): RuleRemark {
  return { level: 'error', pointer, file, message };
}

function warning(pointer: string, message: string, file: RuleRemark['file'] = 'rules'): RuleRemark {
  return { level: 'warning', pointer, file, message };
}

function typeOf(schema: RuleMapping, field: string): string | undefined {
  const rules = schema[field];
  const type = isMapping(rules) ? rules['type'] : undefined;
  return typeof type === 'string' ? type : undefined;
}

function knownFields(
  schema: RuleMapping,
  { primaryKey }: RuleOptions,
  columns: readonly string[] | null,
): ReadonlySet<string> {
  const named = [...Object.keys(schema), ...(columns ?? [])];
  return new Set(primaryKey === undefined ? named : [...named, primaryKey]);
}

/** Fields that have rules and of which no record has a value. */
function fieldsWithoutColumn(schema: RuleMapping, columns: readonly string[]): RuleRemark[] {
  const known = new Set(columns);
  return Object.keys(schema)
    .filter((field) => !known.has(field))
    .map((field) =>
      warning(
        pointTo('', field),
        `The form has no field "${field}"; it is blank in every record.${hint(field, columns)}`,
      ),
    );
}

function hint(field: string, known: readonly string[]): string {
  const nearest = nearestName(field, known);
  return nearest === null ? '' : ` Did you mean "${nearest}"?`;
}

/** Fields that rules name and the form does not have; nothing in them is ever read. */
function unknownFields(
  schema: RuleMapping,
  rules: readonly RuleInfo[],
  known: ReadonlySet<string>,
): RuleRemark[] {
  return rules.flatMap(({ field: at, pointer, reads, rule }) => {
    // What stands within a value is no field of the form.
    if (WITHIN_VALUES.has(rule)) return [];
    const names = reads
      .map(({ field }) => field)
      .filter((field) => !known.has(field))
      .filter((field) => !namesItself(schema, { field: at, rule }, field))
      // The scale's own switch and a score's own name are no fields of every form.
      .filter((field) => !(rule === 'compute_gds' && field === 'nogds') && !field.startsWith('__'));
    return [...new Set(names)].map((name) =>
      warning(
        pointer,
        `The rule names the field "${name}", which the form does not have.${hint(name, [...known])}`,
      ),
    );
  });
}

const WITHIN_VALUES: ReadonlySet<string> = new Set([
  ...['schema', 'items', 'keysrules', 'valuesrules'],
]);

/** Whether a rule gives a name to what it computes, and then looks at that. */
function namesItself(
  schema: RuleMapping,
  { field, rule }: Pick<RuleInfo, 'field' | 'rule'>,
  name: string,
): boolean {
  const rules = schema[field];
  const argument = isMapping(rules) ? rules[rule] : undefined;
  const settings = isMapping(argument) ? argument['args'] : undefined;
  return isMapping(settings) && settings['calc_var_name'] === name;
}

/** Indexes that stand twice, and conditions that a field's own rules rule out. */
function constraintRemarks(schema: RuleMapping): RuleRemark[] {
  const remarks: RuleRemark[] = [];
  for (const [field, rules] of Object.entries(schema)) {
    if (!isMapping(rules)) continue;
    for (const name of ['compatibility', 'temporalrules']) {
      const list = rules[name];
      if (!isRuleList(list)) continue;
      const pointer = pointTo(pointTo('', field), name);
      const seen = new Set<number>();
      let index = -1;
      for (const [position, constraint] of list.entries()) {
        if (!isMapping(constraint)) continue;
        const given = constraint['index'];
        index = typeof given === 'number' ? given : index + 1;
        const place = pointTo(pointer, position);
        if (seen.has(index)) remarks.push(warning(place, `The index ${index} stands twice.`));
        seen.add(index);
        const impossible = impossibleField(schema, constraint);
        if (impossible !== null)
          remarks.push(
            warning(place, `The constraint never applies: ${impossible} can have no such value.`),
          );
      }
    }
  }
  return remarks;
}

/** The field of an "and" condition none of whose wanted values the form allows; null for none. */
function impossibleField(schema: RuleMapping, constraint: RuleMapping): string | null {
  const condition = constraint['if'];
  const joint = constraint['if_op'] ?? 'and';
  if (!isMapping(condition) || typeof joint !== 'string' || joint.toLowerCase() !== 'and')
    return null;
  for (const [field, wanted] of Object.entries(condition)) {
    const own = schema[field];
    const values = isMapping(wanted) ? wanted['allowed'] : undefined;
    const allowed = isMapping(own) ? own['allowed'] : undefined;
    if (!isRuleList(values) || !isRuleList(allowed) || values.length === 0) continue;
    if (!values.some((value) => membership(allowed)(value))) return field;
  }
  return null;
}

function codeRemarks(schema: RuleMapping, given: unknown): RuleRemark[] {
  const problems: RuleProblem[] = [];
  const codes: RuleCodes = isRuleJson(given, problems) ? readCodes(given, problems) : NO_CODES;
  const remarks = problems.map((problem) => refusal(problem, 'codes'));
  for (const { field, rule, index, pointer } of codes.entries) {
    const rules = schema[field];
    const argument = isMapping(rules) ? rules[rule] : undefined;
    // "nullable" is looked at whether it is written or not.
    const isThere = rule === 'nullable' ? isMapping(rules) : argument !== undefined;
    if (!isThere)
      remarks.push(
        warning(pointer, `There is no rule "${rule}" at the field "${field}".`, 'codes'),
      );
    else if (index !== null && isRuleList(argument) && !indexesOf(argument).includes(index))
      remarks.push(warning(pointer, `No constraint has the index ${index}.`, 'codes'));
  }
  return [...remarks, ...uncoded(schema, codes)];
}

/** The indexes that a list of constraints has. */
export function indexesOf(list: readonly unknown[]): readonly number[] {
  let index = -1;
  return list.map((constraint) => {
    const given = isMapping(constraint) ? constraint['index'] : undefined;
    index = typeof given === 'number' ? given : index + 1;
    return index;
  });
}

/** Keywords for which nobody writes a code: they steer, or say what a field is. */
const SAYS_NOTHING = new Set(
  ['nullable', 'meta', 'formatting', 'allow_unknown', 'require_all', 'readonly'].concat([
    ...['required', 'type'],
  ]),
);

const MOST_NAMED = 5;

/** Rules without a code, as one remark: a codes file may well be about a few of the rules only. */
function uncoded(schema: RuleMapping, codes: RuleCodes): RuleRemark[] {
  const pointers = Object.entries(schema).flatMap(([field, rules]) => {
    if (!isMapping(rules)) return [];
    return Object.entries(rules).flatMap(([rule, argument]) => {
      if (SAYS_NOTHING.has(rule)) return [];
      const pointer = pointTo(pointTo('', field), rule);
      if ((rule !== 'compatibility' && rule !== 'temporalrules') || !isRuleList(argument))
        return codes.find(field, rule, null) === null ? [pointer] : [];
      return indexesOf(argument)
        .map((index, position) =>
          codes.find(field, rule, index) === null ? pointTo(pointer, position) : null,
        )
        .filter((place) => place !== null);
    });
  });
  const [first] = pointers;
  if (first === undefined) return [];
  const named = pointers.slice(0, MOST_NAMED).join(', ');
  const more = pointers.length > MOST_NAMED ? ` and ${pointers.length - MOST_NAMED} more` : '';
  return [warning(first, `Without a code, and so known by the rule's name: ${named}${more}.`)];
}
