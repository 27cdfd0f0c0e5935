/** A profile made ready for many files: what is decided about an element is decided once. */
import type { Tag } from './element.ts';
import type { Profile } from './profile.ts';
import { assertRules, decide, type Decision } from './profile-action.ts';
import { findOptionProblems } from './profile-options.ts';
import { safePrivateOf, type SafePrivate } from './profile-safe-private.ts';
import { wordsOf, type Words } from './profile-vocabulary.ts';

export interface CompiledProfile {
  readonly profile: Profile;
  readonly words: Words;
  readonly safePrivate: SafePrivate;
  /** As `decide`, from memory where it was asked before. */
  decide(tag: Tag, typed: boolean, vr: string): Decision;
}

/** Strange files have strange tags: the memory must not grow with them. */
const DECISIONS_MAX = 20_000;

const compiled = new WeakMap<Profile, CompiledProfile>();

/**
 * @throws TypeError for options or rules that a policy cannot have: they are checked where a policy
 *   is read, and one that was not is a bug of the caller.
 */
export function compile(profile: Profile): CompiledProfile {
  const known = compiled.get(profile);
  if (known !== undefined) return known;
  if (findOptionProblems([...profile.options]).length > 0) {
    throw new TypeError('The options of a policy have to be checked before they are used.');
  }
  assertRules(profile.rules);
  const typed = new Map<Tag, Map<string, Decision>>();
  const untyped = new Map<Tag, Map<string, Decision>>();
  let size = 0;
  const made: CompiledProfile = {
    profile,
    words: wordsOf(profile.vocabularies),
    safePrivate: safePrivateOf(profile.safePrivate),
    decide(tag, isTyped, vr) {
      const decisions = isTyped ? typed : untyped;
      const found = decisions.get(tag)?.get(vr);
      if (found !== undefined) return found;
      const decision = decide(profile, tag, isTyped, vr);
      if (size < DECISIONS_MAX) {
        size += 1;
        const byVr = decisions.get(tag) ?? new Map<string, Decision>();
        decisions.set(tag, byVr.set(vr, decision));
      }
      return decision;
    },
  };
  compiled.set(profile, made);
  return made;
}
