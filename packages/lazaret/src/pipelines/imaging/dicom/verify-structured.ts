/**
 * Content items by a second reading of PS3.15 Table E.3.4-1: which of a source may not be found in the
 * finished file at all, and of which the value may be the source's. The facts are the same as those of
 * the de-identifier; what follows from them is told here anew.
 */
import facts from './facts/structured-content.json' with { type: 'json' };
import type { Element, Tag, Walk } from './element.ts';
import type { Profile } from './profile.ts';
import type { OptionLetter } from './profile-columns.ts';
import { optionLetters } from './verify-columns.ts';
import { asciiText } from './verify-text.ts';

/** PS3.3 C.17.3 (content), C.7.6.14 (acquisition context), C.7.6.22 (specimen preparation). */
const SEQUENCES = new Set<Tag>([0x0040a730, 0x00400555, 0x00400612]);
const CONCEPT: Tag = 0x0040a043;
const TYPE: Tag = 0x0040a040;
const SCHEME: Tag = 0x00080102;
const CODES: readonly Tag[] = [0x00080100, 0x00080119, 0x00080120];

/** What the table has for a concept: the Basic Profile first, then `letter=code`. */
const LINES = new Map<string, readonly [basic: string, options: readonly string[]]>();
for (const [scheme = '', code = '', type = '', basic = '', options = ''] of facts.concepts) {
  LINES.set([type, scheme, code].join(), [basic, options.split(' ')]);
}
const FORMER = new Map<string, string>(Object.entries(facts.formerCodes));

export type ContentFate = 'gone' | 'retained' | 'other';

/** Tells the fate of an item of a sequence. */
export type FateOf = (sequence: Tag, item: readonly Element[]) => ContentFate;

export function fatesBy(source: Walk, profile: Profile): FateOf {
  if (!profile.options.has('cleanStructuredContent')) return () => 'other';
  const letters = optionLetters(profile);
  const text = (elements: readonly Element[], tags: readonly Tag[]): string => {
    const element = elements.find(({ tag }) => tags.includes(tag));
    if (element === undefined) return '';
    return asciiText(source.source.read(element.valueOffset, element.valueLength)).trim();
  };
  return (sequence, item) => {
    if (!SEQUENCES.has(sequence)) return 'other';
    const concept = item.find(({ tag }) => tag === CONCEPT)?.items?.[0]?.elements ?? [];
    return fateOf(text(item, [TYPE]), text(concept, [SCHEME]), text(concept, CODES), letters);
  };
}

function fateOf(
  type: string,
  scheme: string,
  code: string,
  letters: readonly OptionLetter[],
): ContentFate {
  const snomed = /^(?:SRT|SNM3|99SDM)$/.test(scheme);
  const [designator = ''] = snomed ? ['SCT'] : scheme.split(/ *\[/);
  // An item that does not say its type is read as text.
  const key = [type || 'TEXT', designator, snomed ? (FORMER.get(code) ?? '') : code].join();
  const [basic, options] = LINES.get(key) ?? [];
  if (basic === undefined || options === undefined) return 'other';
  const says = (what: string): boolean =>
    letters.some((letter) => options.includes(`${letter}=${what}`));
  if (says('K')) return 'retained';
  return basic === 'X' && !says('C') ? 'gone' : 'other';
}
