import { CHECKS, type Check } from '../study.ts';

/** The check that a step belongs to: what happens before a record is read is the first one's. */
export function checkOf(step: string): Check {
  return CHECKS.find((name) => name === step) ?? CHECKS[0];
}
