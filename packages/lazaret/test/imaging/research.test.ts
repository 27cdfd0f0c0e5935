/**
 * What research needs stays: real files and the demo studies are de-identified under several sets of
 * options, and each element of each of them is judged by PS3.15 Table E.1-1, read here anew and not by
 * the code that decides in the pipeline.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeDemoStudies } from '../../../../fixtures/dicom/demo.ts';
import { findDciodvfy } from '../../../../fixtures/dicom/readers.ts';
import { sharedFolder } from '../../../../fixtures/shared.ts';
import { bufferSource } from '../../src/bytes/byte-source.ts';
import type { Element, Walk } from '../../src/pipelines/imaging/dicom/element.ts';
import profile from '../../src/pipelines/imaging/dicom/facts/confidentiality-profile.json' with { type: 'json' };
import { isValidUid } from '../../src/pipelines/imaging/dicom/uid.ts';
import { isUnreadable, walk } from '../../src/pipelines/imaging/dicom/walk.ts';
import { pixelDigest } from './pixel-digest.ts';
import { compare, deliver, OPTION_SETS, valueOf, type Fate, type Judged } from './fate.ts';
import { moduleOf, MODULES } from './research-modules.ts';

/** Columns of the facts file that say to keep, by option. */
const COLUMNS: Readonly<Record<string, string>> = {
  retainUids: 'U=K',
  retainDeviceIdentity: 'V=K',
  retainInstitutionIdentity: 'I=K',
  retainPatientCharacteristics: 'H=K',
  retainLongitudinalFullDates: 'F=K',
};

/** What dciodvfy may say of an output and not of its source; each with the reason. */
const EXPLAINED: readonly (readonly [line: RegExp, reason: string])[] = [
  [
    /<OverlayData> Module=<OverlayPlane>/,
    'PS3.15 table E.1-1 removes Overlay Data (60xx,3000) and leaves the rest of the plane.',
  ],
  [
    /<ReferencedRTPlanSequence> Module=<RTDose>/,
    'The source has the sequence under the VR UN, in which readers see bytes that nobody could check.',
  ],
];

/** Columns that say to clean, by option. */
const CLEANING: Readonly<Record<string, string>> = {
  cleanDescriptors: 'D=C',
  cleanStructuredContent: 'S=C',
  cleanGraphics: 'G=C',
};

interface Pair {
  readonly name: string;
  readonly source: Buffer;
  readonly output: Buffer;
}

let folder = '';
const sources = new Map<string, Buffer>();
const delivered = new Map<string, Pair[]>();

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'lazaret-research-'));
  const demo = join(folder, 'demo');
  await writeDemoStudies(demo);
  const roots = [demo, ...(sharedFolder === null ? [] : [join(sharedFolder, 'corpora', 'dicom')])];
  for (const root of roots) {
    for (const name of readdirSync(root, { recursive: true, encoding: 'utf8' }).toSorted()) {
      const path = join(root, name);
      if (statSync(path).isFile()) sources.set(name, readFileSync(path));
    }
  }
  for (const [set, options] of Object.entries(OPTION_SETS)) {
    delivered.set(
      set,
      [...sources].flatMap(([name, source]) => {
        const output = deliver(source, options);
        return output === null ? [] : [{ name, source, output }];
      }),
    );
  }
}, 120_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

const rows = new Map(
  profile.map(([tag = '', , basic = '', cells = '']) => [tag, { basic, cells: cells.split(' ') }]),
);

const TEXT = /^(?:LO|LT|SH|ST|UC|UT)$/;

const OWN = new Set(['(0012,0062)', '(0012,0063)', '(0012,0064)', '(0028,0303)']);

/** What the table allows to become of an element. */
function allowed({ tag, vr }: Judged, options: readonly string[]): readonly Fate[] {
  const gone: readonly Fate[] = ['removed', 'emptied', 'changed'];
  if ((tag >>> 16) % 2 === 1) {
    return options.includes('retainSafePrivate') ? ['kept', ...gone] : ['removed'];
  }
  const row = rows.get(tag.toString(16).toUpperCase().padStart(8, '0'));
  if (row === undefined) return ['kept', ...gone];
  const kept = options.some((option) => {
    const cell = COLUMNS[option];
    return cell !== undefined && row.cells.includes(cell);
  });
  // Words that are known stay: what may is the vocabulary's to say.
  if (!kept && row.cells.some((cell) => options.some((option) => CLEANING[option] === cell))) {
    return ['kept', ...gone];
  }
  const times = options.includes('retainLongitudinalModifiedDates') && row.cells.includes('M=C');
  // Of text that is kept, the words that name the patient go: a town may be in both addresses.
  if (kept && TEXT.test(vr)) return ['kept', 'changed'];
  if (kept || (times && vr === 'TM')) return ['kept'];
  // A sequence may stay where what is in its items is replaced.
  return vr === 'SQ' && /U\*|D/.test(row.basic) ? ['kept', ...gone] : gone;
}

