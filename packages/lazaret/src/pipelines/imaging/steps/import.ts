/**
 * *Import*: is it DICOM, and what does its header say? Whatever is wrong with one file is recorded
 * on it, and the others go on.
 */
import type { Finding } from '@lazaret/faults';
import {
  hold,
  pass,
  reject,
  skip,
  type ItemResult,
  type ItemStep,
} from '../../../engine/pipeline.ts';
import { engineCodes } from '../../../engine/codes.ts';
import { imagingCodes } from '../codes.ts';
import type { Unreadable } from '../dicom/element.ts';
import { findDoubts } from '../dicom/forgiveness.ts';
import { isUnreadable, walk } from '../dicom/walk.ts';
import type { ForgivenKind } from '../dicom/forgiven-kinds.ts';
import { systemFileOf } from '../file.ts';
import { openOriginal } from '../original.ts';
import { readHeader } from '../header.ts';
import { safeFacts } from '../safe-facts.ts';
import type { FileArrival, Image } from '../image.ts';
import type { ImagingTools } from '../tools.ts';
import { openFailure } from './open-failure.ts';

const { finding } = imagingCodes;

/** Media Storage Directory Storage (PS3.10 section 8.6): an index, never an image. */
const DICOMDIR_CLASS = '1.2.840.10008.1.3.10';

export const importFile: ItemStep<FileArrival, Image, ImagingTools> = {
  name: 'import',
  apply(file, { item, tools }) {
    if (file.kind !== 'file') {
      return skip(finding('NotARegularFile', { kind: file.kind }, { item }));
    }
    const systemFile = systemFileOf(file);
    if (systemFile !== null) return skip(finding('SystemFile', { name: systemFile }, { item }));
    if (file.size > tools.policy.maxFileBytes) {
      return hold(finding('LimitReached', { limit: 'maxFileBytes' }, { item }));
    }
    try {
      return read(file, item, tools);
    } catch (error) {
      return openFailure(error, item);
    }
  },
};

/** What of a file is missing cannot be made up for by anybody here: the sender has to send it. */
const INCOMPLETE: ReadonlySet<ForgivenKind> = new Set([
  'truncated-pixels',
  'deflate-truncated',
  'file-cut',
]);

function read(file: FileArrival, item: number, tools: ImagingTools): ItemResult<Image> {
  const { maxFileBytes: maxBytes } = tools.policy;
  const opened = openOriginal(file, tools.key);
  try {
    const { source, digest } = opened;
    // It may have grown since it was listed.
    if (source.size > maxBytes) {
      return hold(finding('LimitReached', { limit: 'maxFileBytes' }, { item }));
    }
    if (file.expected !== undefined && file.expected !== digest) {
      return reject(finding('SourceChanged', {}, { item }));
    }
    const walked = walk(source);
    if (isUnreadable(walked)) return unreadable(walked, item);
    const header = readHeader(walked);
    if (header.mediaClass === DICOMDIR_CLASS) return skip(finding('DicomDirectory', {}, { item }));
    const cut = walked.forgiven.find(({ kind }) => INCOMPLETE.has(kind));
    if (cut !== undefined) {
      const { tag } = cut;
      const place = { item, offset: source.size, ...(tag === undefined ? {} : { tag }) };
      return reject(finding('FileTruncated', { offset: source.size }, place));
    }
    const doubts = findDoubts(walked.forgiven);
    const [first] = doubts;
    const image: Image = {
      file,
      digest,
      size: source.size,
      header: header.image,
      facts: safeFacts(walked, header.image.sopClass),
      doubt:
        first === undefined
          ? null
          : {
              kinds: [...new Set(doubts.map(({ kind }) => kind))],
              ...(first.tag === undefined ? {} : { tag: first.tag }),
              offset: first.offset,
            },
    };
    const { inPlaceOf } = opened;
    if (inPlaceOf === null) return pass(image);
    return pass(image, engineCodes.finding('ReadFromCopy', { cause: inPlaceOf }, { item }));
  } finally {
    opened.close();
  }
}

function unreadable(why: Unreadable, item: number): ItemResult<Image> {
  const place = {
    item,
    offset: why.offset,
    ...(why.tag === undefined ? {} : { tag: why.tag }),
  };
  const cannotBeUsed = (found: Finding): ItemResult<Image> => reject(found);
  switch (why.unreadable) {
    case 'empty':
      return cannotBeUsed(finding('FileEmpty', {}, place));
    case 'not-dicom':
      return cannotBeUsed(finding('NotDicom', {}, { item }));
    case 'truncated':
      return cannotBeUsed(finding('FileTruncated', { offset: why.offset }, place));
    case 'malformed':
      return cannotBeUsed(finding('FileMalformed', { offset: why.offset }, place));
    case 'unsupported-syntax':
      return hold(finding('SyntaxNotSupported', {}, place));
    case 'limit':
      return hold(finding('LimitReached', { limit: why.limit ?? 'unknown' }, place));
    default:
      return why.unreadable satisfies never;
  }
}
