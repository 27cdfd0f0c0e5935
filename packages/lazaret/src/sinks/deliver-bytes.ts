/** Delivers what a step has in memory: as an effect, named by its content, once however often. */
import { hash } from 'node:crypto';
import type { BatchContext, Delivery } from '../engine/pipeline.ts';
import { deliver } from './folder.ts';

export interface BytesToDeliver {
  /** Folder of the sink; it has to be there. */
  readonly folder: string;
  /** What the key has before the digest: slashes make folders. */
  readonly prefix: string;
  /** What the key has behind the digest, such as `.csv`. */
  readonly ending: string;
  readonly bytes: Uint8Array;
  /** What it is made of. */
  readonly items: readonly number[];
}

const DIGEST_CHARACTERS = 16;

/** @throws what `deliver` throws */
export async function deliverBytes(
  context: Pick<BatchContext<unknown>, 'batch' | 'key' | 'recipe' | 'signal' | 'effect'>,
  { folder, prefix, ending, bytes, items }: BytesToDeliver,
): Promise<Delivery> {
  const { batch, recipe, signal, effect } = context;
  // Under another recipe or project key it is another delivery, and nothing is overwritten.
  const name = hash(
    'sha256',
    `${hash('sha256', bytes, 'hex')} ${recipe} ${context.key.keyId}`,
    'hex',
  );
  const key = `${prefix}${name.slice(0, DIGEST_CHARACTERS)}${ending}`;
  const { digest, size } = await effect({ kind: 'deliver-folder', key, digest: recipe }, () =>
    deliver({
      ...{ folder, key, signal, attempt: `${batch.batch}-${batch.attempt}` },
      write: (stream) => stream.write(bytes),
    }),
  );
  return { sink: 'folder', key, digest, bytes: size, items: [...items] };
}
