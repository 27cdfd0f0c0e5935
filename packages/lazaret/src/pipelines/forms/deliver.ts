/** Delivers sound records: one file a batch, create-only, named by what is in it. */
import { createHash } from 'node:crypto';
import type { LotFinish } from '../../engine/lot.ts';
import type { BatchContext } from '../../engine/pipeline.ts';
import { deliver } from '../../sinks/folder.ts';
import type { FormsTools } from './tools.ts';

const DIGEST_CHARACTERS = 16;

export async function deliverRecords(
  lines: string,
  items: readonly number[],
  { batch, tools, recipe, signal, effect }: BatchContext<FormsTools>,
): Promise<LotFinish> {
  const { collection, out } = tools.configuration;
  const bytes = Buffer.from(lines);
  const digest = createHash('sha256')
    .update(bytes)
    .update(recipe)
    .update(tools.key.keyId)
    .digest('hex')
    .slice(0, DIGEST_CHARACTERS);
  const key = `${collection}/Forms/${digest}.ndjson`;
  const delivered = await effect({ kind: 'deliver-folder', key, digest: recipe }, () =>
    deliver({
      ...{ folder: out, key, signal, attempt: `${batch.batch}-${batch.attempt}` },
      write: (stream) => stream.write(bytes),
    }),
  );
  return {
    deliveries: [
      { sink: 'folder', key, digest: delivered.digest, bytes: delivered.size, items: [...items] },
    ],
  };
}
