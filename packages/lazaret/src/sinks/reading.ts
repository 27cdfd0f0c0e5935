/** Reading back what was delivered to a folder, because some of it has to be taken out. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { splitKey } from './delivery-key.ts';
import { nodeFileSystem, toSinkFault, unlessMissing } from './file-system.ts';
import { checkRoot } from './stored-file.ts';

/**
 * The bytes of a delivery; null where it is not there any more.
 * @throws `DeliveryKeyInvalid`, `SinkFolderMissing`, the faults of the file system
 */
export async function readDelivered(request: {
  readonly folder: string;
  readonly key: string;
}): Promise<Buffer | null> {
  const segments = splitKey(request.key);
  try {
    await checkRoot(nodeFileSystem, request.folder);
    return await unlessMissing(() => readFile(join(request.folder, ...segments)));
  } catch (error) {
    throw toSinkFault(error);
  }
}
