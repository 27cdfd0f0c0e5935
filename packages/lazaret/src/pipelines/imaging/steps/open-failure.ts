import { SealedFileDamaged } from '../../../copies/sealed-file.ts';
import { engineCodes } from '../../../engine/codes.ts';
import { hold, reject, type ItemResult } from '../../../engine/pipeline.ts';
import { imagingCodes } from '../codes.ts';
import { causeOf } from '../file.ts';

/**
 * What becomes of an item whose file could not be opened, for every step that opens one.
 * Rethrows what is no failure of the file system.
 */
export function openFailure(error: unknown, item: number): ItemResult<never> {
  if (error instanceof SealedFileDamaged) {
    return hold(engineCodes.finding('CopyDamaged', { reason: error.message }, { item }));
  }
  const cause = causeOf(error);
  if (cause === null) throw error;
  return cause.code === 'ENOENT'
    ? reject(imagingCodes.finding('FileVanished', {}, { item }))
    : hold(imagingCodes.finding('FileNotReadable', { cause: cause.text }, { item }));
}
