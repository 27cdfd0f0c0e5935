/**
 * Tries the verification as one tries tests: a finished file that is right is spoiled in one place, as a
 * writer with a mistake in it would, and the verification or the search has to say so. Every kind of
 * leak is planted at every depth and in every encoding; a mutant that lives is a hole.
 */
import { afterAll, describe, expect, it } from 'vitest';
import {
  el,
  encode,
  type BuildElement,
  type Syntax,
} from '../../../../../../fixtures/dicom/build.ts';
import { bufferSource } from '../../../bytes/byte-source.ts';
import { buildSample, sampleInput, walkBytes } from './deidentify-sample.ts';
import { deidentify, type DeidentifyInput } from './deidentify.ts';
import type { Element, Walk } from './element.ts';
import type { SupportedOption } from './profile-options.ts';
import { harvest, scan } from './residual.ts';
import { verify } from './verify.ts';

const UID = '1.2.826.0.1.3680043.8.498';

/** What the source has beside the sample: more people, places and numbers, and something to hide in. */
const MORE: readonly BuildElement[] = [
  el('00080081', 'ST', 'Hauptstr. 5, Musterstadt'),
  el('00080090', 'PN', 'Wiesenthal^Greta'),
  el('00081070', 'PN', 'Li^Wei'),
  el('00081090', 'LO', 'Scanner 3000'),
  el('00081140', 'SQ', [
    [
      el('00081150', 'UI', '1.2.840.10008.5.1.4.1.1.2'),
      el('00081155', 'UI', `${UID}.55`),
      el('0040A170', 'SQ', [
        [
          el('00080100', 'SH', '121311'),
          el('00080102', 'SH', 'DCM'),
          el('00080104', 'LO', 'Localizer'),
        ],
      ]),
    ],
  ]),
  el('00101000', 'LO', 'OTHER-99771'),
  el('00101040', 'LO', 'Kirchgasse 7, Dorfhausen'),
  el('00102154', 'SH', '+49 30 1234567'),
  el('00181020', 'LO', 'V 2.1'),
  el('00181210', 'SH', 'B30f'),
  el('00281201', 'OW', new Uint8Array(64)),
];

/** One leak: elements that take the place of those with the same tags at a level, or come to them. */
interface Leak {
  readonly name: string;
  readonly elements: readonly BuildElement[];
}

const leak = (name: string, ...elements: readonly BuildElement[]): Leak => ({ name, elements });

const ascii = (text: string): Buffer => Buffer.from(text, 'latin1');
const wide = (text: string): Buffer => Buffer.from(text, 'utf16le');

/** Ways of writing what identifies, as text. */
const TEXTS: readonly string[] = [
  ...[
    'Musterfrau^Erika',
    'ERIKA MUSTERFRAU',
    'musterfrau',
    'M u s t e r f r a u',
    'ErikaMusterfrau',
  ],
  ...['E.Musterfrau', 'xmusterfraux', 'Dr. Wiesenthal', 'Li', 'Wei Li', 'by Li.'],
  ...['MRN-0081234', '0081234', '81234', 'MRN 008 12 34', 'mrn0081234', 'OTHER-99771', '99771'],
  ...['ACC4711007', '4711007', 'ACC 4711 007'],
  ...[
    '19610523',
    '1961-05-23',
    '23.05.1961',
    '05/23/1961',
    '23.5.61',
    '23 May 1961',
    '23. Mai 1961',
  ],
  ...['23 mai 1961', 'May 23, 1961', '230561'],
  ...['030/1234567', '1234567', 'Kirchgasse 7', 'Dorfhausen', 'Musterstadt', 'Saint Elsewhere'],
  ...[`${UID}.1001`, ascii('Musterfrau').toString('hex'), ascii('xMusterfrau!').toString('base64')],
  ...[ascii('Musterfrau').toString('base64'), ascii('..MRN-0081234..').toString('base64')],
];

/** Ways of hiding it in plain bytes. */
const BYTES: readonly (readonly [string, Buffer])[] = [
  ['ASCII', ascii('....Musterfrau....')],
  ['capitals', ascii('....MUSTERFRAU....')],
  ['UTF-16, little-endian', wide('..Musterfrau..')],
  ['UTF-16, big-endian', wide('..Musterfrau..').swap16()],
  ['a number', ascii('....0081234.....')],
  ['a number in UTF-16', wide('..0081234...')],
  ['a birth date', ascii('....19610523....')],
  ['a UID', ascii(`....${UID}.2001....`)],
  ['base64', ascii(`....${ascii('Musterfrau^Erika').toString('base64')}`)],
  ['a word of four letters', ascii('\0\0\0\0Erik\0Erika\0\0\0')],
];

