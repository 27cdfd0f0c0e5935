/**
 * What the lines of a recipe mean as rules of a policy. A line without an equal is never passed
 * over: it becomes a problem that says what to write instead.
 *
 * Where several lines speak of one element the strongest decides, in the order that deid documents:
 * KEEP, ADD, REPLACE, JITTER, REMOVE, BLANK.
 */
import type { Tag } from '../dicom/element.ts';
import { titleOf, type NamedElement } from '../policy/element-name.ts';
import type { GivenRule } from '../policy/element-rules.ts';
import { writtenBecause } from '../policy/fixed-elements.ts';
import { elementsOf, type FieldElements } from './fields.ts';
import { shown, type DeidRecipe, type RecipeAction, type RecipeFilter } from './read.ts';

/** One line of a recipe about one element. */
export interface Candidate {
  readonly line: number;
  /** Whether the recipe names the element itself. */
  readonly direct: boolean;
  readonly rank: number;
  readonly element: NamedElement;
  readonly rule: GivenRule;
}

export interface Translation {
  /** By the first tag of an element, the strongest first. */
  readonly candidates: ReadonlyMap<Tag, readonly Candidate[]>;
  readonly problems: readonly string[];
}

const RANKS = ['KEEP', 'ADD', 'REPLACE', 'JITTER', 'REMOVE', 'BLANK'];

export function translate(recipe: DeidRecipe): Translation {
  const problems = [...recipe.problems, ...recipe.filters.map(filterProblem)];
  const candidates = new Map<Tag, Candidate[]>();
  for (const said of recipe.header) {
    const { line, action, field } = said;
    const rank = RANKS.indexOf(action);
    const complain = (problem: string): void => {
      problems.push(`line ${line}: ${shown(`${action} ${field}`)}: ${problem}`);
    };
    if (rank < 0) {
      complain(`${action} is no action; there are ${RANKS.join(', ')}`);
      continue;
    }
    if (field === '') {
      complain('names no field');
      continue;
    }
    if (isDoneAnyway(said)) continue;
    for (const found of fieldsOf(field, recipe)) {
      if (found.kind === 'problem') {
        complain(found.problem);
        continue;
      }
      const direct = found.kind === 'direct';
      for (const element of found.elements) {
        // What the pipeline writes itself is not what an expression is after.
        if (!direct && writtenBecause(element.tags[0] ?? 0) !== null) continue;
        const rule = ruleOf(said, element);
        if (typeof rule === 'string') {
          // An expression may choose what an action is not for: a name that ends in Date and is none.
          if (direct || isAboutAll(said)) complain(rule);
          if (direct) continue;
          if (isAboutAll(said)) break;
          continue;
        }
        const [tag = 0] = element.tags;
        const others = candidates.get(tag) ?? [];
        candidates.set(tag, [...others, { line, direct, rank, element, rule }]);
      }
    }
  }
  for (const list of candidates.values()) {
    list.sort((a, b) => a.rank - b.rank || Number(b.direct) - Number(a.direct));
  }
  return { candidates, problems };
}

function fieldsOf(field: string, { fields }: DeidRecipe): readonly FieldElements[] {
  const [, kind, name = ''] = /^(fields|values):(.*)$/i.exec(field) ?? [];
  if (kind === undefined) return [elementsOf(field)];
  if (kind.toLowerCase() === 'values') {
    const problem =
      'chooses elements by their values, which a policy does not; what is left of an identifier ' +
      'in an output is searched for in any case, and holds the image (IMG-011)';
    return [{ kind: 'problem', problem }];
  }
  const members = fields.get(name);
  if (members === undefined) {
    return [{ kind: 'problem', problem: `there is no section %fields ${shown(name)}` }];
  }
  return members.map((member) => {
    if (member.action === 'FIELD') return elementsOf(member.field);
    const problem = `line ${member.line}: ${shown(member.text)}: only FIELD can stand there`;
    return { kind: 'problem', problem };
  });
}

/** What every output has in any case. */
function isDoneAnyway({ action, field, value }: RecipeAction): boolean {
  if (action === 'ADD' || action === 'REPLACE') {
    return /^(?:PatientIdentityRemoved|\(?0012,?0062\)?)$/i.test(field) && /^yes$/i.test(value);
  }
  return action === 'REMOVE' && /^private(?:tags)?$/i.test(field);
}

/** Whether what is wrong with the line is the same for whatever element. */
function isAboutAll({ action, value }: RecipeAction): boolean {
  if (action === 'ADD') return true;
  if (action === 'JITTER') return !isVariable(value);
  if (action === 'REMOVE' || action === 'KEEP' || action === 'BLANK') return value !== '';
  return /^(?:var|func|deid_func):/i.test(value) && !isUidFunction(value);
}

