import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { readProfiles } from './cpu-profile.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lazaret-profile-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function write(thread: number, script: string): void {
  const frame = (functionName: string, url: string, lineNumber: number): object => ({
    callFrame: { functionName, url, lineNumber },
  });
  const profile = {
    nodes: [
      { id: 1, ...frame('(root)', '', -1) },
      { id: 2, ...frame('(idle)', '', -1) },
      { id: 3, ...frame('walk', `${new URL('../', import.meta.url).href}${script}`, 9) },
      { id: 4, ...frame('', 'file:///elsewhere/node_modules/parser/index.js', 0) },
    ],
    samples: [2, 3, 4, 3],
    timeDeltas: [500_000, 1_000_000, 1_000_000, 2_000_000],
  };
  writeFileSync(
    join(folder, `CPU.20260101.120000.77.${thread}.00${thread}.cpuprofile`),
    JSON.stringify(profile),
  );
}

describe('reading CPU profiles', () => {
  it('adds up the threads of one kind and leaves idle time out of the shares', () => {
    write(1, 'packages/work.ts');
    write(2, 'packages/work.ts');
    expect(readProfiles(folder)).toEqual([
      {
        kind: 'worker work.ts',
        threads: 2,
        busySeconds: 8,
        idleSeconds: 1,
        top: [
          { name: 'walk', place: 'packages/work.ts:10', seconds: 6, share: 0.75 },
          {
            name: '(anonymous)',
            place: 'node_modules/parser/index.js:1',
            seconds: 2,
            share: 0.25,
          },
        ],
      },
    ]);
  });

  it('keeps the main thread apart from a worker, and shows as many functions as are asked for', () => {
    write(0, 'bench/main.ts');
    write(1, 'packages/work.ts');
    const profiles = readProfiles(folder, 1);
    expect(profiles.map(({ kind }) => kind)).toEqual(['main main.ts', 'worker work.ts']);
    expect(profiles.map(({ top }) => top.length)).toEqual([1, 1]);
  });
});
