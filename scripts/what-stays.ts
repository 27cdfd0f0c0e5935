/**
 * What becomes of each element of the files below some folders, under each set of options: kept,
 * changed, emptied or removed, and how often; elements without a value are left out. A table in
 * Markdown.
 *
 *     node scripts/what-stays.ts <folder...>
 *
 * It prints tags and counts, never a value. The demo studies are looked at where no folder is named.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { writeDemoStudies } from '../fixtures/dicom/demo.ts';
import { bufferSource } from '../packages/lazaret/src/bytes/byte-source.ts';
import { lookUp } from '../packages/lazaret/src/pipelines/imaging/dicom/dictionary.ts';
import type { Walk } from '../packages/lazaret/src/pipelines/imaging/dicom/element.ts';
import { isUnreadable, walk } from '../packages/lazaret/src/pipelines/imaging/dicom/walk.ts';
import { compare, deliver, OPTION_SETS, type Fate } from '../packages/lazaret/test/imaging/fate.ts';

const SETS = Object.keys(OPTION_SETS);
const FATES: readonly Fate[] = ['kept', 'changed', 'emptied', 'removed'];

/** How often what became of an element, by set. */
type Counts = Map<string, Record<Fate, number>>;

const scratch = mkdtempSync(join(tmpdir(), 'lazaret-stays-'));
try {
  const given = process.argv.slice(2).map((folder) => resolve(folder));
  if (given.length === 0) await writeDemoStudies(join(scratch, 'demo'));
  printTable(given.length === 0 ? [join(scratch, 'demo')] : given);
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

function printTable(folders: readonly string[]): void {
  const counts = new Map<string, Counts>();
  const delivered = new Map<string, number>();
  let files = 0;
  for (const path of folders.flatMap(filesBelow)) {
    const source = readFileSync(path);
    files += 1;
    for (const [set, options] of Object.entries(OPTION_SETS)) {
      const output = deliver(source, options);
      if (output === null) continue;
      delivered.set(set, (delivered.get(set) ?? 0) + 1);
      for (const { path: tags, empty, fate } of compare(walked(source), walked(output))) {
        if (empty) continue;
        const ofTag = counts.get(tags) ?? new Map<string, Record<Fate, number>>();
        const ofSet = ofTag.get(set) ?? { kept: 0, changed: 0, emptied: 0, removed: 0 };
        ofSet[fate] += 1;
        counts.set(tags, ofTag.set(set, ofSet));
      }
    }
  }
  const leaves = SETS.map((set) => `${set}: ${delivered.get(set) ?? 0}`).join(', ');
  console.log(`${files} files; delivered: ${leaves}.\n`);
  console.log(`| element | name | ${SETS.join(' | ')} |`);
  console.log(`| --- | --- | ${SETS.map(() => '---').join(' | ')} |`);
  for (const [tags, ofTag] of [...counts].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    const cells = SETS.map((set) => describeCounts(ofTag.get(set)));
    console.log(`| ${tags} | ${nameOf(tags)} | ${cells.join(' | ')} |`);
  }
}

function describeCounts(counts: Readonly<Record<Fate, number>> | undefined): string {
  if (counts === undefined) return '';
  return FATES.filter((fate) => counts[fate] > 0)
    .map((fate) => `${fate} ${counts[fate]}`)
    .join(', ');
}

/** Of the element itself, without those that it is nested in. */
function nameOf(tags: string): string {
  const last = tags.split('.').at(-1) ?? '';
  const tag = Number.parseInt(last.replace(/[(),]/g, ''), 16);
  return (tag >>> 16) % 2 === 1 ? 'private' : (lookUp(tag)?.keyword ?? 'not in the dictionary');
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .toSorted()
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile());
}

function walked(bytes: Buffer): Walk {
  const result = walk(bufferSource(bytes));
  if (isUnreadable(result)) throw new Error('A delivered file cannot be read.');
  return result;
}
