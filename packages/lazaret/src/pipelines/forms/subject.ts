/** Whom a record is about, and which of the subject's visits it is. */
import { crc32 } from 'node:zlib';
import type { FormRecord, FormValue } from './record.ts';
import type { SubjectKeys } from './study.ts';

/** Histories are kept in so many buckets of subjects a project. Fixed: kept histories lie in them. */
export const BUCKETS = 256;

export interface VisitOf {
  /** Centre and participant, as they are compared: the key under which histories are kept. */
  readonly subject: string;
  /** Number of the visit, as text. */
  readonly visit: string;
  /** Civil date `YYYY-MM-DD`, or what stands in its place; empty where there is none. */
  readonly date: string;
}

export function visitOf({ values }: Pick<FormRecord, 'values'>, keys: SubjectKeys): VisitOf {
  return {
    subject: subjectOf(values[keys.centre], values[keys.participant]),
    visit: textOf(values[keys.visit]),
    date: textOf(values[keys.date]),
  };
}

/**
 * Centre and participant as one text. The participant's id is compared without blanks around it and
 * without leading zeros, as the identifier service does it.
 */
export function subjectOf(
  centre: FormValue | undefined,
  participant: FormValue | undefined,
): string {
  const id = textOf(participant).replace(/^0+(?=.)/, '');
  return `${textOf(centre)}|${id}`;
}

export function bucketOf(subject: string): number {
  return crc32(subject) % BUCKETS;
}

function textOf(value: FormValue | undefined): string {
  return value === undefined || value === null || typeof value === 'object'
    ? ''
    : String(value).trim();
}

/** Earlier visits first: by date where both have one, then by number. */
export function compareVisits(
  a: Pick<VisitOf, 'date' | 'visit'>,
  b: Pick<VisitOf, 'date' | 'visit'>,
): number {
  if (a.date !== b.date && a.date !== '' && b.date !== '') return a.date < b.date ? -1 : 1;
  const [first, second] = [Number(a.visit), Number(b.visit)];
  if (first !== second && !Number.isNaN(first) && !Number.isNaN(second)) return first - second;
  return a.visit < b.visit ? -1 : a.visit > b.visit ? 1 : 0;
}
