/**
 * Whatever a file is made of, nothing of the patient comes out: identifiers are planted in elements
 * of every kind and depth, and then either gone or the image is held.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { el, type BuildElement, type Syntax } from '../../../../../../fixtures/dicom/build.ts';
import { buildSample, passThrough, sampleInput } from './deidentify-sample.ts';
import type { ElementRule, RuleAction } from './profile.ts';
import { SUPPORTED_OPTIONS } from './profile-options.ts';

const SECRETS = ['Musterfrau', 'Erika', '0081234', 'ACC4711007', 'Wiesenthal', '19610523'];

/** Elements that the table removes, empties or replaces, and some that it does not name. */
const HIDING_PLACES: readonly (readonly [string, string])[] = [
  ...([
    ['00081030', 'LO'],
    ['00081048', 'PN'],
    ['00081070', 'PN'],
    ['00084000', 'LT'],
  ] as const),
  ...([
    ['00101000', 'LO'],
    ['00101040', 'LO'],
    ['001021B0', 'LT'],
    ['00104000', 'LT'],
  ] as const),
  ...([
    ['00181030', 'LO'],
    ['00204000', 'LT'],
    ['00321060', 'LO'],
    ['00380300', 'LO'],
  ] as const),
  ...([
    ['00400254', 'LO'],
    ['00401002', 'LO'],
    ['0040A123', 'PN'],
    ['00140104', 'PN'],
  ] as const),
  ...([
    ['00091001', 'LO'],
    ['00291010', 'UN'],
    ['00082345', 'LO'],
    ['00080010', 'SH'],
  ] as const),
  ...([
    ['0040A160', 'UT'],
    ['00700006', 'ST'],
    ['00080104', 'LO'],
    ['00181210', 'SH'],
  ] as const),
  ...([
    ['00180015', 'CS'],
    ['00180050', 'DS'],
    ['00201208', 'IS'],
    ['50000022', 'LO'],
  ] as const),
  ...([
    ['00184000', 'LT'],
    ['00102160', 'SH'],
    ['00120040', 'LO'],
    ['60004000', 'LT'],
  ] as const),
];

/** Sequences to hide in: kept ones, replaced ones, removed ones, private ones, in one another. */
const SEQUENCES = [
  '00081140',
  '00081199',
  '0008114A',
  '0040A730',
  '00400275',
  '52009229',
  '00091010',
  '00081111',
  '00700001',
  '00081032',
  '00400555',
];

const planted: fc.Arbitrary<BuildElement> = fc
  .tuple(
    fc.constantFrom(...HIDING_PLACES),
    fc.constantFrom(...SECRETS),
    fc.constantFrom('', 'of ', 'x'),
  )
  .map(([[tag, vr], secret, before]) =>
    vr === 'UN' ? el(tag, vr, Buffer.from(before + secret)) : el(tag, vr, before + secret),
  );

function uniqueByTag(elements: readonly BuildElement[]): BuildElement[] {
  const byTag = new Map(elements.map((element) => [element.tag, element]));
  return [...byTag.values()].sort((a, b) => (a.tag < b.tag ? -1 : 1));
}

const { tree } = fc.letrec<{ tree: BuildElement; item: BuildElement[] }>((tie) => ({
  item: fc
    .array(fc.oneof({ depthSize: 'small' }, planted, tie('tree')), { maxLength: 4 })
    .map(uniqueByTag),
  tree: fc
    .tuple(fc.constantFrom(...SEQUENCES), fc.array(tie('item'), { maxLength: 3 }), fc.boolean())
    .map(([tag, items, undefinedLength]) => el(tag, 'SQ', items, { undefinedLength })),
}));

const dataSet = fc.array(fc.oneof(planted, tree), { maxLength: 8 }).map(uniqueByTag);
const syntaxes = fc.constantFrom<Syntax>('explicit-le', 'implicit-le', 'explicit-be');
/** Full dates and moved ones exclude each other. */
const options = fc.uniqueArray(
  fc.constantFrom(...SUPPORTED_OPTIONS.filter((name) => name !== 'retainLongitudinalFullDates')),
);

const RULED = ['0008103E', '00104000', '00181030', '00081090', '00181210', '00081111', '0040A730'];
const rules = fc
  .uniqueArray(
    fc.tuple(
      fc.constantFrom(...RULED),
      fc.constantFrom<RuleAction>('remove', 'empty', 'dummy', 'clean'),
    ),
    { selector: ([tag]) => tag },
  )
  .map((given) => {
    const made = given.map(([tag, action]): readonly [number, ElementRule] => {
      const number = Number.parseInt(tag, 16);
      return [number, { tag: number, action, reason: 'a test' }];
    });
    return new Map(made);
  });

const sound = ({ breaches, hits, doubts }: ReturnType<typeof passThrough>): void => {
  expect(breaches).toEqual([]);
  expect(hits).toEqual([]);
  expect(doubts).toEqual([]);
};

describe('identifiers planted anywhere', () => {
  it('do not come out, and the image does, under any options and rules', () => {
    fc.assert(
      fc.property(dataSet, syntaxes, options, rules, (elements, syntax, chosen, ruled) => {
        const input = sampleInput(chosen);
        const profile = { ...input.profile, rules: ruled };
        const passage = passThrough(buildSample(elements, { syntax }), { ...input, profile });
        const output = Buffer.from(passage.bytes).toString('latin1').toLowerCase();
        for (const secret of SECRETS) expect(output).not.toContain(secret.toLowerCase());
        sound(passage);
      }),
      { numRuns: 150 },
    );
  });

  it('are taken out of an element that everybody keeps, and the rest of it stays', () => {
    const places = fc.constantFrom<readonly [string, string]>(
      ...([
        ['00080070', 'LO'],
        ['00081090', 'LO'],
        ['00181210', 'SH'],
        ['00181020', 'LO'],
      ] as const),
    );
    fc.assert(
      fc.property(places, fc.constantFrom(...SECRETS), syntaxes, ([tag, vr], secret, syntax) => {
        const passage = passThrough(buildSample([el(tag, vr, `B30 ${secret}`)], { syntax }));
        const output = Buffer.from(passage.bytes).toString('latin1');
        expect(output).not.toContain(secret);
        expect(output).toContain('B30');
        expect(passage.record.notes).toContainEqual({
          kind: 'identifier-removed',
          tag: `(${tag.slice(0, 4)},${tag.slice(4)})`,
          count: 1,
        });
        sound(passage);
      }),
      { numRuns: 60 },
    );
  });
});