/** Elements that every profile keeps, and that hence must say what the source says. */
const KEPT: readonly (readonly [string, string])[] = [
  ['00080070', 'LO'],
  ['00081090', 'LO'],
  ['00181020', 'LO'],
  ['00181210', 'SH'],
];

const LEAKS: readonly Leak[] = [
  ...KEPT.flatMap(([tag, vr]) =>
    TEXTS.map((text) => leak(`"${text}" in ${tag}`, el(tag, vr, text))),
  ),
  ...BYTES.flatMap(([name, bytes]) => [
    leak(`${name} in a lookup table`, el('00281201', 'OW', bytes)),
    leak(`${name} in an ICC profile`, el('00282000', 'OB', bytes)),
  ]),
  leak('a name', el('00084000', 'LT', 'Musterfrau')),
  leak('somebody else’s name', el('00081070', 'PN', 'Someone^Else')),
  leak('a name the table does not list', el('0040A123', 'PN', 'Someone^Else')),
  leak('a birth date', el('00100030', 'DA', '19610523')),
  leak('another birth date', el('00100030', 'DA', '19620101')),
  leak('a birth name', el('00101005', 'PN', 'Someone^Else')),
  leak('other ids', el('00101000', 'LO', 'X-1')),
  leak('an address', el('00101040', 'LO', 'somewhere')),
  leak('comments', el('00204000', 'LT', 'lives near the church')),
  leak('patient comments', el('00104000', 'LT', 'a neighbour of ours')),
  leak('a free text that the table does not list', el('0040A160', 'UT', 'lives near the church')),
  leak('a retired text', el('00184000', 'LT', 'lives near the church')),
  leak('an unknown element', el('00082345', 'LO', 'whatever')),
  leak('an unknown group', el('00AA0010', 'LO', 'whatever')),
  leak('a UN', el('00181210', 'UN', 'B30f')),
  leak('a wrong VR', el('00181210', 'LO', 'B30f')),
  leak('a source UID', el('00081155', 'UI', `${UID}.55`)),
  leak('a foreign UID', el('00081155', 'UI', '1.3.6.1.4.1.99.1')),
  leak('no UID', el('00081155', 'UI', 'Musterfrau')),
  leak('a private element', el('00091001', 'LO', 'whatever')),
  leak('a private block', el('00090010', 'LO', 'ACME'), el('00091001', 'LO', 'whatever')),
  leak('a private name', el('00090010', 'LO', 'Musterfrau')),
  leak('a private sequence', el('00091010', 'SQ', [[el('00080104', 'LO', 'whatever')]])),
  leak('a group length', el('00080000', 'UL', [4])),
  leak('a document', el('00420011', 'OB', ascii('%PDF-1.7 whatever'))),
  leak('a zip in a table', el('00281201', 'OW', Buffer.from('504b0304140000000800', 'hex'))),
  leak('a URL', el('0040E010', 'UR', 'http://pacs.example/musterfrau')),
  leak('an overlay', el('60000040', 'CS', 'G'), el('60003000', 'OW', new Uint8Array(8).fill(7))),
  leak('an overlay’s comment', el('60004000', 'LT', 'whatever')),
  leak('a curve', el('50003000', 'OW', new Uint8Array(8).fill(7))),
  leak('other attributes', el('04000561', 'SQ', [[el('00100010', 'PN', 'Musterfrau^Erika')]])),
  leak('an icon', el('00880200', 'SQ', [[el('7FE00010', 'OW', new Uint8Array(4).fill(9))]])),
  leak('a value of another place', el('00181210', 'SH', 'B31f')),
  leak('a number that the source has not', el('00180050', 'DS', '3.5')),
  leak('a time', el('00080031', 'TM', '101500')),
  leak('a date', el('00080021', 'DA', '20240115')),
  leak('a date-time', el('0008002A', 'DT', '20240115101500')),
  leak('a date the table does not list', el('00180012', 'DA', '20240115')),
  leak('a signature', el('FFFAFFFA', 'SQ', [[el('04000100', 'UI', '2.25.7')]])),
  leak('padding', el('FFFCFFFC', 'OB', ascii('whatever'))),
];

