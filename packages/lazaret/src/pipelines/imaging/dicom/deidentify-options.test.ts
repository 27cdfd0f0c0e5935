/** What each option of PS3.15 E.3, and each rule of a policy, makes of a file. */
import { describe, expect, it } from 'vitest';
import { el, type BuildElement, type Syntax } from '../../../../../../fixtures/dicom/build.ts';
import type { DeidentifyInput } from './deidentify.ts';
import { buildSample, passThrough, sampleInput, walkBytes } from './deidentify-sample.ts';
import type { DeidentificationRecord } from './deidentify-record.ts';
import type { Element, Walk } from './element.ts';
import type { ElementRule, Profile, RuleAction } from './profile.ts';
import type { SupportedOption } from './profile-options.ts';

interface Output {
  readonly walk: Walk;
  readonly record: DeidentificationRecord;
  readonly bytes: Buffer;
  text(...tags: number[]): string | undefined;
  vr(tag: number): string | undefined;
  items(tag: number): number;
}

function run(
  elements: readonly BuildElement[],
  options: readonly SupportedOption[],
  more: Partial<Profile> = {},
  syntax: Syntax = 'explicit-le',
): Output {
  const plain = sampleInput(options);
  const input: DeidentifyInput = { ...plain, profile: { ...plain.profile, ...more } };
  const done = passThrough(buildSample(elements, { syntax }), input);
  // Files with a doubt are held for it: whether the second reading agrees does not matter there.
  if (done.doubts.length === 0) expect(done.breaches).toEqual([]);
  const bytes = Buffer.from(done.bytes);
  const walk = walkBytes(bytes);
  const find = (tag: number): Element | undefined => walk.elements.find((one) => one.tag === tag);
  return {
    walk,
    record: done.record,
    bytes,
    vr: (tag) => find(tag)?.vr,
    items: (tag) => find(tag)?.items?.length ?? 0,
    text(...tags) {
      let found: readonly Element[] = walk.elements;
      let element: Element | undefined;
      for (const tag of tags) {
        // The item that has it: content items do not all hold the same.
        element = found.find((one) => one.tag === tag);
        found = element?.items?.flatMap((item) => item.elements) ?? [];
      }
      if (element === undefined) return undefined;
      const value = walk.source.read(element.valueOffset, element.valueLength);
      return Buffer.from(value)
        .toString('utf8')
        .replace(/[ \0]+$/, '');
    },
  };
}

const code = (tag: string, value: string, scheme: string, meaning: string): BuildElement =>
  el(tag, 'SQ', [
    [el('00080100', 'SH', value), el('00080102', 'SH', scheme), el('00080104', 'LO', meaning)],
  ]);

