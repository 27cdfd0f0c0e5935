/**
 * Whether a value that is to stay is one of its VR (PS3.5 table 6.2-1). A name in a DS is no number,
 * and nothing of the profile's table would keep a name there.
 *
 * Files are read more leniently than they should be written: numbers with more digits than 16, codes
 * in small letters. What matters is that the value can be nothing else than what it should be.
 */
const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?$/;
/** Written by some where there is no number. */
const NO_NUMBER = /^[+-]?(?:nan|inf(?:inity)?)$/i;
const NUMBER_MAX = 32;
const CODE = /^[A-Za-z0-9 _]*$/;
const AGE = /^\d{3}[DWMY]$/;

/** Greatest number of characters of one value. */
const LENGTHS: Readonly<Record<string, number>> = {
  ...{ AE: 16, CS: 16, LO: 64, SH: 16, ST: 1024, LT: 10_240 },
};

export type TextKind = 'number' | 'code' | 'age' | 'uid' | 'time' | 'text';

const KINDS: Readonly<Record<string, TextKind>> = {
  ...{ DS: 'number', IS: 'number', CS: 'code', AS: 'age', UI: 'uid' },
  ...{ DA: 'time', DT: 'time', TM: 'time' },
  ...{ AE: 'text', LO: 'text', LT: 'text', SH: 'text', ST: 'text', UC: 'text', UT: 'text' },
  ...{ PN: 'text', UR: 'text' },
};

/** What a VR of text is made of; undefined for the others. */
export function textKindOf(vr: string): TextKind | undefined {
  return KINDS[vr];
}

/** Whether each of the values is a number, or none. */
export function areNumbers(values: readonly string[]): boolean {
  return values.every(
    (value) =>
      value === '' || (value.length <= NUMBER_MAX && NUMBER.test(value)) || NO_NUMBER.test(value),
  );
}

export function areAges(values: readonly string[]): boolean {
  return values.every((value) => value === '' || AGE.test(value));
}

export function isCode(value: string): boolean {
  return value.length <= 16 && CODE.test(value);
}

/** Whether a value is no longer than its VR allows. */
export function fitsLength(value: string, vr: string): boolean {
  return value.length <= (LENGTHS[vr] ?? Infinity);
}

/** The words of a value that fit in, from the first on. */
export function cutToLength(value: string, vr: string): string {
  const most = LENGTHS[vr] ?? Infinity;
  if (value.length <= most) return value;
  const end = value.lastIndexOf(' ', most);
  return end > 0 ? value.slice(0, end).trimEnd() : '';
}

/** A code string of what was text; empty where it cannot be one. */
export function toCode(value: string): string {
  const code = value.replace(/[^A-Za-z0-9 _]+/g, ' ').trim();
  return code.length <= 16 ? code : '';
}

const OLDEST = 90;

/**
 * Ages of 90 years and more are one and the same (HIPAA 45 CFR 164.514(b)(2)(i)(C)): there are too
 * few people of each for them to be nobody in particular. 999 months are 83 years.
 */
export function capAge(age: string): string {
  return age.endsWith('Y') && Number(age.slice(0, 3)) > OLDEST ? '090Y' : age;
}
