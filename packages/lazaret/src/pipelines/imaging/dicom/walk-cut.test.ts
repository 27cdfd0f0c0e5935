import { describe, expect, it } from 'vitest';
import {
  build,
  el,
  type BuildElement,
  type Syntax,
} from '../../../../../../fixtures/dicom/build.ts';
import { bufferSource } from '../../../bytes/byte-source.ts';
import { SAMPLE_ELEMENTS } from './deidentify-sample.ts';
import type { Element } from './element.ts';
import { isUnreadable, walk } from './walk.ts';

const NESTED: readonly BuildElement[] = [false, true].map((undefinedLength, index) =>
  el(
    index === 0 ? '00400275' : '00400555',
    'SQ',
    [
      [el('00321060', 'LO', 'Thorax'), el('00400007', 'LO', 'A description of some length')],
      [
        el('00400008', 'SQ', [[el('00080100', 'SH', 'CODE-1'), el('00080104', 'LO', 'Meaning')]], {
          undefinedLength,
        }),
      ],
    ],
    { undefinedLength },
  ),
);
const PIXELS = el('7FE00010', 'OW', Buffer.alloc(4000, 3));

function sample(syntax: Syntax): Buffer {
  const others = SAMPLE_ELEMENTS.filter(({ tag }) => tag !== PIXELS.tag);
  return build(
    [...others, ...NESTED, PIXELS].toSorted((a, b) => (a.tag < b.tag ? -1 : 1)),
    {
      syntax,
    },
  );
}

/** All elements with a value, pixels left out. */
function plainElements(bytes: Buffer): readonly Element[] {
  const walked = walk(bufferSource(bytes));
  if (isUnreadable(walked)) throw new Error('The sample is sound.');
  const flatten = (elements: readonly Element[]): Element[] =>
    elements.flatMap((element) =>
      element.items === undefined
        ? [element]
        : element.items.flatMap((item) => flatten(item.elements)),
    );
  return flatten(walked.elements).filter(
    ({ tag, valueLength }) => tag !== 0x7fe00010 && valueLength >= 4,
  );
}

function kindsOf(bytes: Uint8Array): readonly string[] {
  const walked = walk(bufferSource(bytes));
  if (isUnreadable(walked)) return [walked.unreadable];
  return [...new Set(walked.forgiven.map(({ kind }) => kind))];
}

const syntaxes: readonly Syntax[] = ['explicit-le', 'explicit-be', 'implicit-le'];

describe.each(syntaxes)('a file in %s', (syntax) => {
  const whole = sample(syntax);
  const elements = plainElements(whole);

  it('is known to be cut, in whatever value that happened', () => {
    expect(elements.length).toBeGreaterThan(25);
    for (const { tag, valueOffset } of elements) {
      expect(kindsOf(whole.subarray(0, valueOffset + 2)), tag.toString(16)).toEqual(['file-cut']);
    }
  });

  it('is known to be cut within a header', () => {
    const top = elements.find(({ tag }) => tag === 0x00100020);
    for (const bytes of [3, 5, 7]) {
      expect(kindsOf(whole.subarray(0, (top?.offset ?? 0) + bytes))).toEqual(['file-cut']);
    }
  });

  it('is in doubt, and not cut, where a length runs to its end over other elements', () => {
    for (const { tag, offset, valueOffset } of elements) {
      const long = syntax === 'implicit-le' || valueOffset - offset === 12;
      const bytes = Buffer.from(whole);
      if (!long) bytes.fill(0xff, valueOffset - 2, valueOffset);
      else if (syntax === 'explicit-be') bytes.writeUInt32BE(1_000_000, valueOffset - 4);
      else bytes.writeUInt32LE(1_000_000, valueOffset - 4);
      const kinds = kindsOf(bytes);
      expect(kinds.length, tag.toString(16)).toBeGreaterThan(0);
      expect(kinds, tag.toString(16)).not.toContain('file-cut');
      expect(kinds, tag.toString(16)).not.toContain('truncated');
    }
  });
});
