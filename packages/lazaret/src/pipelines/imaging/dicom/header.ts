import { lookUp } from './dictionary.ts';
import { FORM_NAMES, fits, plausibility, readForm, type Reading } from './header-form.ts';
import { impliedVr, isAllowed } from './standard-vr.ts';
import type { DictionaryEntry } from './dictionary.ts';
import type { Tag } from './element.ts';
import type { ForgivenKind } from './forgiven-kinds.ts';
import {
  representationOf,
  representationOfCode,
  type ValueRepresentation,
} from './value-representation.ts';
import type { Encoding, WalkState } from './walk-state.ts';

/**
 * Reading the header of one element (PS3.5 section 7.1). A header has one of three forms:
 * *implicit* (tag, 32-bit length), *short* (tag, VR, 16-bit length) or *long* (tag, VR, two reserved
 * bytes, 32-bit length).
 *
 * The VR decides the form, so a corrupted VR makes a reader misread the length and swallow what
 * follows. A header that agrees with the dictionary and fits is taken as it is. Every other one is
 * read in each form it might have, and the form after which another element begins is the one that
 * counts; what was done is reported.
 */
export interface Header {
  readonly tag: Tag;
  readonly vr: string;
  readonly valueOffset: number;
  /** As written; UNDEFINED_LENGTH, or cut at the end of what surrounds the element. */
  readonly length: number;
  readonly entry: DictionaryEntry | undefined;
  /** The bytes of the header do not say what is said here. */
  readonly damaged: boolean;
}

const PIXEL_DATA = 0x7fe00010;
const FLOAT_PIXEL_DATA = 0x7fe00008;
const DOUBLE_FLOAT_PIXEL_DATA = 0x7fe00009;

export function isPixelData(tag: Tag): boolean {
  return tag === PIXEL_DATA || tag === FLOAT_PIXEL_DATA || tag === DOUBLE_FLOAT_PIXEL_DATA;
}

/** Reads the header at `at`, of which at least eight bytes lie before `end`. Null after a failure. */
export function readHeader(
  state: WalkState,
  at: number,
  end: number,
  encoding: Encoding,
): Header | null {
  const tag = state.tagAt(at, encoding.littleEndian);
  const entry = lookUp(tag);
  const written = representationOfCode(state.u16(at + 4, false));
  return encoding.explicit
    ? readExplicit(state, at, end, encoding, tag, entry, written)
    : readImplicit(state, at, end, encoding, tag, entry, written);
}

function readExplicit(
  state: WalkState,
  at: number,
  end: number,
  encoding: Encoding,
  tag: Tag,
  entry: DictionaryEntry | undefined,
  written: ValueRepresentation | undefined,
): Header | null {
  const declared =
    written === undefined
      ? null
      : readForm(state, at, end, encoding, written.long ? 'long' : 'short', written.vr);
  const agrees = written !== undefined && isAllowed(entry, written);
  const reservedIsZero = written?.long !== true || state.u16(at + 6, encoding.littleEndian) === 0;
  if (declared !== null && agrees && reservedIsZero && fits(declared, end)) {
    return { tag, entry, ...headerOf(declared), damaged: false };
  }

  const best =
    declared !== null && agrees && entry !== undefined && reservedIsZero
      ? // The letters agree with the dictionary, so it is the length that is wrong.
        declared
      : chooseReading(state, at, end, encoding, tag, entry, declared);
  if (best === null) {
    state.malformed(at, tag);
    return null;
  }
  const readAs = `${best.vr}, ${FORM_NAMES[best.form]}`;
  if (written === undefined) {
    const kind = best.form === 'implicit' ? 'implicit-in-explicit' : 'unknown-vr';
    state.forgive(kind, at, tag, readAs);
  } else {
    if (!agrees) state.forgive('vr-mismatch', at, tag, readAs);
    if (best !== declared) state.forgive('wrong-length-form', at, tag, readAs);
    else if (!reservedIsZero) state.forgive('reserved-not-zero', at, tag);
  }
  return cutToFit(state, at, end, tag, entry, best, best !== declared || !reservedIsZero);
}

function readImplicit(
  state: WalkState,
  at: number,
  end: number,
  encoding: Encoding,
  tag: Tag,
  entry: DictionaryEntry | undefined,
  written: ValueRepresentation | undefined,
): Header | null {
  const implicit = readForm(state, at, end, encoding, 'implicit', impliedVr(state, entry, at));
  if (implicit === null) {
    state.malformed(at, tag);
    return null;
  }
  if (written === undefined) return cutToFit(state, at, end, tag, entry, implicit, false);

  // The length spells a VR. Either that is chance, or the element is explicit after all.
  const form = written.long ? 'long' : 'short';
  const explicit = readForm(state, at, end, encoding, form, written.vr);
  const wanted = entry !== undefined && entry.vrs.includes(written.vr) ? 1 : 2;
  const explicitScore =
    explicit === null
      ? 0
      : plausibility(state, explicit, end, { ...encoding, explicit: true }, tag);
  const implicitScore = plausibility(state, implicit, end, encoding, tag);
  if (
    explicit === null ||
    explicitScore === 0 ||
    (wanted === 2 && implicitScore >= explicitScore) ||
    implicitScore > explicitScore
  ) {
    return cutToFit(state, at, end, tag, entry, implicit, false);
  }
  state.forgive('explicit-in-implicit', at, tag, `${explicit.vr}, ${FORM_NAMES[form]}`);
  return cutToFit(state, at, end, tag, entry, explicit, true);
}

/**
 * All readings that the bytes allow, the likeliest first; of those with the best continuation the
 * first is taken. Without any continuation the reading that at least fits, and in the end the one
 * that the file declares.
 */
function chooseReading(
  state: WalkState,
  at: number,
  end: number,
  encoding: Encoding,
  tag: Tag,
  entry: DictionaryEntry | undefined,
  declared: Reading | null,
): Reading | null {
  const vr = impliedVr(state, entry, at);
  const dictionaryForm = representationOf(vr)?.long === true ? 'long' : 'short';
  const guesses = [
    declared,
    entry === undefined ? null : readForm(state, at, end, encoding, dictionaryForm, vr),
    readForm(state, at, end, encoding, 'short', vr),
    readForm(state, at, end, encoding, 'long', vr),
    readForm(state, at, end, encoding, 'implicit', vr),
  ].filter((reading) => reading !== null);
  let best: Reading | null = null;
  let bestScore = 0;
  for (const guess of guesses) {
    const score = plausibility(state, guess, end, encoding, tag);
    if (score > bestScore) {
      best = guess;
      bestScore = score;
    }
  }
  if (best !== null) return best;
  const fitting = guesses
    .slice(0, (declared === null ? 0 : 1) + (entry === undefined ? 0 : 1))
    .find((guess) => fits(guess, end));
  return fitting ?? declared;
}

function cutToFit(
  state: WalkState,
  at: number,
  end: number,
  tag: Tag,
  entry: DictionaryEntry | undefined,
  reading: Reading,
  damaged: boolean,
): Header {
  if (fits(reading, end)) return { tag, entry, ...headerOf(reading), damaged };
  const atEndOfFile = end === state.source.size;
  const kind: ForgivenKind =
    isPixelData(tag) && atEndOfFile ? 'truncated-pixels' : 'length-overrun';
  state.forgive(kind, at, tag);
  const { vr, valueOffset } = reading;
  return { tag, entry, vr, valueOffset, length: end - valueOffset, damaged: true };
}

function headerOf({ vr, valueOffset, length }: Reading): Omit<Header, 'tag' | 'entry' | 'damaged'> {
  return { vr, valueOffset, length };
}
