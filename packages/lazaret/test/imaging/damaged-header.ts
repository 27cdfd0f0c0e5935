/**
 * A CT image with a full header, and what becomes of it when a few bytes of that header are damaged:
 * taken through the steps of the pipeline, as functions, on one file at a time.
 */
import { writeFileSync } from 'node:fs';
import { build, el, type BuildElement, type Syntax } from '../../../../fixtures/dicom/build.ts';
import { ctImage } from '../../../../fixtures/dicom/ct-image.ts';
import { INSTITUTION, PEOPLE, STAFF } from '../../../../fixtures/dicom/person.ts';
import { chestPhantom } from '../../../../fixtures/dicom/phantom.ts';
import { withElements, type Study } from '../../../../fixtures/dicom/study.ts';
import { bufferSource } from '../../src/bytes/byte-source.ts';
import type { ItemResult } from '../../src/engine/pipeline.ts';
import { projectKeyFrom } from '../../src/identity/keys.ts';
import type { Element } from '../../src/pipelines/imaging/dicom/element.ts';
import { isUnreadable, walk } from '../../src/pipelines/imaging/dicom/walk.ts';
import { defaultPolicy } from '../../src/pipelines/imaging/policy.ts';
import { deidentify, verify } from '../../src/pipelines/imaging/steps/clean.ts';
import { importFile } from '../../src/pipelines/imaging/steps/import.ts';
import { screen } from '../../src/pipelines/imaging/steps/screen.ts';
import { makeTools } from '../../src/pipelines/imaging/tools.ts';

const SIZE = { rows: 4, columns: 4 };
const PERSON = PEOPLE.otto;
const STUDY: Study = {
  key: 'damaged-header',
  person: PERSON,
  date: '20120809',
  time: '101500',
  accession: 'EPA1208091',
  description: 'CT Thorax',
  bodyPart: 'CHEST',
};

/** What a leak of this image would show, as people write it: searched for without our own search. */
export const SECRETS: readonly string[] = [
  ...['Specimen', 'Otto', '7740045', PERSON.birthDate, 'EPA1208091', '1208091'],
  ...['Placeholder', 'Exampleport', '555 0100 245', 'Fictus', 'Marlene', 'Pretender'],
  ...['Aurel', 'Dummyson', STAFF.operator, INSTITUTION.station, INSTITUTION.department],
  ...['Neighbour', 'OTHER-5512', 'Verwandt', 'EPSYNTH'],
];

/** Elements of the patient module and around it that the plain image does not have. */
const MORE: readonly BuildElement[] = [
  el('00081048', 'PN', STAFF.performing),
  el('00081070', 'PN', STAFF.operator),
  el('00100021', 'LO', 'EXAMPLEPORT'),
  el('00101000', 'LO', 'OTHER-5512'),
  el('00101001', 'PN', 'Verwandt^Otto'),
  el('00101002', 'SQ', [[el('00100020', 'LO', 'OTHER-5512'), el('00100022', 'CS', 'TEXT')]]),
  el('00101040', 'LO', PERSON.address),
  el('00102154', 'SH', PERSON.phone),
  el('001021B0', 'LT', 'Neighbour of Specimen, seen by Dr Fictus'),
  el('00104000', 'LT', 'Otto lives at Placeholder Lane'),
  el('00290010', 'LO', 'ACME PRIVATE'),
  el('00291010', 'OB', Buffer.from('Specimen^Otto in a private block')),
  el('00400275', 'SQ', [
    [el('00321060', 'LO', 'Thorax of Specimen'), el('00400007', 'LO', 'for Otto Specimen')],
  ]),
];

export function damagedSample(syntax: Syntax): Buffer {
  const image = { study: STUDY, series: 2, seriesDescription: 'Axial', index: 0, count: 4 };
  const elements = ctImage(image, SIZE, chestPhantom(SIZE)(0, 4));
  const more = Object.fromEntries(MORE.map((element) => [element.tag, element]));
  return build(withElements(elements, more), { syntax });
}

/** Every element of the file but its pixels, those in sequences included. */
export function headersOf(bytes: Buffer): readonly Element[] {
  const walked = walk(bufferSource(bytes));
  if (isUnreadable(walked)) throw new Error('The sample is sound.');
  const list: Element[] = [];
  const visit = (elements: readonly Element[]): void => {
    for (const element of elements) {
      if (element.tag !== 0x7fe00010) list.push(element);
      for (const item of element.items ?? []) visit(item.elements);
    }
  };
  visit(walked.elements);
  return list;
}

/** How one damaged file ended. `leaked` is for the test to rule out, never what a step says. */
export interface Ending {
  readonly disposition: 'held' | 'rejected' | 'delivered';
  /** The code that decided; none where the image would be delivered. */
  readonly code: string | null;
  readonly leaked: boolean;
  /** What would be delivered. */
  readonly output: Buffer | null;
}

const tools = makeTools(
  { policy: defaultPolicy(), out: '' },
  { key: projectKeyFrom(new Uint8Array(32).fill(3)), recipe: '' },
);

/** Import, screen, de-identify and verify one file, whose bytes are written to `path`. */
export async function endOf(bytes: Uint8Array, path: string): Promise<Ending> {
  writeFileSync(path, bytes);
  const batch = { run: '', batch: '', attempt: 1, staging: '' };
  const context = { item: 1, batch, tools };
  const arrival = { path, encoding: 'utf8', kind: 'file', size: bytes.length } as const;
  const imported = await importFile.apply(arrival, context);
  if (imported.kind === 'stop') return stopped(imported);
  const screened = await screen.apply(imported.value, context);
  if (screened.kind === 'stop') return stopped(screened);
  const identity = { pseudonym: 'PAAAAAAAAAA', shiftDays: -41, accession: 'ABBBBBBBBBB' };
  const accession = screened.value.header.accession === '' ? '' : identity.accession;
  const identified = { ...screened.value, identity: { ...identity, accession } };
  const clean = await deidentify.apply(identified, context);
  if (clean.kind === 'stop') return stopped(clean);
  const verified = await verify.apply(clean.value, context);
  if (verified.kind === 'stop') return stopped(verified);
  const { rendition, opened } = verified.value;
  const output = Buffer.from(rendition.read(0, rendition.size));
  opened.close();
  const shown = output.toString('latin1').toLowerCase();
  const leaked = SECRETS.some((secret) => shown.includes(secret.toLowerCase()));
  return { disposition: 'delivered', code: null, leaked, output };
}

function stopped(result: ItemResult<unknown> & { kind: 'stop' }): Ending {
  const { disposition, findings } = result;
  if (disposition !== 'held' && disposition !== 'rejected') {
    throw new Error(`A damaged image is neither ${disposition} nor anything like it.`);
  }
  return { disposition, code: findings[0]?.code ?? null, leaked: false, output: null };
}
