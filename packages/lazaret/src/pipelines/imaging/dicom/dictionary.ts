import type { PathStep, Tag } from './element.ts';
import facts from './facts/dictionary.json' with { type: 'json' };

/** What PS3.6 says about one element. */
export interface DictionaryEntry {
  readonly keyword: string;
  /** One VR, or the alternatives the standard allows, the usual one first. */
  readonly vrs: readonly string[];
  /** Value multiplicity as the standard writes it: `1`, `1-n`, `2-2n`. */
  readonly vm: string;
  /** The greatest number of values; Infinity where there is no bound. */
  readonly maxVm: number;
  readonly retired: boolean;
}

const tables = facts as {
  readonly elements: Readonly<Record<string, string>>;
  readonly repeating: Readonly<Record<string, string>>;
};

/** Lines are taken apart when they are asked for: loading must cost a few milliseconds only. */
const lines = new Map<Tag, string>();
for (const tag in tables.elements) lines.set(Number.parseInt(tag, 16), tables.elements[tag] ?? '');

/** Repeating groups by the digits that count, the widest pattern last. */
const repeating = new Map<number, Map<Tag, string>>();
for (const pattern in tables.repeating) {
  const mask = Number.parseInt(pattern.replace(/[^x]/g, 'F').replaceAll('x', '0'), 16);
  const tag = Number.parseInt(pattern.replaceAll('x', '0'), 16);
  const byTag = repeating.get(mask) ?? new Map<Tag, string>();
  repeating.set(mask, byTag.set(tag, tables.repeating[pattern] ?? ''));
}

const GROUP_LENGTH = parseLine('UL 1 GroupLength R');
const PRIVATE_CREATOR = parseLine('LO 1 PrivateCreator');

const known = new Map<Tag, DictionaryEntry>();
let tagsByKeyword: Map<string, Tag> | null = null;

/**
 * The facts about an element, or undefined where the standard has none: private elements, and tags
 * that nobody has defined. Private creators (gggg,0010-00FF) and group lengths (gggg,0000) are
 * known for every group (PS3.5 sections 7.2 and 7.8.1).
 */
export function lookUp(tag: Tag): DictionaryEntry | undefined {
  const entry = known.get(tag);
  if (entry !== undefined) return entry;
  const found = findEntry(tag);
  // Only what exists is remembered, so that strange files cannot make the table grow.
  if (found !== undefined) known.set(tag, found);
  return found;
}

/** The tag of a keyword, for elements outside the repeating groups. */
export function tagOf(keyword: string): Tag | undefined {
  if (tagsByKeyword === null) {
    tagsByKeyword = new Map();
    for (const [tag, line] of lines) tagsByKeyword.set(line.split(' ')[2] ?? '', tag);
    // A few retired elements have no keyword at all.
    tagsByKeyword.delete('');
  }
  return tagsByKeyword.get(keyword);
}

/** The pattern of a keyword in a repeating group, as `60xx3000`. */
export function patternOf(keyword: string): string | undefined {
  return Object.entries(tables.repeating).find(([, line]) => line.split(' ')[2] === keyword)?.[0];
}

/** Every keyword of the standard, for whoever looks for the nearest one. */
export function keywords(): readonly string[] {
  const all = [...Object.values(tables.elements), ...Object.values(tables.repeating)];
  return all.map((line) => line.split(' ')[2] ?? '').filter((keyword) => keyword !== '');
}

/** `(0010,0010)` */
export function formatTag(tag: Tag): string {
  const digits = (tag >>> 0).toString(16).toUpperCase().padStart(8, '0');
  return `(${digits.slice(0, 4)},${digits.slice(4)})`;
}

/** `(0040,A730)[2].(0008,0104)`: item numbers are from 0, as in `PathStep`. */
export function formatPath(path: readonly PathStep[], tag: Tag): string {
  return path.map((step) => `${formatTag(step.tag)}[${step.item}].`).join('') + formatTag(tag);
}

/** Odd groups are private (PS3.5 section 7.8). */
export function isPrivate(tag: Tag): boolean {
  return ((tag >>> 16) & 1) === 1;
}

function findEntry(tag: Tag): DictionaryEntry | undefined {
  const line = lines.get(tag);
  if (line !== undefined) return parseLine(line);
  const number = tag & 0xffff;
  if (number === 0) return GROUP_LENGTH;
  if (isPrivate(tag)) return number >= 0x10 && number <= 0xff ? PRIVATE_CREATOR : undefined;
  for (const [mask, byTag] of repeating) {
    const found = byTag.get((tag & mask) >>> 0);
    if (found !== undefined) return parseLine(found);
  }
  return undefined;
}

function parseLine(line: string): DictionaryEntry {
  const [vrs = 'UN', vm = '1-n', keyword = '', retired] = line.split(' ');
  const most = vm.slice(Math.max(vm.lastIndexOf('-'), vm.lastIndexOf('/')) + 1);
  return {
    keyword,
    vrs: vrs.split('/'),
    vm,
    maxVm: most.endsWith('n') ? Infinity : Number.parseInt(most, 10),
    retired: retired === 'R',
  };
}
