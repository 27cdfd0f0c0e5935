/** Runs the code of the guide "Write your own pipeline", its tests included. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
const guide = readFileSync(join(root, 'docs/guides/write-a-pipeline.md'), 'utf8');

/** Outside the sources, which other tests read meanwhile; imports are bent accordingly. */
const folder = join(root, 'packages/lazaret', `.guide-${process.pid}`, 'notes');

const BLOCK = /^```ts (\S+)\n([\s\S]*?)^```$/gm;
const files = [...guide.matchAll(BLOCK)].map(([, name = '', code = '']) => ({ name, code }));

mkdirSync(folder, { recursive: true });
for (const { name, code } of files) {
  const bent = code
    .replaceAll("'../../../", "'../../")
    .replaceAll(/'\.\.\/\.\.\/(?!test\/)/g, "'../../src/");
  writeFileSync(join(folder, name), bent);
}

afterAll(() => rmSync(dirname(folder), { recursive: true, force: true }));

describe('the guide to a pipeline of one’s own', () => {
  it('has a file of codes, one of steps, and one of tests, on about a page', () => {
    expect(files.map(({ name }) => name)).toEqual(['codes.ts', 'index.ts', 'notes.test.ts']);
    expect(guide.split('\n').length).toBeLessThan(130);
  });

  it('has code that the compiler takes', { timeout: 60_000 }, () => {
    const project = join(folder, 'tsconfig.json');
    writeFileSync(
      project,
      JSON.stringify({ extends: '../../../../tsconfig.json', include: ['.'] }),
    );
    const compiler = join(root, 'node_modules/typescript/bin/tsc');
    const { stdout } = spawnSync(process.execPath, [compiler, '-p', project], { encoding: 'utf8' });
    expect(stdout).toBe('');
  });
});

describe('the tests of the guide', { timeout: 180_000 }, async () => {
  await import(pathToFileURL(join(folder, 'notes.test.ts')).href);
});