describe('Clean Descriptors', () => {
  const series = (text: string, options: SupportedOption[] = ['cleanDescriptors']): Output =>
    run([el('0008103E', 'LO', text)], options);

  it('keeps known words and their order, and counts what it did', () => {
    const output = series('Thorax of Musterfrau 5 mm');
    expect(output.text(0x0008103e)).toBe('Thorax of 5 mm');
    expect(output.record.cleaned).toEqual([
      { tag: '(0008,103E)', whole: 0, shortened: 1, emptied: 0 },
    ]);
    expect(output.record.actions).toContainEqual({
      tag: '(0008,103E)',
      action: 'clean',
      count: 1,
    });
    expect(output.text(0x00120064, 0x00080100)).toBe('113100');
    expect(output.bytes.includes('113105')).toBe(true);
  });

  it('does what the Basic Profile does where nothing is left', () => {
    expect(series('Musterfrau').text(0x0008103e)).toBeUndefined();
    expect(run([el('00181030', 'LO', 'Zwetschke')], ['cleanDescriptors']).text(0x00181030)).toBe(
      undefined,
    );
    expect(run([el('00321060', 'LO', 'Zwetschke')], ['cleanDescriptors']).text(0x00321060)).toBe(
      '',
    );
    expect(series('Thorax', []).text(0x0008103e)).toBeUndefined();
  });

  it('cleans each of several values', () => {
    const output = run([el('00081080', 'LO', 'tumor\\Musterfrau\\liver')], ['cleanDescriptors']);
    expect(output.text(0x00081080)).toBe('tumor\\\\liver');
  });

  it('writes what stays in the character set of the file', () => {
    const japanese = Buffer.from('\u001b$B6;It\u001b(B CT \u001b$B;3ED\u001b(B', 'latin1');
    const output = run(
      [el('00080005', 'CS', '\\ISO 2022 IR 87'), el('0008103E', 'LO', japanese)],
      ['cleanDescriptors'],
      { vocabularies: new Map([[0, { values: new Set(), words: new Set(['胸部']) }]]) },
    );
    expect(output.text(0x0008103e)).toBe('\u001b$B6;It\u001b(B CT');
  });

  it('looks into the sequences that it would else remove', () => {
    const request = [
      el('00081110', 'SQ', [[el('00081155', 'UI', '1.2.826.0.1.9')]]),
      el('00321060', 'LO', 'MRI brain of Musterfrau'),
      el('00400007', 'LO', 'Thorax'),
      el('00401001', 'SH', 'RP4711'),
    ];
    const output = run([el('00400275', 'SQ', [request])], ['cleanDescriptors']);
    expect(output.text(0x00400275, 0x00321060)).toBe('MRI brain of');
    expect(output.text(0x00400275, 0x00400007)).toBe('Thorax');
    expect(output.text(0x00400275, 0x00401001)).not.toBe('RP4711');
  });

  it('cleans the meaning of a code that no published scheme has', () => {
    const output = run(
      [code('00081084', 'X1', '99SITE', 'tumor of Musterfrau, Zwetschke')],
      ['cleanDescriptors'],
    );
    expect(output.text(0x00081084, 0x00080104)).toBe('tumor of');
  });
});

describe('Clean Structured Content', () => {
  const item = (type: string, concept: BuildElement, ...more: BuildElement[]): BuildElement[] => [
    el('0040A010', 'CS', 'CONTAINS'),
    el('0040A040', 'CS', type),
    concept,
    ...more,
  ];
  const concept = (value: string, meaning = 'x', scheme = 'DCM'): BuildElement =>
    code('0040A043', value, scheme, meaning);
  const tree = [
    el('0040A730', 'SQ', [
      item('TEXT', concept('121071'), el('0040A160', 'UT', 'nodule seen by Musterfrau')),
      item('TEXT', concept('121022'), el('0040A160', 'UT', 'thorax')),
      item('TEXT', concept('1234', 'liver', '99SITE'), el('0040A160', 'UT', 'liver, Zwetschke')),
      item('PNAME', concept('121008'), el('0040A123', 'PN', 'Wiesenthal^Greta')),
      item('DATETIME', concept('113809'), el('0040A120', 'DT', '20240115101500')),
      item('UIDREF', concept('113769'), el('0040A124', 'UI', '1.2.826.0.1.44')),
      item(
        'NUM',
        concept('121211'),
        el('0040A300', 'SQ', [
          [code('004008EA', 'mm', 'UCUM', 'millimeter'), el('0040A30A', 'DS', '12.5')],
        ]),
      ),
      item(
        'CONTAINER',
        concept('121070'),
        el('0040A730', 'SQ', [
          item('TEXT', concept('121030'), el('0040A160', 'UT', 'SUBJECT 1')),
          item('TEXT', concept('112363'), el('0040A160', 'UT', 'axial')),
          item('TEXT', concept('99999'), el('0040A160', 'UT', 'Erika')),
        ]),
      ),
    ]),
  ];

  it('walks the tree: concepts by the table, text by the vocabulary', () => {
    const output = run(tree, ['cleanStructuredContent', 'cleanDescriptors']);
    const [root] = output.walk.elements.filter(({ tag }) => tag === 0x0040a730);
    expect(root?.items).toHaveLength(7);
    const all = output.bytes.toString('latin1');
    for (const secret of ['Musterfrau', 'Erika', 'Wiesenthal', 'Zwetschke', 'SUBJECT 1', '1.44']) {
      expect(all).not.toContain(secret);
    }
    expect(all).toContain('nodule seen');
    expect(all).toContain('12.5');
    expect(all).toContain('millimeter');
    expect(output.text(0x0040a730, 0x0040a124)).toMatch(/^2\.25\./);
    expect(output.text(0x0040a730, 0x0040a120)).toBe('19000101');
  });

  it('leaves dummies of what only Clean Descriptors would clean', () => {
    const output = run(tree, ['cleanStructuredContent']);
    expect(output.text(0x0040a730, 0x0040a160)).toBe('REMOVED');
    expect(output.bytes.includes('liver')).toBe(true);
  });

  it('moves dates, and keeps UIDs where they are kept', () => {
    const output = run(tree, [
      'cleanStructuredContent',
      'retainLongitudinalModifiedDates',
      'retainUids',
    ]);
    expect(output.text(0x0040a730, 0x0040a120)).toBe('20231205101500');
    expect(output.text(0x0040a730, 0x0040a124)).toBe('1.2.826.0.1.44');
  });

  it('cleans the acquisition context and caps the age of a subject', () => {
    const age = item(
      'NUM',
      concept('121033'),
      el('0040A300', 'SQ', [[el('0040A30A', 'DS', '7')]]),
      el('0040A30A', 'DS', '97'),
    );
    const options: SupportedOption[] = ['cleanStructuredContent', 'retainPatientCharacteristics'];
    const output = run([el('00400555', 'SQ', [age])], options);
    expect(output.text(0x00400555, 0x0040a30a)).toBe('90');
    expect(run([el('00400555', 'SQ', [age])], ['cleanStructuredContent']).items(0x00400555)).toBe(
      0,
    );
  });
});

