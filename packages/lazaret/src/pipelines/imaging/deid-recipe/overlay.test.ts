import { isFault } from '@lazaret/faults';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { defaultPolicy, parsePolicy, type ImagingPolicy } from '../policy.ts';
import { overlayRecipe } from './overlay.ts';

const base = JSON.parse(JSON.stringify(defaultPolicy())) as ImagingPolicy;

function header(...lines: readonly string[]): string {
  return ['FORMAT dicom', '', '%header', ...lines].join('\n');
}

function problemsOf(text: string, policy: unknown = base): readonly string[] {
  try {
    overlayRecipe(policy, text);
    return [];
  } catch (error) {
    if (isFault(error) && error.code === 'DeidRecipeUnequal') {
      return error.parameters['problems'] as readonly string[];
    }
    throw error;
  }
}

/** `element action value`, as the policy has it then. */
function rulesOf(text: string, policy: unknown = base): readonly string[] {
  return (overlayRecipe(policy, text).policy.elements ?? []).map(({ element, action, value }) =>
    [element, action, ...(value === undefined ? [] : [value])].join(' '),
  );
}

/** A line of the header, and the rules that it comes to. */
const EQUAL: readonly (readonly [line: string, rules: readonly string[]])[] = [
  ['REMOVE StudyDescription', ['StudyDescription remove']],
  ['BLANK StudyDescription', ['StudyDescription empty']],
  ['KEEP PatientSex', ['PatientSex keep']],
  ['KEEP PatientSex # for the study', ['PatientSex keep']],
  ['keep PatientSex', ['PatientSex keep']],
  ['KEEP RequestAttributesSequence', ['RequestAttributesSequence clean']],
  ['KEEP (0010, 0040)', ['PatientSex keep']],
  ['KEEP 00100040', ['PatientSex keep']],
  ['KEEP Rows', ['Rows keep']],
  ['REPLACE StationName MR SCANNER 1', ['StationName replace MR SCANNER 1']],
  ['JITTER StudyDate var:jitter', ['StudyDate shift']],
  ['REPLACE FrameOfReferenceUID deid_func:pydicom_uuid', ['FrameOfReferenceUID uid']],
  ['REMOVE OverlayData', ['(60xx,3000) remove']],
  ['ADD PatientIdentityRemoved YES', []],
  ['REPLACE PatientIdentityRemoved Yes', []],
  ['REMOVE endswith:MilitaryRank', []],
  [
    'REMOVE startswith:PatientSpecies',
    ['PatientSpeciesDescription remove', 'PatientSpeciesCodeSequence remove'],
  ],
  ['BLANK contains:EthnicGroup$|^Occupation', ['EthnicGroup empty', 'Occupation empty']],
  ['JITTER endswith:BirthDate var:jitter', ['PatientBirthDate shift']],
];

