import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { sharedFolder } from '../../../../../../fixtures/shared.ts';
import { bufferSource, openFileSource } from '../../../bytes/byte-source.ts';
import type { Element } from './element.ts';
import { keepAll, rewrite } from './rewrite.ts';
import { isUnreadable, walk } from './walk.ts';

/** Real files that break readers. Without them these tests are skipped, and vitest says so. */
const corpus = sharedFolder === null ? null : join(sharedFolder, 'corpora', 'dicom');
const present = corpus !== null && existsSync(corpus);
const PYTHON = '/usr/bin/python3';

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile())
    .sort();
}

const paths = present && corpus !== null ? filesBelow(corpus) : [];
const nameOf = (path: string): string => relative(corpus ?? '', path);

/** Everything forgiven in the corpus, file by file; every other file is walked without a word. */
const FORGIVEN: Readonly<Record<string, readonly string[]>> = {
  // The group length of group 0010 counts one element more than there is.
  'charset_files/chrJapMulti.dcm': ['group-length-wrong'],
  // JPEG by its transfer syntax, implicit by its bytes.
  'test_files/SC_rgb_jpeg.dcm': ['syntax-contradicted'],
  // The directory's records go on beyond the end of the file.
  'test_files/dicomdirtests/DICOMDIR-nooffset': ['file-cut'],
  // No transfer syntax, and a private value of nine bytes.
  'test_files/meta_missing_tsyntax.dcm': ['syntax-missing', 'odd-length'],
  // Cut in the middle of a beam sequence.
  'test_files/rtplan_truncated.dcm': ['file-cut'],
};

/** Tag, VR, bytes, items; like the listing of `list-elements.py`. */
type Listed = [string, string | null, number | null, Listed[][] | null];

function list(elements: readonly Element[]): Listed[] {
  return elements.map(({ tag, vr, valueLength, items }) => [
    tag.toString(16).toUpperCase().padStart(8, '0'),
    vr,
    items === undefined ? valueLength : null,
    items?.map((item) => list(item.elements)) ?? null,
  ]);
}

/** Odd values are padded when they are written. */
function padded(listed: readonly Listed[]): Listed[] {
  return listed.map(([tag, vr, length, items]) => [
    tag,
    vr,
    length === null ? null : length + (length % 2),
    items?.map(padded) ?? null,
  ]);
}

/** Where pydicom sees something else, and why we are right not to. */
const DIFFERENCES: Readonly<Record<string, string>> = {
  // Referenced RT Plan Sequence as UN: we look into it (PS3.5 section 6.2.2), pydicom, as it was
  // told for the sake of the other VRs, does not.
  'test_files/rtdose_rle.dcm': '300C0002: other items',
  'test_files/rtdose_rle_1frame.dcm': '300C0002: other items',
};

describe.skipIf(!present)('the corpus of files that break readers', () => {
  it('has the files that these tests were written for', () => {
    expect(paths.length).toBeGreaterThanOrEqual(80);
  });

  it('is walked whole, but for what is no DICOM', () => {
    const unreadable = paths
      .map((path) => ({ path, result: walk(bufferSource(readFileSync(path))) }))
      .filter(({ result }) => isUnreadable(result))
      .map(({ path }) => nameOf(path));
    expect(unreadable).toEqual(paths.map(nameOf).filter((name) => name.endsWith('README.txt')));
  });

  it('needs forgiveness only where it is known why', () => {
    const forgiven: Record<string, string[]> = {};
    for (const path of paths) {
      const result = walk(bufferSource(readFileSync(path)));
      if (isUnreadable(result) || result.forgiven.length === 0) continue;
      forgiven[nameOf(path)] = [...new Set(result.forgiven.map(({ kind }) => kind))];
    }
    expect(forgiven).toEqual(FORGIVEN);
  });

  it('is walked alike from memory and from a file through a window', () => {
    for (const path of paths) {
      const file = openFileSource(path);
      try {
        const fromFile = { ...walk(file), source: null };
        const fromMemory = { ...walk(bufferSource(readFileSync(path))), source: null };
        expect(fromFile, nameOf(path)).toEqual(fromMemory);
      } finally {
        file.close();
      }
    }
  });

  it('holds the same elements after it was written anew, and nothing is left to forgive', () => {
    for (const path of paths) {
      const before = walk(bufferSource(readFileSync(path)));
      if (isUnreadable(before)) continue;
      const written = rewrite(before, keepAll, { meta: [] });
      const after = walk(bufferSource(written.read(0, written.size)));
      if (isUnreadable(after)) throw new Error(`${nameOf(path)} cannot be read again`);
      const kept = list(before.elements).filter(
        ([tag]) => !tag.endsWith('0000') && tag !== 'FFFCFFFC',
      );
      expect(list(after.elements), nameOf(path)).toEqual(padded(kept));
      expect(after.forgiven, nameOf(path)).toEqual([]);
    }
  });
});

const pydicom = ((): boolean => {
  if (!existsSync(PYTHON)) return false;
  try {
    execFileSync(PYTHON, ['-c', 'import pydicom'], { stdio: 'ignore' });
    return true;
  } catch {
    // Not installed: the comparison is skipped, and vitest says so.
    return false;
  }
})();

describe.skipIf(!present || !pydicom)('the corpus, compared with pydicom', () => {
  it('has the same elements, lengths and nesting', () => {
    const script = fileURLToPath(
      new URL('../../../../../../fixtures/dicom/list-elements.py', import.meta.url),
    );
    const lines = execFileSync(PYTHON, [script], {
      input: paths.join('\n'),
      encoding: 'utf8',
      maxBuffer: 1 << 28,
    }).split('\n');
    const differences: Record<string, string> = {};
    paths.forEach((path, index) => {
      const ours = walk(bufferSource(readFileSync(path)));
      const theirs = JSON.parse(lines[index] ?? 'null') as Listed[] | string;
      if (isUnreadable(ours)) return;
      if (typeof theirs === 'string') {
        differences[nameOf(path)] = theirs;
        return;
      }
      const difference = compare(list(ours.elements), theirs, ours.syntax.explicit);
      if (difference !== null) differences[nameOf(path)] = difference;
    });
    expect(differences).toEqual(DIFFERENCES);
  });
});

/**
 * The first difference, or null. VRs are compared where the file gives them, and lengths where pydicom
 * still knows them: it takes some elements apart while it reads.
 */
function compare(
  ours: readonly Listed[],
  theirs: readonly Listed[],
  explicit: boolean,
): string | null {
  if (ours.length !== theirs.length) return `${ours.length} elements and not ${theirs.length}`;
  for (const [index, [tag, vr, length, items]] of [...ours]
    .sort((a, b) => (String(a) < String(b) ? -1 : 1))
    .entries()) {
    const [otherTag, otherVr, otherLength, otherItems] = theirs[index] ?? ['', null, null, null];
    if (tag !== otherTag) return `${tag} and not ${otherTag}`;
    if (explicit && otherVr !== null && vr !== otherVr) return `${tag}: ${vr} and not ${otherVr}`;
    if (items?.length !== otherItems?.length) return `${tag}: other items`;
    if (otherLength !== null && length !== otherLength)
      return `${tag}: ${length} and not ${otherLength}`;
    for (const [number, item] of (items ?? []).entries()) {
      const nested = compare(item, otherItems?.[number] ?? [], explicit);
      if (nested !== null) return `${tag}[${number}].${nested}`;
    }
  }
  return null;
}
