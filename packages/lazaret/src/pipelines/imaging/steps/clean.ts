/**
 * *De-identify*, *verify* and *pack*: three steps that an image passes through in one go, so that
 * its bytes are read once and written once. What travels between them stays on the thread.
 */
import { closeSync, fstatSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { threadId } from 'node:worker_threads';
import type { Finding } from '@lazaret/faults';
import { packMember } from '../../../archive/gzip-member.ts';
import { hold, pass, reject, type ItemStep, type ThreadBound } from '../../../engine/pipeline.ts';
import { imagingCodes } from '../codes.ts';
import { deidentify as deidentifyFile, type Deidentified } from '../dicom/deidentify.ts';
import { shiftDates } from '../dicom/date-shift.ts';
import type { DeidentificationNote, DeidentificationRecord } from '../dicom/deidentify-record.ts';
import { bufferSource } from '../../../bytes/byte-source.ts';
import type { Rendition, Walk } from '../dicom/element.ts';
import { harvest, scan } from '../dicom/residual.ts';
import { replaceUid } from '../dicom/uid.ts';
import { verify as verifyFile } from '../dicom/verify.ts';
import { readBack } from '../dicom/verify-reader.ts';
import { isUnreadable, walk } from '../dicom/walk.ts';
import { namedBy, type OpenedFile } from '../file.ts';
import { openOriginal } from '../original.ts';
import type { IdentifiedImage, PackedImage } from '../image.ts';
import type { ImagingTools } from '../tools.ts';
import { openFailure } from './open-failure.ts';

const { finding } = imagingCodes;

type NoteKind = DeidentificationNote['kind'];

/** Renditions up to this size are made in memory at once; larger ones are read from the source. */
const IN_MEMORY_BYTES = 64 * 1024 * 1024;

const STUDY_DATE = 0x00080020;

/** An image whose clean rendition exists, for as long as it is on its thread. */
interface CleanImage extends ThreadBound<IdentifiedImage> {
  readonly opened: OpenedFile;
  readonly source: Walk;
  readonly clean: Deidentified;
  readonly rendition: Rendition;
}

export const deidentify: ItemStep<IdentifiedImage, CleanImage, ImagingTools> = {
  name: 'de-identify',
  apply(image, { item, tools }) {
    let opened: OpenedFile;
    try {
      opened = openOriginal(image.file, tools.key);
    } catch (error) {
      return openFailure(error, item);
    }
    try {
      const source = walk(opened.source);
      if (opened.digest !== image.digest || isUnreadable(source)) {
        opened.close();
        return reject(finding('SourceChanged', {}, { item }));
      }
      const { pseudonym, accession, shiftDays } = image.identity;
      const clean = deidentifyFile(source, {
        profile: tools.profile,
        policyLabel: policyLabel(tools),
        keyedBytes: (domain, value) => tools.key.keyedBytes(domain, value),
        pseudonym,
        accession,
        shiftDays,
      });
      const { rendition, record } = clean;
      return pass(
        { travelsAs: image, opened, source, clean, rendition: inMemory(rendition) },
        ...findingsOf(record, item),
      );
    } catch (error) {
      opened.close();
      throw error;
    }
  },
};

/** What was done about the values of an image, where somebody may want to know. */
function findingsOf({ notes }: DeidentificationRecord, item: number): readonly Finding[] {
  const summary = (...kinds: readonly NoteKind[]): { count: number; tag: string } | null => {
    const some = notes.filter(({ kind }) => kinds.includes(kind));
    const [first] = some;
    const count = some.reduce((sum, note) => sum + note.count, 0);
    return first === undefined ? null : { count, tag: first.tag };
  };
  const findings: Finding[] = [];
  const dates = summary('date-not-shiftable');
  if (dates !== null) {
    findings.push(finding('DateRemoved', { count: dates.count }, { item, tag: dates.tag }));
  }
  const strange = summary('value-not-of-vr', 'vr-not-of-element');
  if (strange !== null) {
    findings.push(finding('ValueNotOfVr', { count: strange.count }, { item, tag: strange.tag }));
  }
  const named = summary('identifier-removed');
  if (named !== null) {
    findings.push(finding('IdentifierTakenOut', { count: named.count }, { item, tag: named.tag }));
  }
  const dated = summary('uid-holds-date');
  if (dated !== null) {
    findings.push(finding('UidHoldsDate', { count: dated.count }, { item, tag: dated.tag }));
  }
  return findings;
}

/** What the output says of itself, and what the verification expects it to say. */
function policyLabel({ policy }: ImagingTools): string {
  return `Lazaret ${policy.name} ${policy.version}`;
}

/** Reads the finished bytes with other code than wrote them, and searches them. */
export const verify: ItemStep<CleanImage, CleanImage, ImagingTools> = {
  name: 'verify',
  apply(value, { item, tools }) {
    const { travelsAs: image, opened, source, rendition } = value;
    try {
      const { pseudonym, accession, shiftDays } = image.identity;
      const back = readBack(rendition);
      const expectation = {
        profile: tools.profile,
        policyLabel: policyLabel(tools),
        pseudonym,
        accession,
        shiftDays,
      };
      const breaches = verifyFile(back, source, expectation);
      const hits = scan(back, harvest(source, namedBy(image.file)), expectation);
      const findings: Finding[] = [];
      if (breaches.length > 0) {
        findings.push(
          finding(
            'ProfileBroken',
            { breaches: distinct(breaches.map(({ kind }) => kind)), count: breaches.length },
            { item, ...placeOf(breaches) },
          ),
        );
      }
      if (hits.length > 0) {
        findings.push(
          finding(
            'IdentifierInOutput',
            { kinds: distinct(hits.map(({ kind }) => kind)), count: hits.length },
            { item, ...placeOf(hits) },
          ),
        );
      }
      if (findings.length === 0) return pass(value);
      opened.close();
      return hold(findings);
    } catch (error) {
      opened.close();
      throw error;
    }
  },
};

/**
 * Compresses the clean image as a member of its archive-to-be, in the staging folder. All images
 * that a thread packs of a batch are ranges of one file: making a file for each, and removing it
 * again, costs more than hashing it. What a step that failed half-way leaves in the file belongs to
 * no part, and nobody reads it.
 */
export const pack: ItemStep<CleanImage, PackedImage, ImagingTools> = {
  name: 'pack',
  endRehearsal: ({ opened }) => opened.close(),
  apply({ travelsAs: image, opened, rendition }, { batch, tools }) {
    const path = join(batch.staging, `${threadId}.parts`);
    const uid = (original: string): string =>
      tools.profile.options.has('retainUids')
        ? original
        : replaceUid(original, (domain, value) => tools.key.keyedBytes(domain, value));
    const { header, identity, digest, size } = image;
    const entry = `${uid(header.seriesUid)}/${uid(header.instanceUid)}.dcm`;
    try {
      const file = openSync(path, 'a', 0o600);
      try {
        const offset = fstatSync(file).size;
        const packed = packMember({
          name: entry,
          content: rendition,
          level: tools.policy.compressionLevel,
          write: (chunk) => writeAll(file, chunk),
        });
        const part = { path, offset, ...packed };
        const { instanceUid } = header;
        const studyDate = shiftedDate(image, tools);
        return pass({ instanceUid, digest, size, identity, studyDate, entry, part });
      } finally {
        closeSync(file);
      }
    } finally {
      opened.close();
    }
  },
};

function inMemory(rendition: Rendition): Rendition {
  if (rendition.size > IN_MEMORY_BYTES) return rendition;
  const source = bufferSource(rendition.read(0, rendition.size));
  return { ...rendition, size: source.size, read: (offset, length) => source.read(offset, length) };
}

/** As the output has it, for the name of the archive: what a rule takes away does not stand there. */
function shiftedDate(
  { header, identity }: IdentifiedImage,
  { profile: { options, rules } }: ImagingTools,
): string {
  if (header.studyDate === '') return '';
  const ruled = rules.get(STUDY_DATE)?.action;
  if (ruled !== undefined && ruled !== 'keep' && ruled !== 'shift') return '';
  // It becomes a part of the archive's name, so it has to be a date whatever else the policy keeps.
  if (options.has('retainLongitudinalFullDates'))
    return shiftDates(header.studyDate, 'DA', 0) ?? '';
  if (!options.has('retainLongitudinalModifiedDates')) return '';
  return shiftDates(header.studyDate, 'DA', identity.shiftDays) ?? '';
}

function writeAll(file: number, chunk: Uint8Array): void {
  let written = 0;
  while (written < chunk.length) written += writeSync(file, chunk, written);
}

function distinct(kinds: readonly string[]): string[] {
  return [...new Set(kinds)].sort();
}

function placeOf(found: readonly { readonly tag?: string }[]): { readonly tag?: string } {
  const tag = found.find((each) => each.tag !== undefined)?.tag;
  return tag === undefined ? {} : { tag };
}
