/** The three checks, under the names that QC documents and their viewers know them by. */
export const CHECKS = ['file-validator', 'identifier-lookup', 'form-qc-checker'] as const;

export type CheckName = (typeof CHECKS)[number];

/** The check that a step belongs to: what happens before a record is read is the first one's. */
export function checkOf(step: string): CheckName {
  return CHECKS.find((name) => name === step) ?? 'file-validator';
}