function walked(bytes: Buffer): Walk {
  const result = walk(bufferSource(bytes));
  if (isUnreadable(result)) throw new Error('A delivered file cannot be read.');
  return result;
}

describe.each(Object.keys(OPTION_SETS))('images de-identified with %s', (set) => {
  const pairs = (): readonly Pair[] => delivered.get(set) ?? [];
  const options = OPTION_SETS[set] ?? [];

  it('are many', () => {
    expect(pairs().length).toBeGreaterThan(sharedFolder === null ? 60 : 90);
  });

  it('lose nothing of geometry, acquisition and pixels', () => {
    const lost = new Map<string, number>();
    const seen = new Set<string>();
    for (const { source, output } of pairs()) {
      for (const { tag, path, fate } of compare(walked(source), walked(output))) {
        const module = moduleOf(tag);
        if (module === undefined) continue;
        seen.add(module.name);
        if (fate === 'kept') continue;
        const line = `${module.name} ${path} ${fate}`;
        lost.set(line, (lost.get(line) ?? 0) + 1);
      }
    }
    expect(Object.fromEntries(lost)).toEqual({});
    // The list would say nothing if none of it were in the files.
    if (sharedFolder !== null) expect(seen.size).toBeGreaterThan(MODULES.length / 2);
  });

  it('have elements of which became what the table allows', () => {
    const wrong = new Map<string, number>();
    const counts: Record<Fate, number> = { kept: 0, changed: 0, emptied: 0, removed: 0 };
    for (const { source, output } of pairs()) {
      const before = walked(source);
      for (const judged of compare(before, walked(output))) {
        counts[judged.fate] += 1;
        if (OWN.has(judged.path) || isNothing(before, judged)) continue;
        if (allowed(judged, options).includes(judged.fate)) continue;
        const line = `${judged.path} ${judged.vr} ${judged.fate}`;
        wrong.set(line, (wrong.get(line) ?? 0) + 1);
      }
    }
    console.log(JSON.stringify({ set, files: pairs().length, counts }));
    expect(Object.fromEntries(wrong)).toEqual({});
  });

  it('have the pixels of their sources', () => {
    for (const { name, source, output } of pairs()) {
      // A deflated file's pixels lie elsewhere in the file than in what it inflates to.
      if (walked(source).syntax.deflated) continue;
      expect(pixelDigest(output), name).toEqual(pixelDigest(source));
    }
  });
});

/** Nothing can be lost of an empty value, and the standard's own UIDs need no replacement. */
function isNothing(source: Walk, { path, vr, fate }: Judged): boolean {
  const element = find(source, path);
  if (element === undefined) return false;
  if (element.items === undefined && valueOf(source, element).length === 0) return true;
  if (element.items?.length === 0) return true;
  const text = element.items === undefined ? valueOf(source, element).toString('latin1') : '';
  if (vr !== 'UI') return false;
  // A value that is no UID is replaced, whatever the policy keeps.
  return fate === 'kept' ? text.startsWith('1.2.840.10008.') : !isValidUid(text);
}

/** The first element at this path. */
function find(source: Walk, path: string): Element | undefined {
  const tags = path.split('.').map((tag) => Number.parseInt(tag.replace(/[(),]/g, ''), 16));
  let elements: readonly Element[] = source.elements;
  let found: Element | undefined;
  for (const tag of tags) {
    found = elements.find((element) => element.tag === tag);
    elements = found?.items?.flatMap((item) => item.elements) ?? [];
  }
  return found;
}

describe('dciodvfy', () => {
  it('finds no error in a delivered file that its source does not have', ({ skip }) => {
    const reader = findDciodvfy();
    if (reader === null) return skip('dciodvfy is not installed');
    const errorsOf = (name: string, bytes: Buffer): readonly string[] => {
      const path = join(folder, name);
      writeFileSync(path, bytes);
      const said = reader.findFaults([path]).get(path) ?? '';
      // UIDs and other values are new in the output; what is said of them is the same.
      return said.split('; ').map((line) => line.replaceAll(/<[0-9.]{10,64}>/g, '<uid>'));
    };
    const known = new Map<string, ReadonlySet<string>>();
    const added = new Map<string, string[]>();
    for (const [set, pairs] of delivered) {
      for (const { name, source, output } of pairs) {
        if (!known.has(name)) known.set(name, new Set(errorsOf('source', source)));
        for (const line of errorsOf('output', output)) {
          if (line === '' || known.get(name)?.has(line) === true) continue;
          if (EXPLAINED.some(([explained]) => explained.test(line))) continue;
          added.set(line, [...(added.get(line) ?? []), `${set}: ${name}`]);
        }
      }
    }
    expect(Object.fromEntries(added)).toEqual({});
  }, 180_000);
});