describe('Clean Graphics', () => {
  const overlay = (type: string): BuildElement[] => [
    el('60000010', 'US', 2),
    el('60000022', 'LO', 'ROI of Musterfrau'),
    el('60000040', 'CS', type),
    el('60003000', 'OW', Uint8Array.of(1, 2)),
    el('60004000', 'LT', 'tumor, Erika'),
  ];

  it('keeps regions of interest, and no bitmap that may be writing', () => {
    const region = run(overlay('R'), ['cleanGraphics']);
    expect(region.vr(0x60003000)).toBe('OW');
    expect(region.text(0x60000022)).toBe('ROI of');
    expect(region.text(0x60004000)).toBe('tumor');
    const drawing = run(overlay('G'), ['cleanGraphics']);
    expect(drawing.vr(0x60003000)).toBeUndefined();
    expect(drawing.text(0x60000010)).toBeDefined();
    expect(run(overlay('R'), []).vr(0x60003000)).toBeUndefined();
  });

  it('keeps the geometry of annotations and cleans their text', () => {
    const text = (value: string): BuildElement[] => [
      el('00700006', 'ST', value),
      el('00700014', 'FL', Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0)),
    ];
    const annotation = el('00700001', 'SQ', [
      [el('00700002', 'CS', 'LAYER1'), el('00700008', 'SQ', [text('lesion 5 mm'), text('Erika')])],
    ]);
    const output = run([annotation], ['cleanGraphics']);
    expect(output.text(0x00700001, 0x00700008, 0x00700006)).toBe('lesion 5 mm');
    expect(output.bytes.includes('Erika')).toBe(false);
    expect(output.text(0x00700001, 0x00700008, 0x00700014)).toBeDefined();
    expect(run([annotation], []).text(0x00700001, 0x00700008)).toBeUndefined();
  });

  it('keeps a curve that is the numbers it says it is', () => {
    const curve = (points: number): BuildElement[] => [
      el('50000005', 'US', 2),
      el('50000010', 'US', points),
      el('50000020', 'CS', 'ROI'),
      el('50000103', 'US', 0),
      el('50002500', 'LO', 'liver Erika'),
      el('50003000', 'OW', Uint8Array.of(1, 0, 2, 0)),
    ];
    const output = run(curve(1), ['cleanGraphics']);
    expect(output.vr(0x50003000)).toBe('OW');
    expect(output.text(0x50002500)).toBe('liver');
    expect(run(curve(2), ['cleanGraphics']).vr(0x50003000)).toBeUndefined();
    expect(run(curve(1), []).vr(0x50000005)).toBeUndefined();
  });
});

