import { describe, expect, it } from 'vitest';
import {
  build,
  el,
  type BuildElement,
  type Syntax,
} from '../../../../../../fixtures/dicom/build.ts';
import { bufferSource } from '../../../bytes/byte-source.ts';
import { characterSet, DEFAULT_CHARACTER_SET } from './character-set.ts';
import type { Element, Walk } from './element.ts';
import { find, readCharacterSet, readNumbers, readStrings, readText } from './read-value.ts';
import { isUnreadable, walk } from './walk.ts';

function only(element: BuildElement, syntax: Syntax = 'explicit-le'): [Walk, Element] {
  const result = walk(bufferSource(build([element], { syntax })));
  if (isUnreadable(result) || result.elements[0] === undefined) throw new Error('unreadable');
  return [result, result.elements[0]];
}

describe('values', () => {
  it('of text are divided and trimmed as their VR demands', () => {
    const strings = (vr: string, value: string, tag = '00091001'): string[] =>
      readStrings(...only(el(tag, vr, value)), DEFAULT_CHARACTER_SET);
    expect(strings('LO', ' a \\b  ')).toEqual(['a', 'b']);
    expect(strings('UI', '1.2\\1.3\0')).toEqual(['1.2', '1.3']);
    expect(strings('LT', ' a \\b ')).toEqual([' a \\b']);
    expect(strings('UC', ' a \\b ')).toEqual([' a', 'b']);
    expect(strings('DS', '1\\\\2')).toEqual(['1', '', '2']);
    expect(strings('LO', '')).toEqual([]);
    expect(strings('LO', '  ')).toEqual([]);
    expect(readText(...only(el('00091001', 'LO', 'a\\b ')), DEFAULT_CHARACTER_SET)).toBe('a\\b');
  });

  it('of numbers are read in the byte order of the file', () => {
    for (const syntax of ['explicit-le', 'explicit-be'] as const) {
      const numbers = (vr: string, value: number[]): number[] =>
        readNumbers(...only(el('00091001', vr, value), syntax));
      expect(numbers('US', [1, 65535])).toEqual([1, 65535]);
      expect(numbers('SS', [-1, 2])).toEqual([-1, 2]);
      expect(numbers('UL', [4294967295])).toEqual([4294967295]);
      expect(numbers('SL', [-7])).toEqual([-7]);
      expect(numbers('FL', [1.5])).toEqual([1.5]);
      expect(numbers('FD', [0.1, -2])).toEqual([0.1, -2]);
    }
    expect(readNumbers(...only(el('00180050', 'DS', '1.5\\-2e1 ')))).toEqual([1.5, -20]);
    expect(readNumbers(...only(el('00200013', 'IS', 'x')))).toEqual([Number.NaN]);
    expect(readNumbers(...only(el('00091001', 'LO', '12')))).toEqual([]);
  });

  it('take the character set of their item, else of what is around it', () => {
    const [result] = only(el('00080005', 'CS', 'ISO_IR 144'));
    const outer = characterSet(['ISO_IR 100']);
    expect(readCharacterSet(result, result.elements, outer).terms).toEqual(['ISO_IR 144']);
    expect(readCharacterSet(result, [], outer)).toBe(outer);
    expect(find(result.elements, 0x00080005)?.vr).toBe('CS');
    expect(find(result.elements, 0x00080016)).toBeUndefined();
  });
});
