import { isFault } from '@lazaret/faults';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { defaultPolicy, parsePolicy, policyProfile, type ImagingPolicy } from './policy.ts';
import { makeTools } from './tools.ts';
import { projectKeyFrom } from '../../identity/keys.ts';

const base = JSON.parse(JSON.stringify(defaultPolicy())) as ImagingPolicy;
const because = 'needed by the study';

type Rule = NonNullable<ImagingPolicy['elements']>[number];

function problemsOf(given: unknown): readonly string[] {
  try {
    parsePolicy(given);
    return [];
  } catch (error) {
    if (isFault(error) && error.code === 'PolicyInvalid') {
      return error.parameters['problems'] as readonly string[];
    }
    throw error;
  }
}

function withRule(element: string, action: string, more: Partial<Rule> = {}): unknown {
  return { ...base, elements: [{ element, action, reason: because, ...more }] };
}

const DATES = 'retainLongitudinalModifiedDates';
const noDates = { ...base, options: [] };
const fullDates = { ...base, options: ['retainLongitudinalFullDates'] };
const uids = { ...base, options: [DATES, 'retainUids'] };

function ruled(policy: object, element: string, action: string): unknown {
  return { ...policy, elements: [{ element, action, reason: because }] };
}

/** What is wrong, the policy, and all that is said of it. */
const REFUSED: readonly (readonly [title: string, policy: unknown, said: readonly string[]])[] = [
  ['a policy that is none', 'CT only', ['policy: Invalid input: expected object, received string']],
  ['an unknown key', { ...base, elemnts: [] }, ['elemnts: unknown; did you mean elements?']],
  [
    'an unknown key of a rule',
    withRule('PatientAge', 'keep', { reson: because } as never),
    ['elements.0.reson: unknown; did you mean reason?'],
  ],
  [
    'an unknown key of the screens',
    { ...base, screens: { burntIn: 'hold' } },
    ['screens.burntIn: unknown; did you mean burnedIn?'],
  ],
  [
    'an unknown key of the patient id',
    { ...base, patientId: { ...base.patientId, isuer: 'part' } },
    ['patientId.isuer: unknown; did you mean issuer?'],
  ],
  [
    'a keyword that nearly is one',
    withRule('StudyDescripton', 'remove'),
    ['elements.0.element: "StudyDescripton" is unknown; did you mean StudyDescription?'],
  ],
  [
    'a tag that the standard does not have',
    withRule('(0008,9999)', 'remove'),
    ['elements.0.element: "(0008,9999)" is no element of the standard'],
  ],
  [
    'a name that is neither',
    withRule('Study Description', 'remove'),
    ['elements.0.element: "Study Description" is no keyword and no tag such as (0008,1030)'],
  ],
  [
    'a pattern that is too wide',
    withRule('(xxxx,3000)', 'remove'),
    ['elements.0.element: "(xxxx,3000)" is no keyword and no tag such as (0008,1030)'],
  ],
  [
    'a pattern with open digits in both halves',
    withRule('(60xx,30xx)', 'remove'),
    ['elements.0.element: "(60xx,30xx)" stands for too many elements'],
  ],
  [
    'a rule without a reason',
    { ...base, elements: [{ element: 'PatientAge', action: 'keep', reason: '  ' }] },
    ['elements.0.reason: says nothing'],
  ],
  [
    'an action that there is not',
    withRule('PatientAge', 'blank'),
    [
      'elements.0.action: Invalid option: expected one of "keep"|"remove"|"empty"|"dummy"|"clean"|"shift"|"uid"|"replace"',
    ],
  ],
  ...['PatientName', 'PatientID'].map(
    (keyword, at) =>
      [
        `a rule about ${keyword}`,
        withRule(keyword, 'remove'),
        [
          `elements.0: ${keyword} (0010,00${at + 1}0) is not decided about here: it is the pseudonym of the patient`,
        ],
      ] as const,
  ),
  [
    'a rule about the accession number',
    withRule('(0008,0050)', 'empty'),
    [
      'elements.0: AccessionNumber (0008,0050) is not decided about here: it is the pseudonym of the accession number',
    ],
  ],
  ...(
    [
      ['PatientIdentityRemoved (0012,0062)', 'it is the mark of what was done (PS3.15 E.3)'],
      ['DeidentificationMethod (0012,0063)', 'it names the policy (PS3.15 E.3)'],
      ['DeidentificationMethodCodeSequence (0012,0064)', 'it lists the options (PS3.15 E.3)'],
      [
        'LongitudinalTemporalInformationModified (0028,0303)',
        'it follows from the options about dates',
      ],
      ['SOPInstanceUID (0008,0018)', 'the option retainUids decides about it'],
    ] as const
  ).map(
    ([title, why]) =>
      [
        `a rule about ${title}`,
        withRule(title.split(' ')[0] ?? '', 'remove'),
        [`elements.0: ${title} is not decided about here: ${why}`],
      ] as const,
  ),
  [
    'a rule about the meta group',
    withRule('TransferSyntaxUID', 'remove'),
    [
      'elements.0: TransferSyntaxUID (0002,0010) is not decided about: it belongs to how the file is written',
    ],
  ],
  [
    'a rule about a group length',
    withRule('(0008,0000)', 'keep'),
    [
      'elements.0: GroupLength (0008,0000) is not decided about: it belongs to how the file is written',
    ],
  ],
  [
    'a rule about a private element',
    withRule('(0019,100C)', 'keep'),
    ['elements.0: (0019,100C) is private: all such go, but for what safePrivate lists'],
  ],
  [
    'a rule that takes the image away',
    withRule('Rows', 'remove'),
    [
      'elements.0: Rows (0028,0010) can only be kept: without it, or with another value, the file is another image',
    ],
  ],
  [
    'a claim about the pixels that nobody verified',
    withRule('BurnedInAnnotation', 'replace', { value: 'NO' }),
    [
      'elements.0: BurnedInAnnotation (0028,0301) can only be kept: without it, or with another value, the file is another image',
    ],
  ],
  [
    'a shift of what is no date',
    withRule('StudyTime', 'shift'),
    ['elements.0: StudyTime (0008,0030) cannot be shifted: it is no date (TM)'],
  ],
  [
    'a shift without the option for it',
    ruled(noDates, 'StudyDate', 'shift'),
    [
      'elements.0: StudyDate (0008,0020) is to be shifted, which the option retainLongitudinalModifiedDates does',
    ],
  ],
  [
    'a shift beside dates that are kept in full',
    ruled(fullDates, 'StudyDate', 'shift'),
    [
      'elements.0: StudyDate (0008,0020) is to be shifted, which the option retainLongitudinalModifiedDates does',
    ],
  ],
  [
    'a date that is kept beside dates that are shifted',
    withRule('StudyDate', 'keep'),
    [
      'elements.0: StudyDate (0008,0020) is to be kept, while the dates beside it are not: from it the others could be found; take the option retainLongitudinalFullDates, or shift it',
    ],
  ],
  [
    'a new UID for what is none',
    withRule('StudyID', 'uid'),
    ['elements.0: StudyID (0020,0010) cannot get a new UID: it holds none (SH)'],
  ],
  [
    'a new UID under the option that keeps them',
    ruled(uids, 'FrameOfReferenceUID', 'uid'),
    [
      'elements.0: FrameOfReferenceUID (0020,0052) gets a new UID, but retainUids keeps them all: references to it would break',
    ],
  ],
  [
    'a UID that is kept while others are not',
    withRule('FrameOfReferenceUID', 'keep'),
    [
      'elements.0: FrameOfReferenceUID (0020,0052) keeps its UID, while references to it get new ones: take the option retainUids',
    ],
  ],
  [
    'cleaning of what is no text',
    withRule('PatientWeight', 'clean'),
    [
      'elements.0: PatientWeight (0010,1030) cannot be cleaned: it is neither text nor a sequence (DS)',
    ],
  ],
  [
    'a sequence that is kept as a whole',
    withRule('RequestAttributesSequence', 'keep'),
    [
      'elements.0: RequestAttributesSequence (0040,0275) is a sequence, whose items are decided about one by one: say clean, not keep',
    ],
  ],
  ...(
    [
      ['OtherPatientIDs', '(0010,1000)'],
      ['PatientAddress', '(0010,1040)'],
      ['PatientTelephoneNumbers', '(0010,2154)'],
      ['OperatorsName', '(0008,1070)'],
      ['StudyID', '(0020,0010)'],
      ['EncapsulatedDocument', '(0042,0011)'],
    ] as const
  ).map(
    ([keyword, tag]) =>
      [
        `keeping ${keyword}`,
        withRule(keyword, 'keep'),
        [
          `elements.0: ${keyword} ${tag} identifies directly: it cannot be kept, or cleaned and kept in part`,
        ],
      ] as const,
  ),
  [
    'keeping a birth date, even with full dates',
    ruled(fullDates, 'PatientBirthDate', 'keep'),
    [
      'elements.0: PatientBirthDate (0010,0030) identifies directly: it cannot be kept, or cleaned and kept in part',
    ],
  ],
  [
    'a replacement without a value',
    withRule('StationName', 'replace'),
    ['elements.0: StationName (0008,1010) is to be replaced, and there is no value'],
  ],
  [
    'a value without a replacement',
    withRule('StationName', 'remove', { value: 'S1' }),
    ['elements.0: StationName (0008,1010) has a value, which only replace takes, and not remove'],
  ],
  ...(
    [
      [
        'StationName',
        '(0008,1010)',
        'A name that is too long',
        'has 23 characters, SH has at most 16',
      ],
      ['StationName', '(0008,1010)', 'Köln', 'must be printable ASCII'],
      ['StationName', '(0008,1010)', ' ', 'is empty; say empty instead of replace'],
      ['StationName', '(0008,1010)', 'A\\B', 'has 2 values, at most 1 may stand there'],
      ['PatientAge', '(0010,1010)', '45', 'must be an age such as 045Y (AS)'],
      [
        'PatientSex',
        '(0010,0040)',
        'm',
        'must be capital letters, digits, blanks and underscores (CS)',
      ],
      ['PatientWeight', '(0010,1030)', 'heavy', 'must be a number (DS)'],
      ['SeriesNumber', '(0020,0011)', '1.5', 'must be a whole number (IS)'],
      ['StudyTime', '(0008,0030)', '2561', 'must be a time as HHMMSS (TM)'],
      ['StudyDate', '(0008,0020)', '20240231', 'must be a date as YYYYMMDD (DA)'],
      [
        'AcquisitionDateTime',
        '(0008,002A)',
        'noon',
        'must be a date and time as YYYYMMDDHHMMSS (DT)',
      ],
      ['SliceThickness', '(0018,0050)', '1'.repeat(17), 'has 17 characters, DS has at most 16'],
      ['(60xx,3000)', '(60xx,3000)', 'x', 'cannot be given for OB, which is no text'],
    ] as const
  ).map(
    ([element, tag, value, why]) =>
      [
        `the value ${JSON.stringify(value)} for ${element}`,
        withRule(element, 'replace', { value }),
        [
          `elements.0: ${element.startsWith('(') ? `OverlayData ${tag}` : `${element} ${tag}`} cannot have this value: it ${why}`,
        ],
      ] as const,
  ),
  [
    'the same element twice, by keyword and by tag',
    {
      ...base,
      elements: [
        { element: 'StationName', action: 'remove', reason: because },
        { element: '(0008,1010)', action: 'empty', reason: because },
      ],
    },
    ['elements.1: StationName (0008,1010) has a rule already, elements.0'],
  ],
  [
    'an element of a repeating group beside the group',
    {
      ...base,
      elements: [
        { element: '(60xx,3000)', action: 'remove', reason: because },
        { element: '(6002,3000)', action: 'keep', reason: because },
      ],
    },
    ['elements.1: OverlayData (6002,3000) has a rule already, elements.0'],
  ],
  [
    'a vocabulary that knows nothing',
    { ...base, vocabularies: [{ element: '*' }] },
    ['vocabularies.0: has neither values nor words'],
  ],
  [
    'a vocabulary of an unknown element',
    { ...base, vocabularies: [{ element: 'SeriesDescripton', words: ['axial'] }] },
    ['vocabularies.0.element: "SeriesDescripton" is unknown; did you mean SeriesDescription?'],
  ],
  [
    'a vocabulary of numbers',
    { ...base, vocabularies: [{ element: 'PatientWeight', words: ['70'] }] },
    ['vocabularies.0: PatientWeight (0010,1030) holds no text that a vocabulary could know'],
  ],
  [
    'a vocabulary of addresses',
    { ...base, vocabularies: [{ element: 'PatientAddress', words: ['Road'] }] },
    ['vocabularies.0: PatientAddress (0010,1040) identifies directly: nothing of it stays'],
  ],
  [
    'a word that is two',
    { ...base, vocabularies: [{ element: '*', words: ['axial T2'] }] },
    ['vocabularies.0.words.0: must be one word'],
  ],
  [
    'two vocabularies of one element',
    {
      ...base,
      vocabularies: [
        { element: '*', words: ['axial'] },
        { element: '*', words: ['coronal'] },
      ],
    },
    ['vocabularies.1: every element has a vocabulary already, vocabularies.0'],
  ],
  [
    'a vocabulary of what a rule removes',
    {
      ...base,
      elements: [{ element: 'StudyDescription', action: 'remove', reason: because }],
      vocabularies: [{ element: 'StudyDescription', values: ['CT chest'] }],
    },
    [
      'vocabularies.0: has no effect, because elements.0 says remove of StudyDescription (0008,1030)',
    ],
  ],
  [
    'safe private elements without the option',
    {
      ...base,
      safePrivate: [{ creator: 'ACME', element: '(0019,xx0C)', vr: 'DS', reason: because }],
    },
    ['safePrivate: has no effect without the option retainSafePrivate'],
  ],
  [
    'an image type that is held twice',
    { ...base, screens: { holdImageTypes: ['SECONDARY', 'SECONDARY'] } },
    ['screens.holdImageTypes.1: SECONDARY is given twice'],
  ],
  [
    'a SOP class that is none',
    { ...base, screens: { holdSopClasses: ['secondary capture'] } },
    ['screens.holdSopClasses.0: must be the UID of a SOP class'],
  ],
];