describe('Retain Safe Private', () => {
  const siemens = [
    el('00190010', 'LO', 'SIEMENS MR HEADER'),
    el('0019100C', 'IS', '1000'),
    el('0019100D', 'CS', 'DIRECTIONAL'),
    el('00191099', 'LO', 'Musterfrau'),
  ];

  it.each(['explicit-le', 'implicit-le', 'explicit-be'] as const)(
    'keeps what the standard lists, with its creator, in %s',
    (syntax) => {
      const output = run(siemens, ['retainSafePrivate'], {}, syntax);
      expect(output.text(0x00190010)).toBe('SIEMENS MR HEADER');
      expect(output.text(0x0019100c)).toBe('1000');
      expect(output.text(0x0019100d)).toBe('DIRECTIONAL');
      expect(output.text(0x00191099)).toBeUndefined();
      expect(run(siemens, [], {}, syntax).text(0x00190010)).toBeUndefined();
    },
  );

  it('drops a creator of whom nothing stays, and a block that two claim', () => {
    const name = [siemens[0] as BuildElement, el('0019100C', 'IS', 'Musterfrau')];
    const output = run(name, ['retainSafePrivate']);
    expect(output.text(0x0019100c)).toBeUndefined();
    expect(output.text(0x00190010)).toBeUndefined();
    const other = [el('00190010', 'LO', 'NOBODY'), el('0019100C', 'IS', '1000')];
    expect(run(other, ['retainSafePrivate']).text(0x0019100c)).toBeUndefined();
  });

  it('wants the VR that is listed, gives it to plain bytes, and keeps none that are only bytes', () => {
    const wrong = [siemens[0] as BuildElement, el('0019100C', 'LO', '1000')];
    expect(run(wrong, ['retainSafePrivate']).vr(0x0019100c)).toBeUndefined();
    const plain = [siemens[0] as BuildElement, el('0019100C', 'UN', Buffer.from('1000'))];
    expect(run(plain, ['retainSafePrivate']).vr(0x0019100c)).toBe('IS');
    const bytes = [el('7E010010', 'LO', 'HOLOGIC, Inc.'), el('7E011012', 'OB', Buffer.from('ab'))];
    expect(run(bytes, ['retainSafePrivate']).vr(0x7e011012)).toBeUndefined();
  });

  it('takes the policy’s own, in any block, in items and behind the pixels', () => {
    const own = (block: string): BuildElement[] => [
      el(`7FE100${block}`, 'LO', 'OURS'),
      el(`7FE1${block}01`, 'LO', 'axial Musterfrau'),
      el(`7FE1${block}02`, 'UI', '1.2.826.0.1.5'),
    ];
    const safePrivate = [1, 2].map((element) => ({
      ...{ creator: 'OURS', group: 0x7fe1, element },
      vr: element === 1 ? 'LO' : 'UI',
    }));
    const output = run(own('11'), ['retainSafePrivate'], { safePrivate });
    expect(output.text(0x7fe10011)).toBe('OURS');
    expect(output.text(0x7fe11101)).toBe('axial');
    expect(output.text(0x7fe11102)).toMatch(/^2\.25\./);
    const nested = run([el('00081140', 'SQ', [own('20')])], ['retainSafePrivate'], { safePrivate });
    expect(nested.text(0x00081140, 0x7fe12001)).toBe('axial');
  });

  it('looks into private sequences', () => {
    const stack = [
      el('20010010', 'LO', 'Philips Imaging DD 001'),
      el('2001105F', 'SQ', [
        [
          el('00100010', 'PN', 'Musterfrau^Erika'),
          el('20010010', 'LO', 'Philips Imaging DD 001'),
          el('20011035', 'SS', Uint8Array.of(3, 0)),
        ],
      ]),
    ];
    const output = run(stack, ['retainSafePrivate']);
    expect(output.text(0x2001105f, 0x20011035)).toBeDefined();
    expect(output.text(0x2001105f, 0x00100010)).toBe('');
  });
});