/** Leaks that only the outermost data set can have. */
const OUTERMOST: readonly Leak[] = [
  leak('the name itself', el('00100010', 'PN', 'Musterfrau^Erika')),
  leak('the number itself', el('00100020', 'LO', 'MRN-0081234')),
  leak('another accession number', el('00080050', 'SH', 'A-20')),
  leak('identity not removed', el('00120062', 'CS', 'NO')),
  leak('another method', el('00120063', 'LO', 'lazaret 0.1, policy 2')),
  leak('unmodified dates', el('00280303', 'CS', 'UNMODIFIED')),
  leak('no annotation, though nobody looked', el('00280301', 'CS', 'NO')),
  leak('the source’s instance', el('00080018', 'UI', `${UID}.1001`)),
  leak('the source’s study', el('0020000D', 'UI', `${UID}.2001`)),
  leak('another codes', el('00120064', 'SQ', [[el('00080104', 'LO', 'Musterfrau')]])),
  leak('a pixel', el('7FE00010', 'OW', Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 9))),
  leak('fewer pixels', el('7FE00010', 'OW', Uint8Array.of(1, 2, 3, 4, 5, 6))),
  leak('float pixels', el('7FE00008', 'OF', [1])),
];

type Path = readonly string[];
const PATHS: readonly Path[] = [[], ['00081140'], ['00081140', '0040A170']];

function treeOf(walk: Walk, elements: readonly Element[]): BuildElement[] {
  return elements.map(({ tag, vr, valueOffset, valueLength, items }) => {
    const name = tag.toString(16).toUpperCase().padStart(8, '0');
    return items === undefined
      ? el(name, vr, walk.source.read(valueOffset, valueLength))
      : el(
          name,
          vr,
          items.map((item) => treeOf(walk, item.elements)),
        );
  });
}

function planted(tree: readonly BuildElement[], path: Path, leaks: Leak): BuildElement[] {
  const [next, ...rest] = path;
  if (next === undefined) {
    const tags = new Set(leaks.elements.map(({ tag }) => tag));
    const kept = tree.filter(({ tag }) => !tags.has(tag));
    return [...kept, ...leaks.elements].toSorted((a, b) => (a.tag < b.tag ? -1 : 1));
  }
  return tree.map((element) => {
    if (element.tag !== next) return element;
    const [first = [], ...others] = element.value as readonly BuildElement[][];
    return { ...element, value: [planted(first, rest, leaks), ...others] };
  });
}

interface Subject {
  readonly source: Walk;
  readonly input: DeidentifyInput;
  readonly syntax: Syntax;
  /** Everything before the data set of the finished file. */
  readonly head: Buffer;
  readonly tree: readonly BuildElement[];
}

function subjectOf(syntax: Syntax, options: readonly SupportedOption[]): Subject {
  const source = walkBytes(buildSample(MORE, { syntax }));
  const input = sampleInput(options);
  const { rendition } = deidentify(source, input);
  const bytes = Buffer.from(rendition.read(0, rendition.size));
  const clean = walkBytes(bytes);
  const start = clean.elements[0]?.offset ?? 0;
  const head = bytes.subarray(0, start);
  return { source, input, syntax, head, tree: treeOf(clean, clean.elements) };
}

/** Whether anybody notices. */
function isKilled({ source, input }: Subject, bytes: Buffer): boolean {
  const output = { ...bufferSource(bytes), pixels: null };
  return (
    verify(output, source, input).length > 0 || scan(output, harvest(source), input).length > 0
  );
}

function spoiled(subject: Subject, path: Path, leaks: Leak): Buffer {
  return Buffer.concat([subject.head, encode(planted(subject.tree, path, leaks), subject.syntax)]);
}

const syntaxes: readonly Syntax[] = ['explicit-le', 'implicit-le', 'explicit-be'];
const PROFILES: readonly (readonly SupportedOption[])[] = [
  [],
  ['retainLongitudinalModifiedDates', 'retainPatientCharacteristics', 'retainDeviceIdentity'],
  [
    ...(['cleanDescriptors', 'cleanStructuredContent', 'cleanGraphics'] as const),
    ...(['retainSafePrivate', 'retainLongitudinalModifiedDates'] as const),
  ],
];

let killed = 0;
let total = 0;
afterAll(() => {
  process.stderr.write(`\nverification: ${killed} of ${total} mutants killed\n`);
});

function expectKilled(subject: Subject, mutants: readonly (readonly [string, Buffer])[]): void {
  const alive = mutants.filter(([, bytes]) => !isKilled(subject, bytes)).map(([name]) => name);
  total += mutants.length;
  killed += mutants.length - alive.length;
  expect(alive).toEqual([]);
}

/** In implicit encoding a file does not say what a VR is, so it cannot say it wrongly. */
const NEEDS_VR = new Set(['a UN', 'a wrong VR']);

describe.each(syntaxes)('a finished file in %s', (syntax) => {
  describe.each(PROFILES)('under the options %s, %s, %s, %s, %s', (...given) => {
    const options = given.filter((option) => typeof option === 'string');
    const subject = subjectOf(syntax, options);

    it('is let through as it is', () => {
      expect(isKilled(subject, spoiled(subject, [], leak('nothing')))).toBe(false);
    });

    it.each(PATHS)('is held for each leak, in %s %s', (...path) => {
      const where = path.filter((tag) => typeof tag === 'string');
      const leaks = [...LEAKS, ...(where.length === 0 ? OUTERMOST : [])].filter(
        ({ name }) => syntax !== 'implicit-le' || !NEEDS_VR.has(name),
      );
      expectKilled(
        subject,
        leaks.map((each) => [each.name, spoiled(subject, where, each)]),
      );
    });
  });
});

