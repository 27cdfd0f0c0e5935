/** Delivers sound records: a file a module and batch, create-only, named by what is in it. */
import { createHash } from 'node:crypto';
import type { LotFinish } from '../../engine/lot.ts';
import type { BatchContext, Delivery } from '../../engine/pipeline.ts';
import { deliver } from '../../sinks/folder.ts';
import type { DeliveryFile } from './delivery-file.ts';
import type { FormsTools } from './tools.ts';

const DIGEST_CHARACTERS = 16;

export async function deliverFiles(
  files: readonly DeliveryFile[],
  { batch, tools, recipe, signal, effect }: BatchContext<FormsTools>,
): Promise<LotFinish> {
  const { collection, out } = tools.configuration;
  const deliveries: Delivery[] = [];
  for (const { module, extension, text, items } of files) {
    const bytes = Buffer.from(text);
    const name = createHash('sha256')
      .update(bytes)
      .update(recipe)
      .update(tools.key.keyId)
      .digest('hex')
      .slice(0, DIGEST_CHARACTERS);
    const key = `${collection}/Forms/${module}_${name}.${extension}`;
    const { digest, size } = await effect({ kind: 'deliver-folder', key, digest: recipe }, () =>
      deliver({
        ...{ folder: out, key, signal, attempt: `${batch.batch}-${batch.attempt}` },
        write: (stream) => stream.write(bytes),
      }),
    );
    deliveries.push({ sink: 'folder', key, digest, bytes: size, items: [...items] });
  }
  return { deliveries };
}
