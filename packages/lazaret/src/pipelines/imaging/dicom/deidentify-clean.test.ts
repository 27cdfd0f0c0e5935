import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { el, type BuildElement } from '../../../../../../fixtures/dicom/build.ts';
import { cleanValue } from './deidentify-clean.ts';
import { identityOf, type SourceIdentity } from './deidentify-identity.ts';
import { buildSample, walkBytes } from './deidentify-sample.ts';
import { screenValue } from './deidentify-screen.ts';
import type { Vocabulary } from './profile.ts';
import { wordsOf } from './profile-vocabulary.ts';

const SERIES = 0x0008103e;

function identity(elements: readonly BuildElement[] = []): SourceIdentity {
  return identityOf(walkBytes(buildSample(elements)), {
    keepsInstitution: false,
    keepsDates: false,
  });
}

const clean = (value: string, source = identity(), vocabulary?: Vocabulary): string =>
  cleanValue(value, SERIES, wordsOf(new Map(vocabulary && [[SERIES, vocabulary]])), source);

describe('cleaned text', () => {
  it.each([
    'Thorax routine 5.0 mm',
    'T1w 3D MPRAGE sag',
    'AX T2 FLAIR',
    'ABDOMEN/PELVIS W/O CONTRAST',
    'Axial 1.25 STANDARD',
    'Kopf nativ',
    'Schädel',
    'CT chest abdomen pelvis',
    'L5/S1',
    'ep2d_diff b1000 TRACEW'.replace('ep2d_', ''),
  ])('keeps %s as it is', (value) => {
    expect(clean(value)).toBe(value);
  });

  it.each([
    ['CT chest abdomen pelvis - 55F Dr. Smith', 'CT chest abdomen pelvis'],
    ['Thorax of Musterfrau', 'Thorax of'],
    ['Thorax seen by Dr. Hand', 'Thorax seen'],
    ['Head 1961', 'Head'],
    ['Knee 23.05.61', 'Knee'],
    ['Knee 05/61', 'Knee'],
    ['Chest 030-1234567', 'Chest'],
    ['Chest 12 34 56', 'Chest'],
    ['Liver 62Y', 'Liver'],
    ['Liver 55M', 'Liver'],
    ['MRN0081234 Brain', 'Brain'],
    ['Erika.Musterfrau@example.org brain', 'brain'],
    ['brain\r\nOttokar Zwetschke\r\nspine', 'brain spine'],
    ['Zwetschke', ''],
    ['--- ', ''],
    ['4711', ''],
  ])('of %j leaves %j', (value, left) => {
    expect(clean(value)).toBe(left);
  });

  it('does not keep what names somebody in this source, known word or not', () => {
    const source = identity([
      el('00100010', 'PN', 'Hand^Long'),
      el('00081070', 'PN', 'Head^Young'),
      el('00080050', 'SH', '2'),
    ]);
    expect(clean('Long head and hand 2 mm', source)).toBe('and mm');
    expect(clean('Long head and hand 2 mm')).toBe('Long head and hand 2 mm');
    expect(clean('hand', source, { values: new Set(['hand']), words: new Set() })).toBe('');
  });

  it('knows the words and the values of the policy, in any script and case', () => {
    const vocabulary = {
      values: new Set(['Studie 4711-XY']),
      words: new Set(['βραγχος', '胸部', 'quux']),
    };
    expect(clean('studie  4711-xy', identity(), vocabulary)).toBe('studie  4711-xy');
    expect(clean('胸部 CT 山田', identity(), vocabulary)).toBe('胸部 CT');
    expect(clean('Βραγχος Quux Zwetschke', identity(), vocabulary)).toBe('Βραγχος Quux');
  });

  it('never has a word in it that the source names, nor four digits in a row', () => {
    const source = identity();
    const words = fc.constantFrom(
      ...['Musterfrau', 'erika', 'MRN-0081234', 'ACC4711007', 'Wiesenthal', 'Saint', 'Elsewhere'],
      ...['thorax', 'CT', '5', 'mm', '19610523', '23.5.1961', 'Dr.', '', '-', '^', '\t', 'T2'],
    );
    const texts = fc
      .array(fc.tuple(words, fc.constantFrom(' ', '', '_', '^', '-', '\r\n')), { maxLength: 8 })
      .map((parts) => parts.flat().join(''));
    fc.assert(
      fc.property(texts, (text) => {
        const left = clean(text, source);
        expect(left).not.toMatch(/muster|erika|81234|4711|wiesen|elsewhere|1961|\d{4}/i);
        // What is clean stays clean: cleaning twice changes nothing.
        expect(clean(left, source)).toBe(left);
      }),
      { numRuns: 500 },
    );
  });
});

describe('screened text', () => {
  const screen = (value: string, tag = 0x00181250, code = false, source = identity()): string =>
    screenValue(value, tag, source, code);

  it.each(['B30f', '*fl3d1_ns', 'syngo CT VA44A', 'SOMATOM Definition AS+', 'V 2.1', 'Br40d\\3'])(
    'keeps %s, which no vocabulary knows',
    (value) => {
      expect(screen(value)).toBe(value);
    },
  );

  it.each([
    ['HEAD Musterfrau COIL', 'HEAD COIL'],
    ['Coil of M.u.s.t.e.r.f.r.a.u', 'Coil of'],
    ['Coil M u s t e r f r a u', ''],
    ['x-Erika-1', ''],
    ['Body MRN0081234', 'Body'],
    ['of 1.2.826.0.1.3680043.8.498.1001', 'of'],
    ['a@b.org coil', 'coil'],
  ])('of %j leaves %j', (value, left) => {
    expect(screen(value)).toBe(left);
  });

  it('leaves terms of the standard in their elements, whoever is called so', () => {
    const source = identity([el('00100010', 'PN', 'Head^Stan'), el('00100020', 'LO', 'AXIAL')]);
    expect(screen('HEAD', 0x00180015, true, source)).toBe('HEAD');
    expect(screen('STANDARD', 0x00181210, true, source)).toBe('STANDARD');
    expect(screen('AXIAL', 0x00080008, true, source)).toBe('AXIAL');
    expect(screen('HEAD COIL', 0x00181250, false, source)).toBe('COIL');
    expect(screen('STAN', 0x00181160, true, source)).toBe('');
  });
});

describe('the identity of a source', () => {
  it('reads names in every script, with umlauts spelt out or dropped', () => {
    const source = identity([el('00100010', 'PN', 'Grünewälder^Jörg=山田^太郎')]);
    for (const word of ['grunewalder', 'gruenewaelder', 'joerg', 'jorg', '山田', '太郎']) {
      expect(source.isNamed(word), word).toBe(true);
    }
  });

  it('finds names in items, under a wrong VR, and as parts of a longer word', () => {
    const source = identity([
      el('00081140', 'SQ', [[el('00081048', 'LO', 'Zwetschke^Anna')]]),
      el('00102154', 'SH', '+49 30 1234567'),
    ]);
    expect(source.isWithin('drzwetschkeview')).toBe(true);
    expect(source.isWithin('0301234567')).toBe(true);
    expect(source.isWithin('23may1961')).toBe(true);
    expect(source.isWithin('thorax')).toBe(false);
  });
});
