/** Which elements a field of a recipe stands for. A policy knows no file, so all of the standard. */
import { keywords, lookUp, patternOf, tagOf } from '../dicom/dictionary.ts';
import { isNamed, nameElement, type NamedElement } from '../policy/element-name.ts';

/** `direct`: the recipe names the element itself. Else an expression chose it, perhaps by chance. */
export type FieldElements =
  | { readonly kind: 'direct' | 'chosen'; readonly elements: readonly NamedElement[] }
  | { readonly kind: 'problem'; readonly problem: string };

const EXPRESSION =
  /^(startswith|endswith|contains|re|select|except|allexcept|notcontains|equals|notequals):(.*)$/i;

/** Alternatives, anchors, sets and `.*`: enough for keywords, and nothing that takes for ever. */
const SIMPLE_PATTERN = /^(?:[A-Za-z0-9_|^$.]|\.\*|\(\?:|[()]|\[[A-Za-z0-9_-]+\])+$/;
const MAX_PATTERN_CHARACTERS = 200;
const MAX_STARS = 4;

const EVERYTHING =
  'stands for everything: what a policy does not name is decided by the table of the standard; ' +
  'name the elements, by select:group: or select:VR: perhaps';

export function elementsOf(field: string): FieldElements {
  if (/^all(?:fields)?$/i.test(field)) return { kind: 'problem', problem: EVERYTHING };
  const [, expression, pattern = ''] = EXPRESSION.exec(field) ?? [];
  if (expression === undefined) return directElement(field);
  switch (expression.toLowerCase()) {
    case 'startswith':
      return matching(`^(?:${pattern})`, pattern);
    case 'endswith':
      return matching(`(?:${pattern})$`, pattern);
    case 'contains':
    case 're':
      return matching(pattern, pattern);
    case 'select':
      return selected(pattern);
    case 'except':
    case 'allexcept':
      return { kind: 'problem', problem: EVERYTHING };
    default:
      return { kind: 'problem', problem: `${expression}: is not known for fields` };
  }
}

function directElement(field: string): FieldElements {
  if (field.includes('__')) {
    const last = field.slice(field.lastIndexOf('__') + 2);
    return {
      kind: 'problem',
      problem: `names one place in a sequence: a policy holds at every depth, so say ${last}`,
    };
  }
  if (/^\(?[0-9a-f]{4},"/i.test(field)) return { kind: 'problem', problem: PRIVATE };
  const digits = /^\(?([0-9a-f]{4}),?([0-9a-f]{4})\)?$/i.exec(field);
  const found = nameElement(digits === null ? field : `(${digits[1] ?? ''},${digits[2] ?? ''})`);
  return isNamed(found)
    ? { kind: 'direct', elements: [found] }
    : { kind: 'problem', problem: found.problem };
}

const PRIVATE =
  'is private: all such go, and those that stay are listed under safePrivate, by creator';

function matching(source: string, pattern: string): FieldElements {
  const stars = pattern.split('.*').length - 1;
  if (
    pattern === '' ||
    pattern.length > MAX_PATTERN_CHARACTERS ||
    stars > MAX_STARS ||
    !SIMPLE_PATTERN.test(pattern)
  ) {
    return { kind: 'problem', problem: 'has a pattern that is not read here; name the elements' };
  }
  if (/^[0-9a-f]{4}$/i.test(pattern) && Number.parseInt(pattern, 16) % 2 === 1) {
    return { kind: 'problem', problem: PRIVATE };
  }
  let expression: RegExp;
  try {
    expression = new RegExp(source, 'i');
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return { kind: 'problem', problem: 'has a pattern that is not read here; name the elements' };
  }
  return chosen((keyword) => expression.test(keyword));
}

function selected(property: string): FieldElements {
  const [, vr] = /^VR:([A-Z]{2})$/i.exec(property) ?? [];
  if (vr !== undefined) {
    return chosen((_, element) => element.vr === vr.toUpperCase());
  }
  const [, digits] = /^group:(?:0x)?([0-9a-f]{1,4})$/i.exec(property) ?? [];
  if (digits === undefined) {
    return { kind: 'problem', problem: 'selects by what is not known; there are group: and VR:' };
  }
  const group = Number.parseInt(digits, 16);
  if (group % 2 === 1) return { kind: 'problem', problem: PRIVATE };
  return chosen((_, element) => element.tags.some((tag) => tag >>> 16 === group));
}

function chosen(test: (keyword: string, element: NamedElement) => boolean): FieldElements {
  const elements = everyElement().filter((element) => test(element.keyword, element));
  return elements.length === 0
    ? { kind: 'problem', problem: 'fits no element of the standard' }
    : { kind: 'chosen', elements };
}

let all: readonly NamedElement[] | null = null;

/** Every element that has a keyword, but for those of commands and of the file meta group. */
function everyElement(): readonly NamedElement[] {
  all ??= keywords().flatMap((keyword) => {
    const tag = tagOf(keyword);
    if (tag === undefined && patternOf(keyword) === undefined) return [];
    const found = nameElement(keyword);
    if (!isNamed(found)) return [];
    const [first = 0] = found.tags;
    return first >>> 16 < 0x0008 || lookUp(first) === undefined ? [] : [found];
  });
  return all;
}
