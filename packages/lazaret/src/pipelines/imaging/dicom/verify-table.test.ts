/**
 * The two readings of the table, side by side, for each of its attributes: what the de-identifier
 * makes of it passes the verification, and the attribute left as it was does not.
 */
import { describe, expect, it } from 'vitest';
import { el, type BuildElement, type BuildValue } from '../../../../../../fixtures/dicom/build.ts';
import { buildSample, passThrough, sampleInput, walkBytes } from './deidentify-sample.ts';
import { deidentify } from './deidentify.ts';
import { lookUp } from './dictionary.ts';
import facts from './facts/confidentiality-profile.json' with { type: 'json' };
import { SUPPORTED_OPTIONS, type SupportedOption } from './profile-options.ts';
import { keepAll, rewrite } from './rewrite.ts';
import { verify } from './verify.ts';

const VALUES: Readonly<Record<string, BuildValue>> = {
  AS: '045Y',
  CS: 'SECRET',
  DA: '20240115',
  DS: '42.5',
  DT: '20240115101112',
  IS: '4711',
  SQ: [
    [
      el('00080100', 'SH', 'SECRET'),
      el('00080102', 'SH', '99LOCAL'),
      el('00080104', 'LO', 'A secret meaning'),
    ],
  ],
  TM: '101112',
  UI: '1.2.826.0.1.3680043.8.498.999',
  AT: [0x00100010],
  FD: [47.11],
  FL: [47.11],
  US: [47],
};

/** Attributes of a data set, those that the policy fills with values of its own left out. */
const OWN = new Set(['00100010', '00100020', '00080050', '00080018']);
const REFERENCES = new Set(['00081111', '00081140', '00082112']);
const attributes = facts
  .map(([tag = '', name = '', basic = '', options = '']) => ({
    tag: tag.replaceAll('x', '0'),
    name,
    // The dictionary is older than the table, and does not have some of its attributes.
    guess: basic === 'U' ? 'UI' : options.includes('M=C') ? 'DT' : 'LO',
  }))
  .filter(({ tag }) => /^[0-9A-F]{8}$/.test(tag) && !OWN.has(tag) && tag > '00030000')
  // Never written, whoever asks: see `rewrite`.
  .filter(({ tag }) => tag !== 'FFFCFFFC')
  .map(({ tag, name, guess }) => {
    const vr = lookUp(Number.parseInt(tag, 16))?.vrs[0] ?? guess;
    const value = VALUES[vr] ?? (/^(?:O.|UN)$/.test(vr) ? Uint8Array.of(4, 7, 1, 1) : 'A secret');
    // Of references the profile wants the UIDs replaced, and nothing else.
    const references = [[el('00081155', 'UI', '1.2.826.0.1.3680043.8.498.999')]];
    return { name, element: el(tag, vr, REFERENCES.has(tag) ? references : value) };
  });

/** The sample, de-identified, with the element as it was in the source. */
function verifyLeak(element: BuildElement, options: readonly SupportedOption[]): readonly string[] {
  const source = walkBytes(buildSample([element]));
  const input = sampleInput(options);
  const { rendition } = deidentify(source, input);
  const clean = walkBytes(rendition.read(0, rendition.size));
  const tag = Number.parseInt(element.tag, 16);
  const original = source.elements.find((candidate) => candidate.tag === tag);
  if (original === undefined) throw new Error('The sample lost its element.');
  const read = (from: typeof source, at: typeof original): Uint8Array =>
    from.source.read(at.valueOffset, at.valueLength);
  const leaky = rewrite(clean, keepAll, {
    meta: clean.meta.map((meta) => ({ tag: meta.tag, vr: meta.vr, value: read(clean, meta) })),
    insert: [{ tag, vr: original.vr, value: read(source, original) }],
  });
  return verify(leaky, source, input).map((breach) => breach.tag ?? breach.kind);
}

describe('each attribute of the table', () => {
  it('is tried, but for the few that are never written or have a value of the policy’s', () => {
    expect(attributes.length).toBe(621 - 9);
  });

  it('is made such that the verification is content, under each option and all of them', () => {
    const whole = buildSample(attributes.map(({ element }) => element));
    const sets: (readonly SupportedOption[])[] = [
      [],
      ...SUPPORTED_OPTIONS.map((option) => [option]),
      SUPPORTED_OPTIONS.filter((option) => option !== 'retainLongitudinalFullDates'),
      SUPPORTED_OPTIONS.filter((option) => option !== 'retainLongitudinalModifiedDates'),
    ];
    for (const options of sets) {
      expect(passThrough(whole, sampleInput(options)).breaches, options.join()).toEqual([]);
    }
  });

  it('is noticed when it is left as it was', () => {
    const missed = attributes.filter(({ element }) => verifyLeak(element, []).length === 0);
    expect(missed.map(({ name }) => name)).toEqual([]);
  });

  it('is noticed when a date that should have moved has not', () => {
    const dates = attributes.filter(({ element }) => element.vr === 'DA' || element.vr === 'DT');
    expect(dates.length).toBeGreaterThan(80);
    const missed = dates.filter(
      ({ element }) => verifyLeak(element, ['retainLongitudinalModifiedDates']).length === 0,
    );
    expect(missed.map(({ name }) => name)).toEqual([]);
  });
});
