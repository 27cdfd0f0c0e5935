/**
 * Which of the walker's forgivenesses are harmless. The measure is one question: could the reader
 * have taken bytes for something else than the sender meant? If so, a name may stand where the
 * profile looks for a number, and the image is held, because every rule after that would be
 * applied to the wrong bytes. What is wrong with the frame of a file is harmless: the output gets a
 * new one.
 */
import type { Forgiven } from './element.ts';
import type { ForgivenKind } from './forgiven-kinds.ts';

export interface Verdict {
  readonly verdict: 'harmless' | 'doubtful';
  /** Why, for people: one sentence. */
  readonly reason: string;
}

const harmless = (reason: string): Verdict => ({ verdict: 'harmless', reason });
const doubtful = (reason: string): Verdict => ({ verdict: 'doubtful', reason });

export const VERDICTS: Readonly<Record<ForgivenKind, Verdict>> = {
  'no-preamble': harmless('The output gets a preamble of its own, and nothing is read from it.'),
  'no-meta': harmless('The file meta group is made anew from the data set.'),
  'meta-length-missing': harmless('The file meta group ends where another group begins.'),
  'meta-length-wrong': harmless('The true end of the file meta group shows in its tags.'),
  'meta-wrong-encoding': doubtful(
    'Whoever encoded the meta group wrongly may have encoded the rest in yet another way.',
  ),
  'syntax-missing': doubtful('The transfer syntax was guessed, and a guess may misread values.'),
  'syntax-unknown': doubtful('The transfer syntax was guessed, and a guess may misread values.'),
  'syntax-contradicted': doubtful(
    'The file says one encoding and shows another, so either may be true further on.',
  ),
  'deflate-truncated': doubtful('The end of the data set is missing.'),

  'unknown-vr': doubtful(
    'A damaged VR may hide a name or an identifier, and leaves the length in doubt.',
  ),
  'vr-mismatch': doubtful(
    'The value may be another kind of thing than the one the profile has a rule for.',
  ),
  'wrong-length-form': doubtful('The length was guessed, so the value may begin or end elsewhere.'),
  'implicit-in-explicit': doubtful('The encoding changes within the data set.'),
  'explicit-in-implicit': doubtful('The encoding changes within the data set.'),
  'reserved-not-zero': doubtful('Bytes that have to be zero are not, as after damage to a header.'),

  'odd-length': harmless(
    'The value is bounded all the same, and the output is written with an even length.',
  ),
  'length-overrun': doubtful('A value was cut, and may have swallowed the elements behind it.'),
  'length-not-multiple': doubtful('The length does not fit the VR, so one of them is wrong.'),
  'too-many-values': doubtful('The value may have swallowed the elements behind it.'),
  'control-characters': doubtful('A text with control characters may hold another element.'),
  'swallowed-elements': doubtful('The value holds other elements, which no rule was asked about.'),
  'undefined-length-not-allowed': doubtful('The end of the value was searched for and guessed.'),
  'group-length-wrong': harmless('Group lengths are left out of the output.'),

  'delimiter-length': doubtful('Bytes may hide behind a delimiter that says it has a length.'),
  'missing-delimiter': doubtful('Where the item or sequence ends was guessed.'),
  'stray-delimiter': doubtful('A delimiter too many may have ended an item too early.'),
  'stray-bytes-in-sequence': doubtful('Bytes were skipped that may have been elements.'),
  'opaque-sequence': doubtful('The items could not be looked into, and may hold anything.'),

  'out-of-order': doubtful('Elements out of order are a sign that one length before was wrong.'),
  'duplicate-tag': doubtful('Readers differ in which of two equal tags they believe.'),
  'meta-in-data-set': doubtful('A meta element in the data set is a sign of damage before it.'),
  'command-in-data-set': doubtful('A command element in the data set is a sign of damage.'),
  'group-fffe': doubtful('An element of the delimiters’ group is a sign of damage before it.'),

  'truncated-pixels': doubtful('The image is incomplete, and must not pass for a whole one.'),
  'encapsulation-contradicted': doubtful('The pixels are not what the transfer syntax says.'),

  'file-cut': doubtful('What stood behind the cut is missing.'),
  'trailing-padding': harmless('Zero bytes behind the last element are left out of the output.'),
  'trailing-bytes': doubtful('Bytes that were not read may be elements.'),
};

/** Those of a walk's forgivenesses that are a reason to hold the image, in the walker's order. */
export function findDoubts(forgiven: readonly Forgiven[]): readonly Forgiven[] {
  return forgiven.filter(({ kind }) => VERDICTS[kind].verdict === 'doubtful');
}
