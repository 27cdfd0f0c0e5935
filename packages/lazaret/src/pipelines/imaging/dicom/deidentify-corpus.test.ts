/** Real files that break readers, through the whole way. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { sharedFolder } from '../../../../../../fixtures/shared.ts';
import { bufferSource } from '../../../bytes/byte-source.ts';
import { deidentify } from './deidentify.ts';
import { sampleInput } from './deidentify-sample.ts';
import { findDoubts } from './forgiveness.ts';
import type { SupportedOption } from './profile-options.ts';
import { describeIdentity, harvest, scan } from './residual.ts';
import { verify } from './verify.ts';
import { isUnreadable, walk } from './walk.ts';

const corpus = sharedFolder === null ? null : join(sharedFolder, 'corpora/dicom');
const files =
  corpus === null
    ? []
    : readdirSync(corpus, { recursive: true, encoding: 'utf8' })
        .map((name) => join(corpus, name))
        .filter((path) => statSync(path).isFile())
        .sort();

type Outcome = 'unreadable' | 'doubt' | 'breach' | 'hit' | 'clean';

function pass(
  path: string,
  options: readonly SupportedOption[],
): { outcome: Outcome; output?: Uint8Array; says: readonly string[] } {
  const source = walk(bufferSource(readFileSync(path)));
  if (isUnreadable(source)) return { outcome: 'unreadable', says: [source.unreadable] };
  const present = describeIdentity(source).accession !== 'missing';
  const input = { ...sampleInput(options), accession: present ? 'A-19' : '' };
  const { rendition } = deidentify(source, input);
  const output = rendition.read(0, rendition.size);
  const doubts = findDoubts(source.forgiven);
  const breaches = verify(rendition, source, input);
  const hits = scan(rendition, harvest(source), input);
  if (doubts.length > 0) return { outcome: 'doubt', output, says: doubts.map(({ kind }) => kind) };
  if (breaches.length > 0) {
    return { outcome: 'breach', output, says: breaches.map(({ kind }) => kind) };
  }
  const says = hits.map(({ kind, tag }) => `${kind} ${tag ?? ''}`);
  return { outcome: hits.length > 0 ? 'hit' : 'clean', output, says };
}

const dcmdump = spawnSync('dcmdump', ['--version']).error === undefined;

describe.skipIf(corpus === null)(
  'the real corpus (skipped where it is not on this machine)',
  () => {
    const folder = mkdtempSync(join(tmpdir(), 'lazaret-corpus-'));
    afterAll(() => rmSync(folder, { recursive: true }));

    it.each<readonly SupportedOption[]>([
      [],
      ['retainLongitudinalModifiedDates', 'retainPatientCharacteristics', 'retainDeviceIdentity'],
      ['retainLongitudinalFullDates', 'retainUids', 'retainInstitutionIdentity'],
    ])(
      'goes through without a throw, and the writer is never the one to blame (%s, %s, %s)',
      (...options) => {
        const chosen = options.filter((option) => option !== undefined);
        const outcomes = files.map((path) => pass(path, chosen));
        const count = (outcome: Outcome): number =>
          outcomes.filter((result) => result.outcome === outcome).length;
        expect(outcomes).toHaveLength(89);
        // A breach in a file that was read without doubt is a mistake of the de-identifier.
        expect(outcomes.flatMap(({ outcome, says }) => (outcome === 'breach' ? says : []))).toEqual(
          [],
        );
        expect(count('clean')).toBeGreaterThanOrEqual(75);
        expect(count('clean') + count('hit') + count('doubt') + count('unreadable')).toBe(89);
      },
    );

    it.skipIf(!dcmdump)(
      'comes out so that dcmdump has nothing to complain of that the source had not (skipped: no dcmdump)',
      () => {
        const complaints = (path: string): number => {
          const { stderr } = spawnSync('dcmdump', ['--quiet', '+E', path], { encoding: 'utf8' });
          return stderr.split('\n').filter((line) => /^[EFW]:/.test(line)).length;
        };
        const worse = files.filter((path, index) => {
          const { output } = pass(path, ['retainLongitudinalModifiedDates']);
          if (output === undefined) return false;
          const target = join(folder, `${index}.dcm`);
          writeFileSync(target, output);
          return complaints(target) > complaints(path);
        });
        expect(worse.map((path) => path.slice((corpus ?? '').length))).toEqual([]);
      },
      60_000,
    );
  },
);
