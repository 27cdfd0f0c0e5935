/** *Judge*: the records of a group of subjects, each beside the earlier visits of its subject. */
import { deliver } from '../../../sinks/folder.ts';
import { createHash } from 'node:crypto';
import type { LotWork } from '../../../engine/lot.ts';
import { unpackRecords } from '../record-lot.ts';
import type { FormsTools } from '../tools.ts';

export const judge: LotWork<FormsTools> = {
  work({ lots }) {
    const records = lots.flatMap((lot) => unpackRecords(lot)).sort((a, b) => a.item - b.item);
    const lines = records.map(({ values }) => `${JSON.stringify(values)}\n`).join('');
    return Promise.resolve({
      told: [],
      onward: [{ cut: null, items: records.map(({ item }) => item), content: new Uint8Array(0) }],
      kept: lines,
    });
  },
  async finish({ kept, onward }, { batch, tools, recipe, signal, effect }) {
    const text = String(kept);
    if (text === '') return {};
    const { collection, out } = tools.configuration;
    const digest = createHash('sha256').update(text).update(recipe).digest('hex').slice(0, 16);
    const key = `${collection}/Forms/${digest}.ndjson`;
    const delivered = await effect({ kind: 'deliver-folder', key, digest: recipe }, () =>
      deliver({
        folder: out,
        key,
        attempt: `${batch.batch}-${batch.attempt}`,
        signal,
        write: (stream) => stream.write(Buffer.from(text)),
      }),
    );
    return {
      deliveries: [
        {
          sink: 'folder',
          key,
          digest: delivered.digest,
          bytes: delivered.size,
          items: onward.flatMap(({ items }) => items),
        },
      ],
    };
  },
  arrivalsOf: (lot) => unpackRecords(lot),
};
