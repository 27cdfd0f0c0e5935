/** *Deliver*: puts the archive together and hands it to the sink, create-only and read back. */
import { assemble } from '../../../archive/assemble.ts';
import { makeManifest } from '../../../archive/manifest.ts';
import { pass, type BatchContext, type BatchStep } from '../../../engine/pipeline.ts';
import { clearAttempts, deliver as deliverFile } from '../../../sinks/folder.ts';
import type { ArchivedImage } from '../image.ts';
import { claim } from '../instances.ts';
import type { ImagingTools } from '../tools.ts';

export const deliver: BatchStep<ArchivedImage, ArchivedImage, ImagingTools> = {
  name: 'deliver',
  async apply(members, context) {
    const { batch, key, recipe, tools, signal } = context;
    const images = [...members].sort((a, b) => (a.value.entry < b.value.entry ? -1 : 1));
    const archive = images[0]?.value.archive;
    if (archive === undefined) return { results: [] };
    const manifest = makeManifest({
      archive,
      recipe,
      keyId: key.keyId,
      entries: images.map(({ value }) => ({
        name: value.entry,
        size: value.part.size,
        sha256: value.part.digest,
        findings: [...value.findings],
      })),
    });
    await claim(
      context,
      images.map(({ value }) => value),
    );
    await clearEarlier(context);
    const delivered = await context.effect({ kind: KIND, key: archive, digest: recipe }, () =>
      deliverFile({
        folder: tools.out,
        key: archive,
        attempt: nameOf(batch.batch, batch.attempt),
        signal,
        write: (stream) =>
          assemble({
            parts: images.map(({ value }) => value.part),
            manifest,
            write: (chunk) => stream.write(chunk),
            signal,
          }),
      }),
    );
    return {
      results: members.map(({ value }) => pass(value)),
      deliveries: [
        {
          sink: 'folder',
          key: archive,
          digest: delivered.digest,
          bytes: delivered.size,
          items: members.map(({ item }) => item),
        },
      ],
    };
  },
};

const KIND = 'deliver-folder';

/** Attempts that were cut short wrote down what they were about to do: what they left aside goes. */
async function clearEarlier({
  db,
  batch,
  tools,
}: Pick<BatchContext<ImagingTools>, 'db' | 'batch' | 'tools'>): Promise<void> {
  const earlier = await db
    .selectFrom('lazaret.intent')
    .select(['key', 'attempt'])
    .where('batch', '=', batch.batch)
    .where('attempt', '<', batch.attempt)
    .where('kind', '=', KIND)
    .execute();
  for (const { key, attempt } of earlier) {
    await clearAttempts({
      folder: tools.out,
      key,
      attempts: [nameOf(batch.batch, attempt)],
    });
  }
}

function nameOf(batch: string, attempt: number): string {
  return `${batch}-${attempt}`;
}
