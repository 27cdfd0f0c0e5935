import { describe, expect, it } from 'vitest';
import { build, el, type BuildElement } from '../../../../../../fixtures/dicom/build.ts';
import { bufferSource } from '../../../bytes/byte-source.ts';
import { buildSample, sampleInput, walkBytes } from './deidentify-sample.ts';
import type { SupportedOption } from './profile-options.ts';
import { describeIdentity, harvest, scan, type Hit } from './residual.ts';

/** Searches an output made of these elements for the identifiers of a source made of those. */
function find(
  source: readonly BuildElement[],
  output: readonly BuildElement[],
  options: readonly SupportedOption[] = [],
  charset = 'ISO_IR 192',
): readonly Hit[] {
  const bytes = build([el('00080016', 'UI', '1.2.840.10008.5.1.4.1.1.2'), ...output]);
  return scan(
    { ...bufferSource(bytes), pixels: null },
    harvest(walkBytes(build([el('00080005', 'CS', charset), ...source]))),
    sampleInput(options),
  );
}

const name = (text: string): BuildElement => el('00100010', 'PN', text);
const text = (value: string, vr = 'LO'): BuildElement =>
  vr === 'LO' ? el('00181030', 'LO', value) : el('00204000', vr, value);
const ERIKA = [name('Musterfrau^Erika')];

describe('the search for names', () => {
  it.each([
    ['Musterfrau^Erika'],
    ['MUSTERFRAU, ERIKA'],
    ['thorax erika musterfrau'],
    ['Ct_Thorax_musterfrau_v2'],
    ['M.u.s.t.e.r.f.r.a.u'],
    ['ErikaMusterfrau'],
    ['Erika only'],
  ])('finds %s', (value) => {
    expect(find(ERIKA, [text(value)])).toEqual([{ kind: 'patient-name', tag: '(0018,1030)' }]);
  });

  it('finds nothing where there is nothing', () => {
    expect(find(ERIKA, [text('Thorax routine 5 mm'), el('00180050', 'DS', '2.5')])).toEqual([]);
  });

  it('finds a name in UTF-16, in plain bytes and in a nested item', () => {
    const wide = Buffer.from('Musterfrau', 'utf16le');
    expect(find(ERIKA, [el('00281201', 'OW', wide)])).toHaveLength(1);
    expect(find(ERIKA, [el('00091001', 'UN', Buffer.from('xxMUSTERFRAUxx'))])).toHaveLength(1);
    expect(find(ERIKA, [el('00081140', 'SQ', [[text('Erika')]])])).toEqual([
      { kind: 'patient-name', tag: '(0008,1140)[0].(0018,1030)' },
    ]);
  });

  it('finds umlauts in either case, in UTF-8, in Latin-1 and without the dots', () => {
    const source = [name('Grünewälder^Jörg')];
    expect(find(source, [text('GRÜNEWÄLDER')])).toHaveLength(1);
    expect(find(source, [text('grunewalder')])).toHaveLength(1);
    const latin1 = Buffer.from('bei gr\u00fcnew\u00e4lder', 'latin1');
    expect(find(source, [el('00204000', 'LT', latin1)])).toHaveLength(1);
  });

  it('finds a name in the bytes of a character set that nobody knows', () => {
    // Shift JIS for "Yamada^Tarou" in kanji.
    const kanji = Buffer.from([0x8e, 0x52, 0x93, 0x63, 0x5e, 0x91, 0xbe, 0x98, 0x59]);
    const source = [el('00100010', 'PN', Buffer.concat([kanji, Buffer.from(' ')]))];
    const out = [el('00204000', 'LT', Buffer.from([0x41, 0x20, 0x8e, 0x52, 0x93, 0x63]))];
    expect(find(source, out, [], 'ISO_IR 999')).toHaveLength(1);
  });

  it('finds each representation of a name', () => {
    const source = [name('Yamada^Tarou=山田^太郎=やまだ^たろう')];
    for (const value of ['yamada', 'x 山田 x', 'やまだ']) {
      expect(find(source, [text(value)]), value).toHaveLength(1);
    }
  });

  it('takes short parts as whole words of texts only', () => {
    const source = [name('Li^Wei')];
    expect(find(source, [text('Liver and weight')])).toEqual([]);
    expect(find(source, [text('for Li only')])).toHaveLength(1);
    expect(find(source, [text('WeiLi')])).toHaveLength(1);
    expect(find(source, [el('00181210', 'SH', 'B30f')])).toEqual([]);
  });

  it('lets terms of the standard stand where they are defined, and holds them elsewhere', () => {
    const source = [name('Head^Stan')];
    expect(find(source, [el('00180015', 'CS', 'HEAD')])).toEqual([]);
    expect(find(source, [el('00181250', 'SH', 'HEAD COIL')])).toHaveLength(1);
    expect(find(source, [el('00080008', 'CS', 'STANDARD')])).toEqual([]);
    expect(find(source, [el('00181210', 'SH', 'STANDARD')])).toHaveLength(1);
    expect(find([name('CT^X')], [el('00080060', 'CS', 'CT')])).toEqual([]);
  });

  it('looks for other persons too', () => {
    const source = [el('00080090', 'PN', 'Wiesenthal^Greta')];
    expect(find(source, [text('asked by Dr. Wiesenthal')])).toEqual([
      { kind: 'person-name', tag: '(0018,1030)' },
    ]);
  });
});

