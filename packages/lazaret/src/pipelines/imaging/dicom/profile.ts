/**
 * What decides about the elements of a file: the Basic Profile with options (PS3.15 Annex E), and
 * what a policy says about single elements. The de-identifier obeys it; the verification reads the
 * same profile with other code, and holds what does not agree.
 */
import type { Tag } from './element.ts';
import type { ProfileOptions } from './profile-options.ts';

/** What a policy says about one element, at every depth, before the table is asked. */
export interface ElementRule {
  readonly tag: Tag;
  readonly action: RuleAction;
  /** ASCII, valid for the element's VR; with `replace` only. */
  readonly value?: string;
  /** Why: it stands in the policy for whoever signs it. */
  readonly reason: string;
}

export type RuleAction =
  | 'keep'
  | 'remove'
  | 'empty'
  | 'dummy'
  /** Text: what is in the vocabulary stays. A sequence: its items are decided one by one. */
  | 'clean'
  /** A date or date-time, by the patient's number of days. */
  | 'shift'
  | 'uid'
  | 'replace';

/** Text that may stand in an element that is cleaned. Compared without case, blanks made one. */
export interface Vocabulary {
  /** Whole values. */
  readonly values: ReadonlySet<string>;
  /** Single words: what remains of a value are its words that are known, in their order. */
  readonly words: ReadonlySet<string>;
}

/** A private element that is known to hold nothing about a person (PS3.15 E.3.10). */
export interface SafePrivateElement {
  /** Private creator, as the file names it. */
  readonly creator: string;
  /** Odd. */
  readonly group: number;
  /** Within the creator's block: 0 to 255. */
  readonly element: number;
  /** What its value has to look like. An element of another VR is not this one. */
  readonly vr: string;
}

export interface Profile {
  readonly options: ProfileOptions;
  readonly rules: ReadonlyMap<Tag, ElementRule>;
  /** What the policy knows beyond the vocabulary that comes with Lazaret; 0 holds for every element. */
  readonly vocabularies: ReadonlyMap<Tag, Vocabulary>;
  /** With `retainSafePrivate`, beyond the list of the standard. */
  readonly safePrivate: readonly SafePrivateElement[];
}

/** The profile of a policy that has options only. */
export function profileOf(options: ProfileOptions): Profile {
  return { options, rules: new Map(), vocabularies: new Map(), safePrivate: [] };
}
