import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { el } from '../../../../fixtures/dicom/build.ts';
import { buildSample } from '../../src/pipelines/imaging/dicom/deidentify-sample.ts';
import { openWorkbench } from './workbench.ts';

const uid = (number: number): string => `1.2.826.0.1.3680043.8.498.12.${number}`;

it('holds all images of one identity that are in different studies of a run, every time', async () => {
  const bench = await openWorkbench();
  try {
    for (let round = 0; round < 5; round += 1) {
      const location = join(bench.folder, `round-${round}`);
      for (const study of [1, 2, 3]) {
        const folder = join(location, `study-${study}`);
        mkdirSync(folder, { recursive: true });
        const of = el('0020000D', 'UI', uid(1_000 * round + study));
        const one = el('00080018', 'UI', uid(100 + round));
        writeFileSync(join(folder, '1.dcm'), buildSample([of, one]));
        const own = el('00080018', 'UI', uid(10_000 * (round + 1) + study));
        writeFileSync(join(folder, '2.dcm'), buildSample([of, own]));
      }
      const summary = await bench.run({ location });
      expect(summary.items).toMatchObject({ received: 6, delivered: 3, held: 3 });
      expect(summary.findings).toContainEqual(
        expect.objectContaining({ name: 'InstanceConflict', count: 3 }),
      );
    }
  } finally {
    await bench.close();
  }
}, 60_000);
