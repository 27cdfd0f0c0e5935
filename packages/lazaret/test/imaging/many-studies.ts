import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { build, el } from '../../../../fixtures/dicom/build.ts';
import { ctImage } from '../../../../fixtures/dicom/ct-image.ts';
import { PEOPLE } from '../../../../fixtures/dicom/person.ts';
import { chestPhantom } from '../../../../fixtures/dicom/phantom.ts';
import { withElements, type Study } from '../../../../fixtures/dicom/study.ts';

const STUDIES = 15;
const IMAGES = 20;
const SIZE = { rows: 64, columns: 64 };

/**
 * Fifteen small studies of twenty images, each in its folder, and in most folders one thing that
 * does not go through: a text, a copy, an ultrasound, an image of nobody. The same bytes each time.
 *
 * @returns how many files there are
 */
export function writeManyStudies(folder: string): number {
  const chest = chestPhantom(SIZE);
  const people = Object.values(PEOPLE);
  let files = 0;
  const write = (path: string, bytes: Uint8Array | string): void => {
    const target = join(folder, path);
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, bytes);
    files += 1;
  };
  for (let at = 0; at < STUDIES; at += 1) {
    const person = people[at % people.length];
    if (person === undefined) throw new Error('There is nobody.');
    const study: Study = {
      key: `many/${at}`,
      person,
      date: `201901${String(10 + at)}`,
      time: '090000',
      accession: `EPA55000${String(10 + at)}`,
      description: 'CT Thorax',
      bodyPart: 'CHEST',
    };
    const name = `study-${String(at).padStart(2, '0')}`;
    for (let index = 0; index < IMAGES; index += 1) {
      const image = { study, series: 2, seriesDescription: 'Axial', index, count: IMAGES };
      const elements = ctImage(image, SIZE, chest(index, IMAGES, at));
      const path = `${name}/IM${String(index).padStart(4, '0')}.dcm`;
      write(path, build(elements));
      if (index !== 7) continue;
      const changed = (tag: string, vr: 'CS' | 'LO', value: string): Uint8Array =>
        build(withElements(elements, { [tag]: el(tag, vr, value) }));
      if (at % 5 === 0) write(`${name}/notes.txt`, 'no image');
      if (at % 5 === 1) write(`${name}/ZZ-copy.dcm`, build(elements));
      if (at % 5 === 2) write(`${name}/ZZ-us.dcm`, changed('00080060', 'CS', 'US'));
      if (at % 5 === 3) write(`${name}/ZZ-nobody.dcm`, changed('00100020', 'LO', ''));
    }
  }
  return files;
}
