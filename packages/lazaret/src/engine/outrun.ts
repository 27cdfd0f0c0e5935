import type { Fault } from '@lazaret/faults';
import { engineCodes } from './codes.ts';

/** Another run was faster: nothing of the attempt counts, and the batch is worked through again. */
export function outrun(cause?: unknown): Fault {
  return engineCodes.fault('DeliveredMeanwhile', {}, cause === undefined ? {} : { cause });
}
