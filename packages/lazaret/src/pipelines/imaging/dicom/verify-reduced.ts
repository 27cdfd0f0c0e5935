/**
 * Whether a value that may stay says less than it did: words are gone from it, all of it is, or
 * something that is the same for everybody stands in its place. What says less gives nothing away, so
 * a reader that looks for leaks lets it pass; that too much may be gone is not its business.
 */
import { isValidUid } from './uid.ts';
import { isDummy } from './verify-values.ts';

const TEXT = /^(?:AE|CS|LO|LT|SH|ST|UC|UT)$/;
/** Whatever stands between words. What an escape sequence is made of counts as letters. */
const BETWEEN = /[\s^=,;:/'"_\\.+*#<>&!?|@%~[\]{}\0-]+/;
const OLDEST_AGE = '090Y';
const OLDEST_YEARS = 90;
const NUMERIC_VALUE = 0x0040a30a;

/**
 * @param written - of the finished file.
 * @param original - at the same place of the source.
 */
export function isReduced(
  tag: number,
  vr: string,
  written: Uint8Array,
  original: Uint8Array,
): boolean {
  const [after, before] = [textOf(written), textOf(original)];
  if (after === '') return true;
  if (vr === 'AS') return each(after, before, (to, from) => to === from || isCapped(to, from));
  if (vr === 'UI') return each(after, before, (to, from) => to === from || isRemade(to, from));
  if (vr === 'DS' && tag === NUMERIC_VALUE && Number(before) > OLDEST_YEARS) {
    return after === String(OLDEST_YEARS);
  }
  if (isDummy(vr, written, after)) return true;
  return TEXT.test(vr) && isWithout(wordsOf(after), wordsOf(before));
}

function isCapped(age: string, original: string): boolean {
  return age === OLDEST_AGE && original > OLDEST_AGE && original.endsWith('Y');
}

/** A UID that was none is as good as another value: the new one is of the writer's making. */
function isRemade(uid: string, original: string): boolean {
  return isValidUid(uid) && uid.startsWith('2.25.') && !isValidUid(original);
}

function each(
  after: string,
  before: string,
  holds: (to: string, from: string) => boolean,
): boolean {
  const [to, from] = [after.split('\\'), before.split('\\')];
  return (
    to.length === from.length &&
    to.every((value, at) => value === '' || holds(value.trim(), (from[at] ?? '').trim()))
  );
}

/** Whether the words are some of the others, in their order. */
function isWithout(words: readonly string[], others: readonly string[]): boolean {
  let next = 0;
  return words.every((word) => {
    next = others.indexOf(word, next) + 1;
    return next > 0;
  });
}

function wordsOf(text: string): readonly string[] {
  return text
    .split(BETWEEN)
    .flatMap((word) => word.split(/[()]/))
    .filter((word) => word !== '');
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    .toString('latin1')
    .replace(/[ \0]+$/, '');
}
