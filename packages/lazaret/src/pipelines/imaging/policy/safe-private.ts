/** Private elements that a project vouches for (PS3.15 E.3.10). */
import { z } from 'zod';
import type { SafePrivateElement } from '../dicom/profile.ts';
import { representationOf } from '../dicom/value-representation.ts';

const MAX_ELEMENTS = 2_000;

export const safePrivateElementSchema = z.strictObject({
  creator: z
    .string()
    .regex(/^[\x20-\x5b\x5d-\x7e]{1,64}$/, 'must be the name of a private creator as files give it')
    .describe('Whose element it is, as the file names it: `SIEMENS MR HEADER`.'),
  element: z
    .string()
    .regex(/^\([0-9A-Fa-f]{4},xx[0-9A-Fa-f]{2}\)$/, 'must be a private tag such as (0019,xx0C)')
    .describe('Group, and element within the block of the creator: `(0019,xx0C)`.'),
  vr: z.string().describe('What its value has to look like; another is not this element.'),
  reason: z
    .string()
    .max(500)
    .refine((text) => text.trim().length >= 3, 'says nothing')
    .describe('Why it is known to hold nothing about a person.'),
});

export const safePrivateSchema = z.array(safePrivateElementSchema).max(MAX_ELEMENTS);

export type GivenSafePrivate = z.infer<typeof safePrivateElementSchema>;

export interface PlacedSafePrivate {
  readonly at: number;
  readonly element: GivenSafePrivate;
}

/** Groups that no private element may have (PS3.5 section 7.8.1). */
const NEVER_PRIVATE = new Set([0x0001, 0x0003, 0x0005, 0x0007, 0xffff]);

/** What could hold anything, or a person, cannot be vouched for by its tag. */
const OPAQUE = new Set(['UN', 'SQ', 'PN']);

export function safePrivateProblems(
  elements: readonly PlacedSafePrivate[],
  options: ReadonlySet<string>,
): string[] {
  const seen = new Map<string, number>();
  const problems = elements.flatMap(({ at, element: given }) => {
    const place = `safePrivate.${at}`;
    const found: string[] = [];
    const { group, creator, element, vr } = read(given);
    if (group % 2 === 0) found.push(`${place}.element: ${given.element} is not private`);
    else if (NEVER_PRIVATE.has(group)) {
      found.push(`${place}.element: ${given.element} is in a group that nobody may use`);
    }
    if (representationOf(vr) === undefined) {
      found.push(`${place}.vr: ${JSON.stringify(vr.slice(0, 8))} is no VR`);
    } else if (OPAQUE.has(vr)) {
      found.push(`${place}.vr: ${vr} may hold anything: its content is not known to be safe`);
    } else if ((vr === 'DA' || vr === 'DT') && !options.has('retainLongitudinalFullDates')) {
      found.push(
        `${place}.vr: a date that stays gives the shifted ones away: ` +
          'take the option retainLongitudinalFullDates, or leave it out',
      );
    }
    const name = `${creator.toUpperCase()}|${group}|${element}`;
    const earlier = seen.get(name);
    if (earlier !== undefined) found.push(`${place}: is the same as safePrivate.${earlier}`);
    seen.set(name, at);
    return found;
  });
  if (elements.length > 0 && !options.has('retainSafePrivate')) {
    problems.push('safePrivate: has no effect without the option retainSafePrivate');
  }
  return problems;
}

/** As the profile takes them. */
export function safePrivateElements(
  elements: readonly GivenSafePrivate[],
): readonly SafePrivateElement[] {
  return elements.map(read);
}

function read({ creator, element, vr }: GivenSafePrivate): SafePrivateElement {
  return {
    creator: creator.trim(),
    group: Number.parseInt(element.slice(1, 5), 16),
    element: Number.parseInt(element.slice(8, 10), 16),
    vr,
  };
}