describe('the search for identifiers', () => {
  const mrn = (value: string): BuildElement[] => [el('00100020', 'LO', value)];

  it('does not depend on separators, case and leading zeros', () => {
    expect(find(mrn('ABC-0081234'), [text('abc0081234')])).toHaveLength(1);
    expect(find(mrn('0081234'), [text('pat 81234')])).toHaveLength(1);
    expect(find(mrn('12.34.56-7'), [text('1234567')])).toHaveLength(1);
    expect(find(mrn('1234567'), [text('12 34 56 7')])).toHaveLength(1);
  });

  it('takes digits as a whole number where they are few', () => {
    expect(find(mrn('2000'), [text('TR 2000')])).toHaveLength(1);
    expect(find(mrn('2000'), [text('R120009')])).toEqual([]);
    expect(find(mrn('2000'), [el('00180080', 'DS', '2000')])).toEqual([]);
    expect(find(mrn('87654321'), [el('00180080', 'DS', '87654321')])).toHaveLength(1);
    expect(find(mrn('20240115'), [el('00080020', 'DA', '20240115')])).toEqual([]);
  });

  it('does not take the tag behind a value for a part of it', () => {
    // The group 0032 is written 32 00, and 32 is the letter "2".
    const next = el('00321060', 'LO', 'none');
    expect(find(mrn('4711'), [el('00204000', 'LT', 'x 4711'), next])).toHaveLength(1);
  });

  it('takes an accession number of one digit as a whole word', () => {
    const source = [el('00080050', 'SH', '2')];
    expect(find(source, [text('Thorax 2')])).toHaveLength(1);
    expect(find(source, [text('V 2.1, 12 mm')])).toEqual([]);
  });

  it.each([
    '19610523',
    '1961-05-23',
    '23.05.1961',
    '05/23/1961',
    '23.5.1961',
    '23 May 1961',
    '23-MAY-1961',
  ])('finds the birth date as %s', (value) => {
    const source = [el('00100030', 'DA', '19610523')];
    expect(find(source, [text(`born ${value}`)])).toEqual([
      { kind: 'birth-date', tag: '(0018,1030)' },
    ]);
  });

  it('finds telephone numbers with and without prefix, and a line of an address', () => {
    const source = [
      el('00101040', 'LO', 'Hauptstr. 5, Musterstadt'),
      el('00102154', 'SH', '+49 30 1234567'),
    ];
    expect(find(source, [text('030/1234567')])).toEqual([
      { kind: 'telephone', tag: '(0018,1030)' },
    ]);
    expect(find(source, [text('from MUSTERSTADT')])).toEqual([
      { kind: 'address', tag: '(0018,1030)' },
    ]);
  });

  it('looks for what only a nested or a private name element has', () => {
    const source = [
      el('00101002', 'SQ', [[el('00100020', 'LO', 'OTHER-99771')]]),
      el('00111001', 'PN', 'Zwetschke^Anna'),
    ];
    expect(find(source, [text('other99771')])).toHaveLength(1);
    expect(find(source, [text('Zwetschke')])).toHaveLength(1);
  });

  it('looks for UIDs as wholes, unless they are kept', () => {
    const source = [el('0020000D', 'UI', '1.2.826.0.1.3680043.8.1')];
    expect(find(source, [text('of 1.2.826.0.1.3680043.8.1')])).toHaveLength(1);
    expect(find(source, [text('of 1.2.826.0.1.3680043.8.12')])).toEqual([]);
    expect(find(source, [text('1.2.826.0.1.3680043.8.1')], ['retainUids'])).toEqual([]);
  });

  it('looks for each UID of an image of many frames', () => {
    const frames = Array.from({ length: 5000 }, (_, index) => [
      el('00081155', 'UI', `1.2.826.0.1.3680043.8.498.${index}`),
    ]);
    const source = [el('00082112', 'SQ', frames)];
    expect(find(source, [text('nothing')])).toEqual([]);
    expect(find(source, [text('1.2.826.0.1.3680043.8.498.4321')])).toHaveLength(1);
  });

  it('looks for the institution, unless it is kept', () => {
    const source = [el('00080080', 'LO', 'Saint Elsewhere')];
    const output = [text('SaintElsewhere CT1')];
    expect(find(source, output)).toEqual([{ kind: 'institution', tag: '(0018,1030)' }]);
    expect(find(source, output, ['retainInstitutionIdentity'])).toEqual([]);
  });

  it('does not take the policy’s own words for a leak, but any others in their place', () => {
    expect(find(mrn('SUBJ-7'), [el('00100020', 'LO', 'SUBJ-7')])).toEqual([]);
    expect(find(mrn('SUBJ-7777'), [el('00100020', 'LO', 'SUBJ-7777')])).toHaveLength(1);
    expect(find([name('Removed')], [text('REMOVED')])).toEqual([]);
  });

  it('never says what it found', () => {
    const hits = find([...ERIKA, ...mrn('MRN-0081234')], [text('Musterfrau MRN-0081234')]);
    expect(JSON.stringify(hits)).not.toMatch(/muster|0081234/i);
  });

  it('says so when there is more than it can search for', () => {
    const many = Array.from({ length: 2100 }, (_, index) => [
      el('00100020', 'LO', `PATIENT${String(index).padStart(6, '0')}`),
    ]);
    expect(find([el('00101002', 'SQ', many)], [text('nothing')])).toEqual([{ kind: 'incomplete' }]);
  });
});

