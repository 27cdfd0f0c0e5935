import type { Entry } from './entry.ts';

/**
 * What most findings have in common: something in the data that its sender has to mend. Spread it
 * into an entry, and say only what is particular.
 *
 * @example
 * defineCodes({ NoteEmpty: { ...DATA_FINDING, id: 'NOT-001', title: 'The note is empty', … } });
 */
export const DATA_FINDING = {
  kind: 'finding',
  type: 'error',
  blame: 'data',
  level: 'warn',
  severity: 'error',
  issue: 'value',
  status: 422,
  retry: 'no',
  release: 'none',
} as const satisfies Partial<Entry>;
