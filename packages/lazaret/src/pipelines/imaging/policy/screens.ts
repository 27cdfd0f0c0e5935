/** What is held before it is looked into any further. */
import { z } from 'zod';
import { isValidUid } from '../dicom/uid.ts';

const MAX_ENTRIES = 200;

export const screensSchema = z.strictObject({
  burnedIn: z
    .enum(['hold', 'holdUnlessNo'])
    .optional()
    .describe(
      '`hold` (the default): an image that says YES of burned-in annotations waits (IMG-005). ' +
        '`holdUnlessNo`: so does one that does not say NO (IMG-050).',
    ),
  holdImageTypes: z
    .array(
      z.string().regex(/^[A-Z0-9_ ]{1,16}$/, 'must be a value of Image Type such as SECONDARY'),
    )
    .max(MAX_ENTRIES)
    .optional()
    .describe('Images with one of these values in Image Type (0008,0008) wait (IMG-051).'),
  holdSopClasses: z
    .array(z.string().refine((uid) => isValidUid(uid), 'must be the UID of a SOP class'))
    .max(MAX_ENTRIES)
    .optional()
    .describe('Objects of these SOP classes wait (IMG-052).'),
});

export type Screens = z.infer<typeof screensSchema>;

/** Entries that are there twice. */
export function screenProblems(screens: Screens): string[] {
  const lists = { holdImageTypes: screens.holdImageTypes, holdSopClasses: screens.holdSopClasses };
  return Object.entries(lists).flatMap(([name, list = []]) =>
    list.flatMap((entry, at) =>
      list.indexOf(entry) === at ? [] : [`screens.${name}.${at}: ${entry} is given twice`],
    ),
  );
}
