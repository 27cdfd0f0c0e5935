/** How a policy names elements: by keyword, by tag, or by a tag of a repeating group. */
import { nearestName } from '@lazaret/faults';
import { formatTag, keywords, lookUp, patternOf, tagOf } from '../dicom/dictionary.ts';
import type { Tag } from '../dicom/element.ts';
import { findProfileRow } from '../dicom/profile-table.ts';

/** Elements that one name stands for. */
export interface NamedElement {
  /** Several for a name of a repeating group. */
  readonly tags: readonly Tag[];
  /** As people write it: `(0008,1030)`, `(60xx,3000)`. */
  readonly tag: string;
  /** What the standard calls it; empty where it is known by its tag alone. */
  readonly keyword: string;
  /** The usual one; undefined where nobody says. */
  readonly vr: string | undefined;
  readonly maxVm: number;
}

/** What is wrong with a name, as the end of a sentence. */
export interface NameProblem {
  readonly problem: string;
}

const TAG = /^\(?([0-9A-Fa-f]{2}[0-9A-Fa-fx]{2}),?([0-9A-Fa-fx]{4})\)?$/;
const KEYWORD = /^[A-Za-z][A-Za-z0-9]*$/;

/** A pattern stands for at most so many tags: two digits of it may be open. */
const MAX_OPEN_DIGITS = 2;

/**
 * Finds the elements of a name.
 * @example
 * nameElement('StudyDescription'); // tags: [0x00081030]
 * nameElement('(60xx,3000)'); // the data of every overlay
 */
export function nameElement(name: string): NamedElement | NameProblem {
  const [, group, element] = TAG.exec(name) ?? [];
  if (group !== undefined && element !== undefined) {
    return byPattern(lowerOpen(group) + lowerOpen(element));
  }
  if (!KEYWORD.test(name)) return { problem: 'is no keyword and no tag such as (0008,1030)' };
  const tag = tagOf(name);
  if (tag !== undefined) return named([tag], formatTag(tag), tag);
  const pattern = patternOf(name);
  if (pattern !== undefined) return byPattern(pattern);
  const nearest = nearestName(name, keywordsAsLongAs(name));
  return { problem: `is unknown${nearest === null ? '' : `; did you mean ${nearest}?`}` };
}

/** Names that are much longer or shorter are not near, and there are five thousand of them. */
function keywordsAsLongAs(name: string): readonly string[] {
  allKeywords ??= keywords();
  const slack = Math.floor(name.length / 3) + 1;
  return allKeywords.filter(({ length }) => Math.abs(length - name.length) <= slack);
}

let allKeywords: readonly string[] | null = null;

export function isNamed(found: NamedElement | NameProblem): found is NamedElement {
  return 'tags' in found;
}

/** What people call an element: its keyword, where it has one, and its tag. */
export function titleOf({ keyword, tag }: Pick<NamedElement, 'keyword' | 'tag'>): string {
  return keyword === '' ? tag : `${keyword} ${tag}`;
}

function byPattern(pattern: string): NamedElement | NameProblem {
  const open = pattern.split('x').length - 1;
  if (open > MAX_OPEN_DIGITS) return { problem: 'stands for too many elements' };
  const all = expand(pattern).filter((tag) => open === 0 || (tag >>> 16) % 2 === 0);
  const [first] = all;
  const isKnown = (tag: Tag): boolean =>
    lookUp(tag) !== undefined || findProfileRow(tag) !== undefined;
  const isPrivate = first !== undefined && (first >>> 16) % 2 === 1;
  const known = all.filter(isKnown);
  if (first === undefined || (known.length === 0 && !isPrivate)) {
    return { problem: 'is no element of the standard' };
  }
  const shown = `(${pattern.slice(0, 4)},${pattern.slice(4)})`;
  return named(isPrivate ? all : known, shown, known[0] ?? first);
}

function named(tags: readonly Tag[], tag: string, example: Tag): NamedElement {
  const entry = lookUp(example);
  return {
    tags,
    tag,
    keyword: entry?.keyword ?? '',
    vr: entry?.vrs[0],
    maxVm: entry?.maxVm ?? 1,
  };
}

function expand(pattern: string): Tag[] {
  const at = pattern.indexOf('x');
  if (at < 0) return [Number.parseInt(pattern, 16)];
  return Array.from('0123456789ABCDEF').flatMap((digit) => expand(pattern.replace('x', digit)));
}

function lowerOpen(digits: string): string {
  return digits.toUpperCase().replaceAll('X', 'x');
}