describe('the description of an identity', () => {
  it('tells missing from short from present', () => {
    const described = describeIdentity(
      walkBytes(
        buildSample([
          el('00080050', 'SH', '2'),
          el('00100010', 'PN', '^^^'),
          el('00100020', 'LO', ''),
        ]),
      ),
    );
    expect(described).toEqual({
      patientId: 'missing',
      patientName: 'missing',
      accession: 'short',
      birthDate: 'present',
      studyUid: 'present',
      seriesUid: 'present',
      instanceUid: 'present',
    });
  });
});

describe('character sets', () => {
  it('finds a name in another encoding than the source has it in', () => {
    const latin1 = Buffer.from('Gr\u00fcnew\u00e4lder^J\u00f6rg', 'latin1');
    const source = [el('00100010', 'PN', latin1)];
    expect(find(source, [text('Grünewälder')], [], 'ISO_IR 100')).toHaveLength(1);
  });

  it('finds a name that is in UTF-8 though nothing says so', () => {
    const source = [name('Grünewälder^Jörg')];
    const latin1 = Buffer.from('Gr\u00fcnew\u00e4lder', 'latin1');
    expect(find(source, [el('00204000', 'LT', latin1)], [], '')).toHaveLength(1);
  });

  it('finds a name that an item has in a character set of its own', () => {
    const cyrillic = Buffer.from([0xb8, 0xd2, 0xd0, 0xdd, 0xde, 0xd2]);
    const source = [
      el('00081140', 'SQ', [[el('00080005', 'CS', 'ISO_IR 144'), el('00100010', 'PN', cyrillic)]]),
    ];
    expect(find(source, [text('Иванов')])).toHaveLength(1);
  });
});
