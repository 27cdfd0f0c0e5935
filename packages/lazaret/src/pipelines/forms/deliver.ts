/**
 * Delivers sound records, a file a module and batch, and notices about earlier ones: create-only,
 * named by what is in them.
 */
import type { BatchContext, Delivery } from '../../engine/pipeline.ts';
import { deliverBytes } from '../../sinks/deliver-bytes.ts';
import type { DeliveryFile } from './delivery-file.ts';
import type { RecallNotice } from './judging/judged.ts';
import type { FormsTools } from './tools.ts';

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

function deliverFile(
  bytes: Buffer,
  { prefix, ending }: { readonly prefix: string; readonly ending: string },
  items: readonly number[],
  context: BatchContext<FormsTools>,
): Promise<Delivery> {
  const { collection, out } = context.tools.configuration;
  const place = { folder: out, prefix: `${collection}/Forms/${prefix}`, ending };
  return deliverBytes(context, { ...place, bytes, items });
}
