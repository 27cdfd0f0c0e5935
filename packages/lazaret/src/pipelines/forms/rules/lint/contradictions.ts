import { castFor } from '../cast.ts';
import { membership } from '../built-in/values.ts';
import { toDate } from '../dialect.ts';
import { compilePattern } from '../python/pattern.ts';
import { CivilDate } from '../python/civil-date.ts';
import { equals, order } from '../python/value.ts';
import { isRuleList, pointTo, type RuleJson } from '../rule-json.ts';
import type { RuleSetPlace } from './rule-sets.ts';

/** A remark to whoever wrote the rules. */
export interface RuleRemark {
  /** `error`: the rules cannot be used, or contradict themselves; `warning`: surely not meant. */
  readonly level: 'error' | 'warning';
  /** RFC 6901 pointer; into the codes file where `file` says so. */
  readonly pointer: string;
  readonly file: 'rules' | 'codes';
  readonly message: string;
}

type Tell = (level: RuleRemark['level'], name: string, message: string) => void;

/** What a rule set says against itself. */
export function contradictionsOf(place: RuleSetPlace, type: string | undefined): RuleRemark[] {
  const remarks: RuleRemark[] = [];
  const tell: Tell = (level, name, message) =>
    remarks.push({ level, pointer: pointTo(place.pointer, name), file: 'rules', message });
  checkBounds(place, tell);
  checkValues(place, type, tell);
  checkBlanks(place, tell);
  checkKinds(place, type, tell);
  return remarks;
}

const ANY_DAY = new CivilDate(2026, 1, 15);

function checkBounds({ rules }: RuleSetPlace, tell: Tell): void {
  const { min, max, minlength, maxlength, formatting } = rules;
  if (typeof minlength === 'number' && typeof maxlength === 'number' && minlength > maxlength)
    tell(
      'error',
      'minlength',
      `No text has at least ${minlength} and at most ${maxlength} characters.`,
    );
  if (min === undefined || max === undefined) return;
  const read = (limit: RuleJson): RuleJson | CivilDate =>
    formatting === undefined ? limit : (toDate(limit, ANY_DAY, 'lazaret') ?? limit);
  const comparison = order(read(min), read(max));
  if (comparison !== null && comparison > 0)
    tell('error', 'min', 'The least value is above the greatest, so no value can be right.');
}

function checkValues({ rules }: RuleSetPlace, type: string | undefined, tell: Tell): void {
  const { allowed, forbidden, regex, min, max } = rules;
  if (!isRuleList(allowed)) return;
  if (allowed.length === 0)
    tell('error', 'allowed', 'The list is empty, so no value can be right.');
  const both = isRuleList(forbidden) ? allowed.filter((value) => membership(forbidden)(value)) : [];
  if (both.length > 0)
    tell(
      'error',
      'forbidden',
      `Allowed and forbidden at once: ${both.map((value) => JSON.stringify(value)).join(', ')}.`,
    );
  const texts = allowed.filter((value) => typeof value === 'string');
  if (typeof regex === 'string' && texts.length > 0) {
    const outcome = compilePattern(regex);
    if (outcome.ok && !texts.some((text) => outcome.matches(text)))
      tell('error', 'regex', 'None of the allowed values has the form that the pattern asks for.');
  }
  if (typeof min === 'number' && typeof max === 'number') {
    const outside = allowed.filter(
      (value) => typeof value === 'number' && (value < min || value > max),
    );
    if (outside.length > 0)
      tell(
        'warning',
        'allowed',
        `Allowed, but not between ${min} and ${max}: ${outside.map((value) => JSON.stringify(value)).join(', ')}.`,
      );
  }
  const cast = castFor(type, 'lazaret');
  const foreign = allowed.filter(
    (value) =>
      type === 'integer' && typeof value === 'string' && !equals(cast(value, ANY_DAY), value),
  );
  if (foreign.length > 0)
    tell(
      'warning',
      'allowed',
      'Texts are allowed where the field is an integer; they never match.',
    );
}

function checkBlanks({ rules, isOwn }: RuleSetPlace, tell: Tell): void {
  const { filled, nullable, required } = rules;
  if (filled === false && nullable !== true)
    tell('error', 'filled', 'The field must be blank, but without "nullable: true" it may not be.');
  if (filled === true && nullable === true)
    tell('warning', 'filled', '"filled: true" takes back what "nullable: true" allows.');
  if (required === true && nullable === true && isOwn)
    tell(
      'warning',
      'required',
      'The field must be there but may be blank; a table has every field anyway.',
    );
}

const TEXT_RULES = ['regex', 'minlength', 'maxlength'];
const WITHOUT_TEXT = new Set(['integer', 'float', 'number', 'boolean', 'date', 'datetime']);

function checkKinds({ rules }: RuleSetPlace, type: string | undefined, tell: Tell): void {
  if (type === undefined) return;
  if (WITHOUT_TEXT.has(type))
    for (const name of TEXT_RULES)
      if (rules[name] !== undefined)
        tell('warning', name, `"${name}" looks at texts; a field of the type ${type} has none.`);
  for (const name of ['min', 'max']) {
    const limit = rules[name];
    if (limit === undefined || limit === 'current_date' || limit === 'current_year') continue;
    const isNumeric = type === 'integer' || type === 'float' || type === 'number';
    const never =
      (isNumeric && typeof limit === 'string') ||
      (type === 'string' && typeof limit === 'number') ||
      ((type === 'date' || type === 'datetime') && rules['formatting'] === undefined);
    if (never)
      tell('warning', name, `A value of the type ${type} is never compared with this limit.`);
  }
}