function isVariable(value: string): boolean {
  return /^var:/i.test(value);
}

function isUidFunction(value: string): boolean {
  return /^deid_func:(?:dicom_uuid|pydicom_uuid|simple_uuid|suffix_uuid)(?:\s|$)/i.test(value);
}

/** The rule for one element, or why there is none. */
function ruleOf(said: RecipeAction, element: NamedElement): GivenRule | string {
  const { line, action, value, text } = said;
  const reason = `deid recipe, line ${line}: ${shown(text)}`;
  const make = (done: GivenRule['action'], put?: string): GivenRule => ({
    element: element.keyword === '' || element.tags.length > 1 ? element.tag : element.keyword,
    action: done,
    ...(put === undefined ? {} : { value: put }),
    reason,
  });
  const [tag = 0] = element.tags;
  const written = writtenBecause(tag);
  if (written !== null) {
    return `${titleOf(element)} is not decided about by a policy: ${written}; leave the line out`;
  }
  switch (action) {
    case 'KEEP':
      if (value !== '') return CONDITION;
      return make(element.vr === 'SQ' ? 'clean' : 'keep');
    case 'BLANK':
      return value === '' ? make('empty') : CONDITION;
    case 'REMOVE':
      return value === '' ? make('remove') : CONDITION;
    case 'ADD':
      return 'a policy puts nothing where a file has nothing; REPLACE changes what is there';
    case 'JITTER':
      return jitterRule(value, element, make);
    case 'REPLACE':
      return replaceRule(value, element, make);
    default:
      return `${action} is no action`;
  }
}

const CONDITION =
  'hangs on the value, which a policy does not look at: say it of the element, whatever it holds';

function jitterRule(
  value: string,
  { vr }: NamedElement,
  make: (done: 'shift') => GivenRule,
): GivenRule | string {
  if (!isVariable(value)) {
    return (
      'the number of days is not given: each patient has one of their own, from the key of the ' +
      'project; write var:jitter in its place, and take the option retainLongitudinalModifiedDates'
    );
  }
  if (vr === 'TM') return 'a time of day is not moved; the date beside it is';
  if (vr !== 'DA' && vr !== 'DT') return 'is no date, which alone can be moved';
  return make('shift');
}

function replaceRule(
  value: string,
  { vr }: NamedElement,
  make: (done: 'replace' | 'uid' | 'shift', put?: string) => GivenRule,
): GivenRule | string {
  if (value === '') return 'has no value; BLANK empties';
  if (isUidFunction(value)) {
    return vr === 'UI' ? make('uid') : 'a UUID is no value for this element; give a fixed one';
  }
  if (/^deid_func:jitter(?:\s|$)/i.test(value)) {
    return 'is written JITTER … var:jitter: each patient has a number of days of their own';
  }
  if (/^(?:func|deid_func):/i.test(value)) {
    return vr === 'UI'
      ? 'a policy has no functions; UIDs get new ones, the same for the same, without any line'
      : 'a policy has no functions; give a fixed value, or BLANK it';
  }
  if (isVariable(value)) {
    return vr === 'UI'
      ? 'a policy has no variables; UIDs get new ones, the same for the same, without any line'
      : 'a policy has no variables; give a fixed value, or BLANK it';
  }
  return make('replace', value);
}

/** Filters judge whole images; screens do so here, and the words for it are the policy's own. */
function filterProblem({ line, label, criteria }: RecipeFilter): string {
  const said = criteria.map(({ text }) => text).join(' ');
  const instead: string[] = [];
  if (/\bcoordinates\b|\bkeepcoordinates\b/i.test(said)) {
    instead.push('painting over pixels is not available yet: such images are held');
  }
  if (/\bBurnedInAnnotation\b/i.test(said)) {
    instead.push(
      'images that say YES are held in any case, screens.burnedIn: holdUnlessNo holds more',
    );
  }
  if (/\bImageType\b/i.test(said)) instead.push('kinds of images: screens.holdImageTypes');
  if (/\bModality\b/i.test(said)) instead.push('modalities that may pass: modalities');
  if (/\bSOPClassUID\b/i.test(said)) instead.push('classes of objects: screens.holdSopClasses');
  if (instead.length === 0) {
    instead.push('a policy holds images by modality, image type, SOP class and annotation');
  }
  const words = label === '' ? 'a filter' : `the filter ${shown(JSON.stringify(label))}`;
  return `line ${line}: ${words} is no rule about elements; write it into the policy (${instead.join('; ')})`;
}