describe('a name in letters of its own', () => {
  const FORMS: readonly (readonly [string, string, readonly (string | Buffer)[]])[] = [
    [
      'ISO_IR 192',
      'Müllerström^Zoë',
      [
        ...[
          'MÜLLERSTRÖM',
          'Muellerstroem',
          'Mullerstrom',
          'müllerström'.normalize('NFD'),
          'Zoë',
          'ZOE',
        ],
        ...[ascii('M\u00fcllerstr\u00f6m'), wide('Müllerström'), wide('Müllerström').swap16()],
        ...['Ｍüllerström', 'M ü l l e r s t r ö m'],
      ],
    ],
    [
      'ISO_IR 192',
      'Yamada^Tarou=山田^太郎=やまだ^たろう',
      [
        '山田',
        '太郎',
        'ヤマダ',
        'ﾔﾏﾀﾞ',
        'Ｙａｍａｄａ',
        wide('山田'),
        wide('山田').swap16(),
        'YAMADA',
      ],
    ],
    ['ISO_IR 192', 'Иванов^Пётр', ['ИВАНОВ', 'иванов', wide('Иванов'), 'ПЁТР']],
    ['ISO_IR 192', 'Straße^Bjørn', ['STRASSE', 'strasse', 'Bjorn', 'BJOERN', 'straße']],
  ];

  it.each(FORMS)('(%s, %s) is found in every form', (charset, name, forms) => {
    const more = [...MORE, el('00080005', 'CS', charset), el('00100010', 'PN', name)];
    const source = walkBytes(buildSample(more));
    const input = sampleInput();
    const { rendition } = deidentify(source, input);
    const bytes = Buffer.from(rendition.read(0, rendition.size));
    const clean = walkBytes(bytes);
    const head = bytes.subarray(0, clean.elements[0]?.offset ?? 0);
    const subject: Subject = {
      ...{ source, input, syntax: 'explicit-le', head, tree: treeOf(clean, clean.elements) },
    };
    // The search alone: what the rules make of another value is not the question here.
    const missed = forms.filter((form) => {
      const leaks = leak('', el('00181210', 'LT', form), el('00281201', 'OW', Buffer.alloc(2)));
      const output = { ...bufferSource(spoiled(subject, [], leaks)), pixels: null };
      return scan(output, harvest(source), input).length === 0;
    });
    total += forms.length;
    killed += forms.length - missed.length;
    expect(missed).toEqual([]);
  });
});

describe('the frame of a finished file', () => {
  const subject = subjectOf('explicit-le', []);
  const whole = spoiled(subject, [], leak('nothing'));
  const patched = (at: number, bytes: Uint8Array): Buffer => {
    const copy = Buffer.from(whole);
    copy.set(bytes, at);
    return copy;
  };

  it('is held for each change to it', () => {
    expectKilled(subject, [
      ['a preamble', patched(3, ascii('MM'))],
      ['a name in the preamble', patched(0, ascii('Musterfrau'))],
      ['no preamble', whole.subarray(132)],
      ['bytes behind the end', Buffer.concat([whole, ascii('Musterfrau')])],
      ['zeros behind the end', Buffer.concat([whole, Buffer.alloc(16)])],
      ['a missing end', whole.subarray(0, -2)],
      [
        'another version',
        patched(whole.indexOf(ascii('OB\0\0\x02\0\0\0')) + 8, Uint8Array.of(0, 2)),
      ],
      ['another implementation', patched(whole.indexOf('LAZARET'), ascii('OFFIS_X'))],
      [
        'an application entity in the meta group',
        Buffer.concat([
          subject.head,
          encode([el('00020016', 'AE', 'MUSTERFRAU')]),
          whole.subarray(subject.head.length),
        ]),
      ],
    ]);
  });

  it('is held for each single byte of the header that is changed to another letter', () => {
    // A number that becomes a quotation mark is a word less: such a value says less than it did.
    const version = whole.indexOf('V 2.1');
    const mutants: [string, Buffer][] = [];
    for (let at = 132; at < whole.length - 8; at += 1) {
      if (at >= version && at < version + 6) continue;
      mutants.push([`byte ${at}`, patched(at, Uint8Array.of((whole[at] ?? 0) ^ 0x15))]);
    }
    expectKilled(subject, mutants);
  });
});