describe('rules of a policy', () => {
  const rules = (
    ...given: readonly (readonly [number, RuleAction, string?])[]
  ): ReadonlyMap<number, ElementRule> =>
    new Map(
      given.map(([tag, action, value]) => [
        tag,
        { tag, action, reason: 'a test', ...(value === undefined ? {} : { value }) },
      ]),
    );
  const act = (elements: BuildElement[], map: ReadonlyMap<number, ElementRule>): Output =>
    run(elements, [], { rules: map });

  it('go before the table, at every depth', () => {
    const elements = [
      el('0008103E', 'LO', 'Anything at all'),
      el('00081140', 'SQ', [[el('0008103E', 'LO', 'Anything at all')]]),
      el('00180050', 'DS', '2.5'),
    ];
    const output = act(elements, rules([0x0008103e, 'keep'], [0x00180050, 'remove']));
    expect(output.text(0x0008103e)).toBe('Anything at all');
    expect(output.text(0x00081140, 0x0008103e)).toBe('Anything at all');
    expect(output.text(0x00180050)).toBeUndefined();
  });

  it('empty, replace, move, clean and give new UIDs', () => {
    const elements = [
      el('00081090', 'LO', 'Model'),
      el('00081010', 'SH', 'ST1'),
      el('00080020', 'DA', '20240115'),
      el('0008103E', 'LO', 'Thorax Zwetschke'),
      el('00080080', 'LO', 'Saint Elsewhere'),
    ];
    const output = act(
      elements,
      rules(
        [0x00081090, 'empty'],
        [0x00081010, 'replace', 'STATION'],
        [0x00080020, 'shift'],
        [0x0008103e, 'clean'],
        [0x00080080, 'dummy'],
      ),
    );
    expect(output.text(0x00081090)).toBe('');
    expect(output.text(0x00081010)).toBe('STATION');
    expect(output.text(0x00080020)).toBe('20231205');
    expect(output.text(0x0008103e)).toBe('Thorax');
    expect(output.text(0x00080080)).toBe('REMOVED');
  });

  it('never copy a sequence as a whole', () => {
    const request = el('00400275', 'SQ', [
      [el('00100010', 'PN', 'A^B'), el('00180050', 'DS', '1')],
    ]);
    for (const action of ['keep', 'clean'] as const) {
      const output = act([request], rules([0x00400275, action]));
      expect(output.text(0x00400275, 0x00100010), action).toBe('');
      expect(output.text(0x00400275, 0x00180050), action).toBe('1');
    }
  });

  it('cannot be about what the pipeline writes itself', () => {
    for (const tag of [0x00100010, 0x00100020, 0x00080050, 0x00120063, 0x00091001, 0x00020010]) {
      expect(() => act([], rules([tag, 'keep'])), tag.toString(16)).toThrow(TypeError);
    }
    expect(() => act([], rules([0x00081090, 'replace']))).toThrow(TypeError);
  });
});

