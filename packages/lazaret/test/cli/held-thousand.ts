/** A thousand images that will be held, of three sites and several codes; the same bytes each time. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build, el, type BuildElement } from '../../../../fixtures/dicom/build.ts';
import { ctImage } from '../../../../fixtures/dicom/ct-image.ts';
import { PEOPLE } from '../../../../fixtures/dicom/person.ts';
import { chestPhantom } from '../../../../fixtures/dicom/phantom.ts';
import { withElements, type Study } from '../../../../fixtures/dicom/study.ts';

const SIZE = { rows: 16, columns: 16 };

/** What is changed in an image, how many of them there are, and at which sites. */
const KINDS: readonly {
  readonly name: string;
  readonly changes: readonly BuildElement[];
  readonly counts: Readonly<Record<string, number>>;
}[] = [
  {
    name: 'ultrasound',
    changes: [el('00080060', 'CS', 'US')],
    counts: { north: 300, south: 200, west: 100 },
  },
  {
    name: 'annotated',
    changes: [el('00280301', 'CS', 'YES')],
    counts: { north: 60, south: 90 },
  },
  {
    name: 'both',
    changes: [el('00080060', 'CS', 'US'), el('00280301', 'CS', 'YES')],
    counts: { south: 50 },
  },
  { name: 'nobody', changes: [el('00100020', 'LO', '')], counts: { north: 20, west: 180 } },
];

export const SITES = ['north', 'south', 'west'] as const;

/** Writes the images below one folder a site. @returns how many of each kind there are */
export function writeThousand(folder: string): Record<string, number> {
  const chest = chestPhantom(SIZE);
  const people = Object.values(PEOPLE);
  const written: Record<string, number> = {};
  let number = 0;
  for (const { name, changes, counts } of KINDS) {
    for (const [site, count] of Object.entries(counts)) {
      for (let index = 0; index < count; index += 1) {
        // Fifty images are a study.
        const at = Math.floor(index / 50);
        const person = people[at % people.length];
        if (person === undefined) throw new Error('There is nobody.');
        const study: Study = {
          key: `thousand/${site}/${name}/${at}`,
          person,
          date: `202001${String(10 + at)}`,
          time: '090000',
          accession: `EPA77000${at}`,
          description: 'CT Thorax',
          bodyPart: 'CHEST',
        };
        const image = { study, series: 2, seriesDescription: 'Axial', index, count };
        const elements = withElements(
          ctImage(image, SIZE, chest(index % 12, 12, number)),
          Object.fromEntries(changes.map((change) => [change.tag, change])),
        );
        const target = join(folder, site, `${name}-${at}`);
        mkdirSync(target, { recursive: true });
        writeFileSync(join(target, `${index}.dcm`), build(elements));
        number += 1;
      }
      written[name] = (written[name] ?? 0) + count;
    }
  }
  return written;
}
