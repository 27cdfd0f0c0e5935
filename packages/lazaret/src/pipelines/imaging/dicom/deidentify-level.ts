/**
 * Where in the file an element stands: its data set or item, the character set there, and what kind
 * of item it is. The writer tells the way to an element by tags and numbers; this finds the items.
 */
import { DEFAULT_CHARACTER_SET, type CharacterSet } from './character-set.ts';
import type { Element, PathStep, Tag, Walk } from './element.ts';
import { decideContent, isPublishedScheme, type ContentAction } from './profile-content.ts';
import type { Profile } from './profile.ts';
import { OPTION_LETTERS, type ProfileOptions } from './profile-options.ts';
import { findProfileRow } from './profile-table.ts';
import { find, readCharacterSet, readText } from './read-value.ts';

/** Sequences whose items are content items (PS3.3 C.17.3, C.7.6.14, C.7.6.22). */
const CONTENT_SEQUENCES = new Set<Tag>([0x0040a730, 0x00400555, 0x00400612]);
const CONCEPT_NAME: Tag = 0x0040a043;
const VALUE_TYPE: Tag = 0x0040a040;
const CODE_VALUES: readonly Tag[] = [0x00080100, 0x00080119, 0x00080120];
const CODE_SCHEME: Tag = 0x00080102;

export interface Level {
  readonly elements: readonly Element[];
  readonly charset: CharacterSet;
  /** Within a sequence that an option cleans: codes of unpublished schemes are somebody's words. */
  readonly cleaned: boolean;
  /** What is done with the text of a content item. */
  readonly content: ContentAction | null;
  /** Concept and units of a content item, as `scheme code`. */
  readonly concept: string;
  /** Whose words a code of this item is: the standard's, somebody's, or the item is no code. */
  readonly code: 'published' | 'private' | null;
}

class ItemLevel implements Level {
  readonly elements: readonly Element[];
  readonly cleaned: boolean;
  readonly #walk: Walk;
  readonly #outer: Level | null;
  readonly #within: Tag;
  readonly #profile: Profile;
  #charset: CharacterSet | undefined;
  #content: ContentAction | null | undefined;
  #code: Level['code'] | undefined;

  constructor(
    walk: Walk,
    elements: readonly Element[],
    outer: Level | null,
    within: Tag,
    profile: Profile,
  ) {
    this.#walk = walk;
    this.elements = elements;
    this.#outer = outer;
    this.#within = within;
    this.#profile = profile;
    this.cleaned = outer !== null && (outer.cleaned || isCleaned(within, profile));
  }

  get charset(): CharacterSet {
    const outer = this.#outer?.charset ?? DEFAULT_CHARACTER_SET;
    this.#charset ??= readCharacterSet(this.#walk, this.elements, outer);
    return this.#charset;
  }

  get content(): ContentAction | null {
    if (this.#content === undefined) {
      const { options } = this.#profile;
      const cleans = options.has('cleanStructuredContent');
      this.#content =
        cleans && CONTENT_SEQUENCES.has(this.#within)
          ? contentActionOf(this.#walk, this.elements, this.charset, options)
          : null;
    }
    return this.#content;
  }

  get concept(): string {
    const { scheme, code } = conceptOf(this.#walk, this.elements, this.charset);
    return `${scheme} ${code}`;
  }

  get code(): Level['code'] {
    if (this.#code === undefined) {
      const scheme = find(this.elements, CODE_SCHEME);
      const coded = this.elements.some(({ tag }) => CODE_VALUES.includes(tag));
      const published =
        scheme !== undefined && isPublishedScheme(readText(this.#walk, scheme, this.charset));
      this.#code = coded ? (published ? 'published' : 'private') : null;
    }
    return this.#code;
  }
}

/** What the table says about a content item; an item without a concept name is decided by type. */
export function contentActionOf(
  walk: Walk,
  elements: readonly Element[],
  charset: CharacterSet,
  options: ProfileOptions,
): ContentAction {
  const type = find(elements, VALUE_TYPE);
  const { scheme, code } = conceptOf(walk, elements, charset);
  return decideContent(
    scheme,
    code,
    type === undefined ? 'TEXT' : readText(walk, type, charset).trim(),
    options,
  );
}

function conceptOf(
  walk: Walk,
  elements: readonly Element[],
  charset: CharacterSet,
): { readonly scheme: string; readonly code: string } {
  const item = find(elements, CONCEPT_NAME)?.items?.[0]?.elements ?? [];
  const textOf = (tags: readonly Tag[]): string => {
    const element = item.find(({ tag }) => tags.includes(tag));
    return element === undefined ? '' : readText(walk, element, charset).trim();
  };
  return { scheme: textOf([CODE_SCHEME]), code: textOf(CODE_VALUES) };
}

export function isContentSequence(tag: Tag): boolean {
  return CONTENT_SEQUENCES.has(tag);
}

/** Whether a sequence is there only because an option or a rule has it cleaned. */
function isCleaned(sequence: Tag, { options, rules }: Profile): boolean {
  const rule = rules.get(sequence);
  if (rule !== undefined) return rule.action === 'clean';
  const row = findProfileRow(sequence);
  if (row === undefined) return false;
  return [...options].some(
    (option) =>
      option !== 'retainLongitudinalModifiedDates' &&
      row.options.get(OPTION_LETTERS[option]) === 'C',
  );
}

/** Follows the writer through the file, one item after the other. */
export class Levels {
  readonly #walk: Walk;
  readonly #profile: Profile;
  readonly #top: Level;
  /** By depth; the first is the data set. */
  readonly #levels: Level[];
  /** The sequence that was gone into, by the depth at which it stands. */
  readonly #sequences: Element[] = [];
  readonly #items: number[] = [];

  constructor(walk: Walk, profile: Profile) {
    this.#walk = walk;
    this.#profile = profile;
    this.#top = new ItemLevel(walk, walk.elements, null, 0, profile);
    this.#levels = [this.#top];
  }

  /** The level at the end of a path, whose sequences have been entered. */
  at(path: readonly PathStep[]): Level {
    const depth = path.length;
    if (depth === 0) return this.#top;
    const step = path[depth - 1];
    const sequence = this.#sequences[depth - 1];
    if (step === undefined || sequence === undefined) {
      throw new TypeError('An item is in a sequence that was entered.');
    }
    const known = this.#levels[depth];
    if (known !== undefined && this.#items[depth] === step.item) return known;
    const elements = sequence.items?.[step.item]?.elements ?? [];
    const outer = this.#levels[depth - 1] ?? null;
    const level = new ItemLevel(this.#walk, elements, outer, sequence.tag, this.#profile);
    this.#levels[depth] = level;
    this.#items[depth] = step.item;
    return level;
  }

  /** To be called before the items of a sequence are gone through. */
  enter(sequence: Element, depth: number): void {
    this.#sequences[depth] = sequence;
    this.#levels.length = depth + 1;
    this.#items.length = depth + 1;
  }
}