/** A line of the header, and the beginning of all that is said of it, without its number. */
const UNEQUAL: readonly (readonly [line: string, said: string])[] = [
  [
    'REPLACE PatientID var:id',
    'REPLACE PatientID: PatientID (0010,0020) is not decided about by a policy: it is the pseudonym of the patient; leave the line out',
  ],
  [
    'KEEP PatientName',
    'KEEP PatientName: PatientName (0010,0010) is not decided about by a policy: it is the pseudonym',
  ],
  [
    'REMOVE AccessionNumber',
    'REMOVE AccessionNumber: AccessionNumber (0008,0050) is not decided about by a policy',
  ],
  [
    'KEEP SOPInstanceUID',
    'KEEP SOPInstanceUID: SOPInstanceUID (0008,0018) is not decided about by a policy: the option retainUids',
  ],
  [
    'ADD DeidentificationMethod mine',
    'ADD DeidentificationMethod: DeidentificationMethod (0012,0063) is not decided about',
  ],
  ['KEEP PatientAddress', 'PatientAddress (0010,1040) identifies directly'],
  ['KEEP OtherPatientIDs', 'OtherPatientIDs (0010,1000) identifies directly'],
  ['KEEP StudyDate', 'StudyDate (0008,0020) is to be kept, while the dates beside it are not'],
  ['REMOVE PixelData', 'PixelData (7FE0,0010) can only be kept'],
  [
    'JITTER StudyDate -31',
    'JITTER StudyDate: the number of days is not given: each patient has one of their own',
  ],
  ['JITTER contains:date 31', 'JITTER contains:date: the number of days is not given'],
  ['JITTER StudyTime var:jitter', 'JITTER StudyTime: a time of day is not moved'],
  ['JITTER PatientSex var:jitter', 'JITTER PatientSex: is no date'],
  ['REMOVE ALL', 'REMOVE ALL: stands for everything'],
  ['BLANK except:StudyDate|StudyTime', 'BLANK except:StudyDate|StudyTime: stands for everything'],
  ['BLANK allexcept:StudyDate', 'BLANK allexcept:StudyDate: stands for everything'],
  ['REMOVE ALL func:is_name', 'REMOVE ALL: stands for everything'],
  ['REMOVE StudyDescription func:is_name', 'REMOVE StudyDescription: hangs on the value'],
  ['REMOVE StudyDescription contains:(\\d{7,0})', 'REMOVE StudyDescription: hangs on the value'],
  ['REMOVE values:patient_info', 'REMOVE values:patient_info: chooses elements by their values'],
  ['REMOVE fields:nothing', 'REMOVE fields:nothing: there is no section %fields nothing'],
  [
    'ADD BodyPartExamined CHEST',
    'ADD BodyPartExamined: a policy puts nothing where a file has nothing',
  ],
  [
    'REPLACE StationName var:station',
    'REPLACE StationName: a policy has no variables; give a fixed value',
  ],
  [
    'REPLACE StationName func:make',
    'REPLACE StationName: a policy has no functions; give a fixed value',
  ],
  [
    'REPLACE FrameOfReferenceUID func:make',
    'REPLACE FrameOfReferenceUID: a policy has no functions; UIDs get new ones',
  ],
  [
    'REPLACE FrameOfReferenceUID var:uid',
    'REPLACE FrameOfReferenceUID: a policy has no variables; UIDs get new ones',
  ],
  [
    'REPLACE StationName deid_func:simple_uuid',
    'REPLACE StationName: a UUID is no value for this element',
  ],
  [
    'REPLACE StudyDate deid_func:jitter days=3',
    'REPLACE StudyDate: is written JITTER … var:jitter',
  ],
  ['REPLACE StationName', 'REPLACE StationName: has no value'],
  [
    'REPLACE StationName A name that is too long',
    'StationName (0008,1010) cannot have this value: it has 23 characters',
  ],
  ['REPLACE select:VR:UI func:make', 'REPLACE select:VR:UI: a policy has no functions'],
  ['KEEP StudyDescripton', 'KEEP StudyDescripton: is unknown; did you mean StudyDescription?'],
  ['KEEP (0019,1091)', '(0019,1091) is private'],
  ['REMOVE contains:0019', 'REMOVE contains:0019: is private'],
  ['KEEP select:group:0019', 'KEEP select:group:0019: is private'],
  ['KEEP (0019,"SIEMENS",0c)', 'KEEP (0019,"SIEMENS",0c): is private'],
  ['REMOVE select:name:X', 'REMOVE select:name:X: selects by what is not known'],
  ['REMOVE contains:(a+)+$', 'REMOVE contains:(a+)+$: has a pattern that is not read here'],
  ['REMOVE contains:[', 'REMOVE contains:[: has a pattern that is not read here'],
  ['REMOVE contains:(', 'REMOVE contains:(: has a pattern that is not read here'],
  ['REMOVE contains:Xyzzy', 'REMOVE contains:Xyzzy: fits no element of the standard'],
  [
    'BLANK ReferencedImageSequence__ReferencedSOPInstanceUID',
    'BLANK ReferencedImageSequence__ReferencedSOPInstanceUID: names one place in a sequence',
  ],
  ['BLEACH PatientAge', 'BLEACH PatientAge: BLEACH is no action'],
  ['KEEP', 'KEEP : names no field'],
];

