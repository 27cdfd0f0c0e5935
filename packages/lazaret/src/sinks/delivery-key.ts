import { createHash } from 'node:crypto';
import { fault } from './codes.ts';

/** Most file systems take 255 bytes a name. */
const MAX_SEGMENT_BYTES = 255;
/** Also the limit of the object stores, so that a key is good for every sink. */
const MAX_KEY_BYTES = 1024;
const MAX_SEGMENTS = 32;
/** Not for Windows' file systems (`:` is even another stream of a file), nor for any terminal. */
const FORBIDDEN = /[\p{Cc}\p{Cf}\u2028\u2029\\:*?"<>|]/u;
const ATTEMPT = /^[A-Za-z0-9-]{1,64}$/;
/** Leftovers are known by their names, which no delivery can have: no segment begins with a dot. */
const ASIDE = /^\..+\.(?:tmp|lock)$/u;

/**
 * The segments of a delivery key: a relative path with slashes.
 *
 * @throws `DeliveryKeyInvalid`
 */
export function splitKey(key: string): readonly [string, ...string[]] {
  const refuse = (reason: string): Error =>
    fault('DeliveryKeyInvalid', { reason, length: key.length });
  if (!key.isWellFormed()) throw refuse('it is not well-formed Unicode');
  if (FORBIDDEN.test(key)) throw refuse('it has a character that is not allowed');
  if (Buffer.byteLength(key) > MAX_KEY_BYTES) throw refuse('it is too long');
  const [first = '', ...others] = key.split('/');
  if (others.length >= MAX_SEGMENTS) throw refuse('it has too many parts');
  for (const segment of [first, ...others]) {
    if (segment === '') throw refuse('a part of it is empty');
    if (segment.startsWith('.')) throw refuse('a part of it begins with a dot');
    if (/[. ]$/u.test(segment)) throw refuse('a part of it ends with a dot or a space');
    if (Buffer.byteLength(segment) > MAX_SEGMENT_BYTES) throw refuse('a part of it is too long');
  }
  return [first, ...others];
}

/**
 * Name of the file that is written before it gets its final name: `.<name>.<attempt>.tmp`. A name
 * too long for that is replaced by its digest.
 *
 * @param turn counts from 1 where earlier names are taken by what an earlier call left behind.
 */
export function asideName(name: string, attempt: string, turn: number): string {
  const suffix = turn === 1 ? '' : `-${turn}`;
  const aside = `.${name}.${attempt}${suffix}.tmp`;
  if (Buffer.byteLength(aside) <= MAX_SEGMENT_BYTES) return aside;
  return `.${digestOf(name)}.${attempt}${suffix}.tmp`;
}

/** Name of the lock that stands in for hard links (see `publishing.ts`). */
export function lockName(name: string): string {
  const lock = `.${name}.lock`;
  return Buffer.byteLength(lock) <= MAX_SEGMENT_BYTES ? lock : `.${digestOf(name)}.lock`;
}

/** Whether a file is one that a delivery left behind. */
export function isAside(name: string): boolean {
  return ASIDE.test(name);
}

/** Whether a file is one that was to become the delivery of this name. */
export function isAsideOf(name: string, file: string): boolean {
  return (
    file.endsWith('.tmp') &&
    (file.startsWith(`.${name}.`) || file.startsWith(`.${digestOf(name)}.`))
  );
}

/** Whether a text may name an attempt. */
export function isAttempt(attempt: string): boolean {
  return ATTEMPT.test(attempt);
}

function digestOf(name: string): string {
  return createHash('sha256').update(name).digest('hex');
}
