import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { folderFiles } from './folder-files.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lazaret-folder-'));
});

afterEach(() => rmSync(folder, { recursive: true }));

const { signal } = new AbortController();

describe('the files of a folder', () => {
  it('come by name, without folders, and end', async () => {
    for (const name of ['b', 'a']) writeFileSync(join(folder, name), name);
    mkdirSync(join(folder, 'c'));
    const source = folderFiles(folder);
    const first = await source.next(null, signal);
    expect(first?.batch).toEqual([
      { value: { path: join(folder, 'a'), bytes: 1 }, bytes: 1 },
      { value: { path: join(folder, 'b'), bytes: 1 }, bytes: 1 },
    ]);
    expect(await source.next(first?.checkpoint, signal)).toBeNull();
  });

  it('are taken up behind the last one, whatever came and went meanwhile', async () => {
    for (const name of ['a', 'b']) writeFileSync(join(folder, name), name);
    const first = await folderFiles(folder).next(null, signal);
    rmSync(join(folder, 'a'));
    writeFileSync(join(folder, 'c'), 'c');
    const second = await folderFiles(folder).next(first?.checkpoint, signal);
    expect(second?.batch?.map(({ value }) => value)).toEqual([
      { path: join(folder, 'c'), bytes: 1 },
    ]);
  });

  it('of a folder that is not there are a fault at once', () => {
    expect(() => folderFiles(join(folder, 'none'))).toThrow(
      expect.objectContaining({ name: 'Fault' }) as Error,
    );
  });
});