describe('a policy', () => {
  it.each(REFUSED)('with %s is refused in full', (_, policy, said) => {
    expect(problemsOf(policy)).toEqual(said);
  });

  it('with several mistakes is told all of them at once, whatever kind they are', () => {
    expect(
      problemsOf({
        ...base,
        modalites: ['US'],
        options: ['retainUid'],
        elements: [
          { element: 'PatientName', action: 'keep', reason: because },
          { element: 'PatientAge', action: 'kept', reason: because },
          { element: 'StudyTime', action: 'shift', reason: because },
        ],
      }).map((problem) => problem.split(' ')[0]),
    ).toEqual(['elements.1.action:', 'modalites:', 'options:', 'elements.0:', 'elements.2:']);
  });

  it('refuses each private element that nobody can vouch for, and says which', () => {
    const entry = (element: string, vr: string): object => ({
      creator: 'ACME',
      element,
      vr,
      reason: because,
    });
    const said = problemsOf({
      ...base,
      options: [DATES, 'retainSafePrivate'],
      safePrivate: [
        entry('(0020,xx0C)', 'DS'),
        entry('(0001,xx0C)', 'DS'),
        entry('(0019,xx0C)', 'XX'),
        entry('(0019,xx0D)', 'UN'),
        entry('(0019,xx0E)', 'DA'),
        entry('(0019,xx0F)', 'DS'),
        entry('(0019,xx0F)', 'DS'),
        entry('(0019,100C)', 'DS'),
      ],
    }).filter((problem) => problem.startsWith('safePrivate.'));
    expect(said).toEqual([
      'safePrivate.7.element: must be a private tag such as (0019,xx0C)',
      'safePrivate.0.element: (0020,xx0C) is not private',
      'safePrivate.1.element: (0001,xx0C) is in a group that nobody may use',
      'safePrivate.2.vr: "XX" is no VR',
      'safePrivate.3.vr: UN may hold anything: its content is not known to be safe',
      'safePrivate.4.vr: a date that stays gives the shifted ones away: take the option retainLongitudinalFullDates, or leave it out',
      'safePrivate.6: is the same as safePrivate.5',
    ]);
  });

  it('tells the first fifty mistakes and how many more there are', () => {
    const elements = Array.from({ length: 60 }, () => ({
      element: `No${'x'.repeat(40)}`,
      action: 'keep',
      reason: because,
    }));
    const said = problemsOf({ ...base, elements });
    expect(said).toHaveLength(51);
    expect(said.at(-1)).toBe('and 10 more');
  });

  it('never lets anything but a refusal out, whatever stands in it', () => {
    const key = fc.constantFrom(...Object.keys(base), 'elements', 'vocabularies', 'safePrivate');
    const rules = fc.array(
      fc.record(
        { element: fc.string(), action: fc.constantFrom('keep', 'clean', 7), reason: fc.string() },
        { requiredKeys: [] },
      ),
    );
    fc.assert(
      fc.property(key, fc.oneof(fc.jsonValue(), rules), (name, value) => {
        expect(() => problemsOf({ ...base, [name]: value })).not.toThrow();
      }),
      { numRuns: 300 },
    );
  });
});