describe('a deid recipe over a policy', () => {
  it.each(EQUAL)('%s has an equal', (line, rules) => {
    expect(rulesOf(header(line))).toEqual(rules);
  });

  it.each(UNEQUAL)('%s has none, and is told with its line', (line, said) => {
    const problems = problemsOf(header('KEEP PatientSex', line));
    expect(problems).toHaveLength(1);
    expect(problems[0]?.startsWith(`line 5: ${said}`), problems[0]).toBe(true);
  });

  it('is refused as a whole, with all its lines in order', () => {
    const problems = problemsOf(
      [
        'FORMAT dicom',
        '%filter blacklist',
        'LABEL Burned In',
        'contains BurnedInAnnotation YES',
        '  + contains ImageType SAVE',
        'LABEL Dose Report',
        'contains Modality CT',
        'coordinates 0,0,512,110',
        '%header',
        'KEEP PatientName',
        'REMOVE ALL',
      ].join('\n'),
    );
    expect(problems.map((problem) => problem.split(':')[0])).toEqual([
      'line 3',
      'line 6',
      'line 10',
      'line 11',
    ]);
    expect(problems[0]).toContain('screens.burnedIn');
    expect(problems[0]).toContain('screens.holdImageTypes');
    expect(problems[1]).toContain('painting over pixels is not available yet');
    expect(problems[1]).toContain('modalities');
  });

  it.each([
    ['%header\nKEEP PatientSex', 'it does not begin with FORMAT dicom'],
    ['FORMAT nifti\n%header\nKEEP PatientSex', 'line 1: only FORMAT dicom can be read'],
    ['FORMAT dicom\nKEEP PatientSex', 'line 2: stands before any section'],
    [
      'FORMAT dicom\n%haeder\nKEEP PatientSex',
      'line 2: %haeder is no section; there are %header, %filter, %labels, %fields, %values',
    ],
    ['FORMAT dicom\n%filter x\ncontains Modality US', 'line 3: stands before any LABEL'],
    [`FORMAT dicom\n%header\nKEEP ${'x'.repeat(3_000)}`, 'line 3: is longer than 2000 characters'],
  ])('that is none is refused: %j', (text, said) => {
    expect(problemsOf(text)).toEqual([said]);
  });

  it('knows groups of fields, and passes over notes to others', () => {
    const text = [
      'FORMAT dicom',
      '%fields people',
      'FIELD OperatorsName',
      'FIELD startswith:PatientSpecies',
      '%values unused',
      'SPLIT PatientName splitval="^"',
      '%labels',
      'ADD MAINTAINER somebody',
      '%header',
      'BLANK fields:people',
    ].join('\n');
    expect(rulesOf(text)).toEqual([
      'OperatorsName empty',
      'PatientSpeciesDescription empty',
      'PatientSpeciesCodeSequence empty',
    ]);
  });

  it('lets the strongest line decide, as deid does', () => {
    const text = header(
      'REMOVE startswith:PatientS',
      'BLANK PatientSex',
      'KEEP PatientSex',
      'REMOVE StationName',
      'REPLACE StationName SCANNER',
    );
    expect(rulesOf(text)).toContain('PatientSex keep');
    expect(rulesOf(text)).toContain('StationName replace SCANNER');
    expect(rulesOf(text)).not.toContain('PatientSex remove');
    expect(problemsOf(header('REPLACE StationName A', 'REPLACE StationName B'))).toEqual([
      'line 5: StationName (0008,1010) is given another value in line 4',
    ]);
  });

  it('never keeps what identifies because an expression happens to choose it, and says so', () => {
    const { policy, notes } = overlayRecipe(base, header('KEEP startswith:Patient'));
    const kept = (policy.elements ?? []).filter(({ action }) => action === 'keep');
    expect(kept.map(({ element }) => element)).toContain('PatientSex');
    expect(kept.map(({ element }) => element)).not.toContain('PatientAddress');
    expect(kept.map(({ element }) => element)).not.toContain('PatientID');
    expect(notes).toEqual([expect.stringMatching(/^line 4: cannot be said of Patient/)]);
  });

  it('falls back to the weaker line where an expression cannot have the stronger', () => {
    const text = header('KEEP startswith:PatientAddress', 'BLANK PatientAddress');
    expect(rulesOf(text)).toEqual(['PatientAddress empty']);
  });

  it('does not contradict a rule that the policy has already', () => {
    const own = {
      ...base,
      elements: [{ element: 'StationName', action: 'remove', reason: 'by contract' }],
    };
    expect(problemsOf(header('KEEP StationName'), own)).toEqual([
      'line 4: StationName (0008,1010) has a rule in the policy already, elements.0',
    ]);
    const { policy, notes } = overlayRecipe(own, header('KEEP contains:StationName'));
    expect(policy.elements?.[0]).toEqual(own.elements[0]);
    expect(notes).toContainEqual(
      'line 4: StationName (0008,1010) has a rule in the policy already, elements.0; that one holds',
    );
  });

  it('gives the version a part of its own, so that no image names a policy that it is not of', () => {
    const one = overlayRecipe(base, header('KEEP PatientSex')).policy;
    const other = overlayRecipe(base, header('REMOVE PatientSex')).policy;
    expect(one.version).toMatch(/^1-[0-9a-f]{7}$/);
    expect(other.version).not.toBe(one.version);
    expect(parsePolicy(one).elements?.[0]?.reason).toBe('deid recipe, line 4: KEEP PatientSex');
    expect(problemsOf(header('KEEP PatientSex'), { ...base, version: '2026-11-21' })).toEqual([
      'the version of the policy has more than 8 characters; the digest of the recipe could not follow it',
    ]);
  });

  it('lets nothing but a refusal out, whatever the text is', () => {
    const word = fc.constantFrom(
      'KEEP',
      'REMOVE',
      'contains:',
      'PatientSex',
      '%filter',
      'LABEL',
      '+',
    );
    const line = fc.array(fc.oneof(word, fc.string({ maxLength: 8 })), { maxLength: 4 });
    fc.assert(
      fc.property(fc.array(line, { maxLength: 8 }), (lines) => {
        const text = header(...lines.map((words) => words.join(' ')));
        expect(() => problemsOf(text)).not.toThrow();
      }),
      { numRuns: 200 },
    );
  });
});
