/** *Find*: files as stretches of records. The checkpoint is where the last stretch ended. */
import type { Arrivals, Source } from '../../engine/pipeline.ts';
import { filesOf, type FormsConfiguration } from './configure.ts';
import { isEncodingUnclear } from './reading/encoding.ts';
import { formsOfFile } from './reading/file-forms.ts';
import { isSameStamp, openFormFile, signatureOf, type FormFile } from './reading/form-file.ts';
import { cutPiece, readLayout } from './reading/layout.ts';
import { MAX_STRETCH_BYTES } from './reading/limits.ts';
import type { Flaw, Layout, Stretch, StretchContent } from './reading/stretch.ts';
import { compileSchema } from './schema/record-schema.ts';

interface Checkpoint {
  readonly file: number;
  /** Null: the file has not been begun. */
  readonly stretch: Stretch | null;
}

/** @param location the files, as the command line names them */
export function fileSource({ study, module }: FormsConfiguration, location: string): Source {
  const files = filesOf(location);
  const schemas = new Map(study.modules.map((form) => [form.name, compileSchema(form)]));
  return {
    next(given) {
      const { file, stretch } = (given ?? { file: 0, stretch: null }) as Checkpoint;
      const isThrough = stretch?.isLast === true;
      const number = isThrough ? file + 1 : file;
      const path = files[number];
      if (path === undefined) return Promise.resolve(null);
      const forms = formsOfFile({ study, module }, schemas, path);
      const next =
        forms.refusal === null
          ? nextStretch(path, number, isThrough ? null : stretch, forms.known)
          : flawedRest(number, null, 'file-not-taken', forms.refusal);
      return Promise.resolve(arrivalsOf({ path, stretch: next }));
    },
  };
}

function arrivalsOf(content: StretchContent): Arrivals {
  const { stretch } = content;
  const { records, start, end, file } = stretch;
  const bytes = Uint8Array.from(Buffer.from(JSON.stringify(content)));
  return {
    batch: null,
    lot: { items: records, bytes: end - start, content: bytes },
    checkpoint: { file, stretch } satisfies Checkpoint,
  };
}

/** A stretch comes of every file, of an empty one too: somebody has to say that it is. */
function nextStretch(
  path: string,
  number: number,
  before: Stretch | null,
  known: readonly string[],
): Stretch {
  const file = openFormFile(path);
  if (file === null) return flawedRest(number, before, 'file-gone');
  try {
    if (before !== null && !isSameStamp(before.stamp, file.stamp)) {
      return flawedRest(number, before, 'file-changed');
    }
    return before === null ? firstStretch(path, file, number, known) : cutStretch(file, before);
  } finally {
    file.close();
  }
}

function firstStretch(
  path: string,
  file: FormFile,
  number: number,
  known: readonly string[],
): Stretch {
  const { stamp } = file;
  const head = file.read(0, MAX_STRETCH_BYTES);
  const likely = signatureOf(head);
  if (likely !== null) {
    const rest = flawedRest(number, null, 'file-not-text', likely);
    return { ...rest, stamp, end: stamp.size };
  }
  if (isEncodingUnclear(head)) {
    return { ...flawedRest(number, null, 'encoding-unclear'), stamp, end: stamp.size };
  }
  const layout = readLayout(path, head, head.length >= stamp.size, known);
  const from = { offset: layout.bodyOffset, line: layout.bodyLine, record: 1 };
  const piece = cutPiece(file, layout, from);
  return { file: number, stamp, layout, isFirst: true, ...piece };
}

function cutStretch(file: FormFile, before: Stretch): Stretch {
  const { file: number, stamp, layout, end, firstLine, lines, firstRecord, records } = before;
  const from = { offset: end, line: firstLine + lines, record: firstRecord + records };
  const rest = layout.format === 'csv' ? { ...layout, namePlaces: [] } : layout;
  return { file: number, stamp, layout: rest, isFirst: false, ...cutPiece(file, layout, from) };
}

/** One record that stands for all that there may have been. */
function flawedRest(
  file: number,
  before: Stretch | null,
  kind: Flaw['kind'],
  detail = '',
): Stretch {
  const at = {
    line: before === null ? 1 : before.firstLine + before.lines,
    offset: before?.end ?? 0,
  };
  return {
    file,
    stamp: before?.stamp ?? { size: 0, modified: '', inode: '' },
    layout: before?.layout ?? NO_LAYOUT,
    ...{ start: at.offset, end: at.offset, firstLine: at.line, lines: 0, records: 1 },
    firstRecord: before === null ? 1 : before.firstRecord + before.records,
    ...{ isFirst: before === null, isLast: true, checksum: 0 },
    flaw: { kind, ...at, column: null, detail },
  };
}

const NO_LAYOUT: Layout = {
  ...{ format: 'csv', encoding: 'utf-8', delimiter: ',', columns: [] },
  ...{ namePlaces: [], bodyOffset: 0, bodyLine: 1 },
  problem: { kind: 'header-broken' },
};