describe('the meaning of a policy', () => {
  const policy = parsePolicy({
    ...base,
    elements: [
      { element: 'StudyDescription', action: 'clean', reason: because },
      { element: '(0008,1010)', action: 'replace', value: 'SCANNER', reason: because },
      { element: '(60xx,3000)', action: 'remove', reason: because },
      { element: 'PatientBirthDate', action: 'shift', reason: because },
    ],
    vocabularies: [
      { element: '*', words: ['axial', ' Coronal '] },
      { element: 'StudyDescription', values: ['CT  chest'] },
    ],
    screens: { burnedIn: 'hold', holdImageTypes: ['SECONDARY'], holdSopClasses: [] },
    safePrivate: [],
  });

  it('is a profile: options, rules by tag, and vocabularies', () => {
    const { options, rules, vocabularies, safePrivate } = policyProfile(policy);
    expect([...options]).toEqual([DATES]);
    expect(rules.get(0x00081030)).toEqual({ tag: 0x00081030, action: 'clean', reason: because });
    expect(rules.get(0x00081010)).toMatchObject({ action: 'replace', value: 'SCANNER' });
    expect(rules.get(0x60003000)?.action).toBe('remove');
    expect(rules.get(0x601e3000)?.action).toBe('remove');
    expect(rules.has(0x60013000)).toBe(false);
    expect(rules.get(0x00100030)?.action).toBe('shift');
    expect([...(vocabularies.get(0)?.words ?? [])]).toEqual(['axial', 'Coronal']);
    expect([...(vocabularies.get(0x00081030)?.values ?? [])]).toEqual(['CT  chest']);
    expect(safePrivate).toEqual([]);
  });

  it('survives being stored as JSON with the run', () => {
    const stored = JSON.parse(JSON.stringify(policy)) as typeof policy;
    expect(stored).toEqual(policy);
    const key = projectKeyFrom(Buffer.alloc(32, 7));
    const tools = makeTools({ policy: stored, out: 'out' }, { key, recipe: 'r' });
    expect(tools.profile).toEqual(policyProfile(policy));
  });

  it('is the same with what says nothing left out', () => {
    expect(policy.screens).toEqual({ holdImageTypes: ['SECONDARY'] });
    expect('safePrivate' in policy).toBe(false);
    expect(parsePolicy({ ...base, elements: [], screens: { burnedIn: 'hold' } })).toEqual(base);
  });

  it('lets a rule take away what an option retains', () => {
    const options = ['retainPatientCharacteristics', 'retainLongitudinalFullDates'];
    for (const [element, action] of [
      ['PatientAge', 'remove'],
      ['StudyDate', 'empty'],
      ['SeriesDescription', 'keep'],
      ['StudyDate', 'keep'],
    ] as const) {
      expect(problemsOf(ruled({ ...base, options }, element, action)), element).toEqual([]);
    }
  });
});