describe('values that are none of their VR', () => {
  it.each([
    ['a name in a number', '00180050', 'DS', 'Musterfrau', ''],
    ['an identifier in a number', '00180050', 'DS', '0081234', ''],
    [
      'a number that is longer than it should be',
      '00180050',
      'DS',
      '2.50000000000000001',
      '2.50000000000000001',
    ],
    ['a name in a code', '00180022', 'CS', 'MUSTERFRAU', ''],
    ['text in a code', '00180015', 'CS', 'Abdomen^Routine', 'Abdomen Routine'],
    ['a code in small letters', '00180022', 'CS', 'Helical Mode', 'Helical Mode'],
    [
      'a long text in a short one',
      '00181210',
      'SH',
      'Standard kernel for Zwetschke',
      'Standard kernel',
    ],
    ['a time that is none', '00080030', 'TM', 'about noon', ''],
  ])('%s', (_what, tag, vr, value, left) => {
    const output = run([el(tag, vr, value)], ['retainLongitudinalModifiedDates']);
    expect(output.text(Number.parseInt(tag, 16))).toBe(left);
  });

  it('are recorded without the value', () => {
    const { record } = run([el('00180050', 'DS', 'Zwetschke')], []);
    expect(record.notes).toEqual([{ kind: 'value-not-of-vr', tag: '(0018,0050)', count: 1 }]);
    expect(JSON.stringify(record)).not.toContain('Zwetschke');
  });

  it('are judged as what the element is, where the file gives another VR', () => {
    const output = run([el('00080090', 'LO', 'Wiesenthal'), el('00081140', 'LO', 'Erika')], []);
    expect(output.text(0x00080090)).toBe('');
    expect(output.bytes.includes('Erika')).toBe(false);
  });

  it('become new UIDs where they should be UIDs and UIDs are kept', () => {
    const output = run([el('00200052', 'UI', '1.2.Musterfrau')], ['retainUids']);
    expect(output.text(0x00200052)).toMatch(/^2\.25\.\d+$/);
  });

  it('say so where a UID that is kept holds a date that is not', () => {
    const { record } = run([el('00200052', 'UI', '1.2.20240115.3')], ['retainUids']);
    expect(record.notes).toContainEqual({ kind: 'uid-holds-date', tag: '(0020,0052)', count: 1 });
  });

  it('make ages of more than 90 years one', () => {
    const age = (value: string): string | undefined =>
      run([el('00101010', 'AS', value)], ['retainPatientCharacteristics']).text(0x00101010);
    expect(age('095Y')).toBe('090Y');
    expect(age('089Y')).toBe('089Y');
    expect(age('Erik')).not.toBe('Erik');
  });
});

describe('dates in every place', () => {
  it('are moved or gone, in items, in several values, and to whatever precision', () => {
    const elements = [
      el('00080022', 'DA', '20240115\\20240116'),
      el('0008002A', 'DT', '2024'),
      el('00081140', 'SQ', [[el('00080020', 'DA', '20240115'), el('00400244', 'DA', '2024-1-1')]]),
      el('00080031', 'TM', '101500.25'),
      el('00080032', 'TM', '10:15:00'),
      el('00080033', 'TM', '99'),
    ];
    const output = run(elements, ['retainLongitudinalModifiedDates']);
    expect(output.text(0x00080022)).toBe('20231205\\20231206');
    expect(output.text(0x0008002a)).toBeUndefined();
    expect(output.text(0x00081140, 0x00080020)).toBe('20231205');
    expect(output.bytes.includes('2024')).toBe(false);
    expect(output.text(0x00080031)).toBe('101500.25');
    expect(output.text(0x00080032)).toBe('10:15:00');
    expect(output.text(0x00080033)).toBe('');
    const notes = output.record.notes.filter(({ kind }) => kind === 'date-not-shiftable');
    expect(notes.map(({ tag }) => tag)).toEqual([
      '(0008,002A)',
      '(0008,0033)',
      '(0008,1140).(0040,0244)',
    ]);
  });

  it('are dates at all where they are kept as they are', () => {
    const output = run(
      [el('00080022', 'DA', 'spring'), el('0008002A', 'DT', '2024')],
      ['retainLongitudinalFullDates'],
    );
    expect(output.text(0x00080022)).toBeUndefined();
    expect(output.text(0x0008002a)).toBe('2024');
  });
});
