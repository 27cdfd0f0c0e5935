/** Taking back what was delivered to a folder, because somebody has to be forgotten. */
import { join } from 'node:path';
import { splitKey } from './delivery-key.ts';
import { nodeFileSystem, toSinkFault, unlessMissing, type SinkFileSystem } from './file-system.ts';
import { checkRoot, clearAsides, syncFolder } from './stored-file.ts';

/**
 * Removes the file of a delivery, durably, and what attempts at it left aside that were cut short.
 * Done again, it finds nothing and says so. The folder stays, empty or not: another delivery may be
 * on its way into it.
 *
 * @returns whether it was there
 * @throws `DeliveryKeyInvalid`, `SinkFolderMissing`, the faults of the file system
 */
export async function removeDelivered(request: {
  readonly folder: string;
  readonly key: string;
  readonly fs?: SinkFileSystem;
}): Promise<boolean> {
  const fs = request.fs ?? nodeFileSystem;
  const segments = splitKey(request.key);
  const parent = join(request.folder, ...segments.slice(0, -1));
  try {
    // On a volume that is not mounted everything would be gone already.
    await checkRoot(fs, request.folder);
    const name = segments.at(-1) ?? '';
    const asides = await clearAsides(fs, parent, name);
    const removed = await unlessMissing(async () => {
      await fs.unlink(join(parent, name));
      return true;
    });
    if (removed === true || asides > 0) await syncFolder(fs, parent);
    return removed ?? false;
  } catch (error) {
    throw toSinkFault(error);
  }
}
