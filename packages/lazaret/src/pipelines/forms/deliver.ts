/**
 * Delivers sound records, a file a module and batch, and notices about earlier ones: create-only,
 * named by what is in them.
 */
import { hash } from 'node:crypto';
import type { BatchContext, Delivery } from '../../engine/pipeline.ts';
import { deliver } from '../../sinks/folder.ts';
import type { DeliveryFile } from './delivery-file.ts';
import type { RecallNotice } from './judging/judged.ts';
import type { FormsTools } from './tools.ts';

const DIGEST_CHARACTERS = 16;

export async function deliverFiles(
  files: readonly DeliveryFile[],
  context: BatchContext<FormsTools>,
): Promise<Delivery[]> {
  const deliveries: Delivery[] = [];
  for (const { module, extension, text, items } of files) {
    const place = { prefix: `${module}_`, ending: `.${extension}` };
    deliveries.push(await deliverFile(Buffer.from(text), place, items, context));
  }
  return deliveries;
}

/**
 * What was delivered before and does not hold any more, or does again: a document beside the
 * deliveries, which are never changed. It names the versions of other visits that each record was
 * judged beside, so that a second recall for the same reason is another document.
 */
export function deliverNotices(
  notices: readonly RecallNotice[],
  context: BatchContext<FormsTools>,
): Promise<Delivery> {
  const document = { kind: 'recall', notices };
  const bytes = Buffer.from(`${JSON.stringify(document, null, 2)}\n`);
  return deliverFile(bytes, { prefix: '', ending: '.recall.json' }, [], context);
}

async function deliverFile(
  bytes: Buffer,
  { prefix, ending }: { readonly prefix: string; readonly ending: string },
  items: readonly number[],
  { batch, tools, recipe, signal, effect }: BatchContext<FormsTools>,
): Promise<Delivery> {
  const { collection, out } = tools.configuration;
  const of = hash('sha256', bytes, 'hex');
  const name = hash('sha256', `${of} ${recipe} ${tools.key.keyId}`, 'hex');
  const key = `${collection}/Forms/${prefix}${name.slice(0, DIGEST_CHARACTERS)}${ending}`;
  const delivered = await effect({ kind: 'deliver-folder', key, digest: recipe }, () =>
    deliver({
      ...{ folder: out, key, signal, attempt: `${batch.batch}-${batch.attempt}` },
      write: (stream) => stream.write(bytes),
    }),
  );
  const { digest, size } = delivered;
  return { sink: 'folder', key, digest, bytes: size, items: [...items] };
}
