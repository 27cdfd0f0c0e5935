import { mkdirSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { lazaret, makeHome, type Home } from './process.ts';

let home: Home;

beforeAll(() => {
  home = makeHome();
});

afterAll(() => home.remove());

describe('lazaret demo', () => {
  it('shows images and forms, and what to do next', { timeout: 180_000 }, async () => {
    const { exit, stdout, stderr } = await lazaret(home, ['demo']);
    expect(stderr).toMatch(/\d+ invented records/);
    expect(stdout.match(/the sum holds/g)).toHaveLength(2);
    expect(stdout).toMatch(/held +7 +rule asks for a look/);
    expect(stdout).toMatch(/fix lists +\S+/);
    expect(stdout).toContain('VIS-031');
    expect(stdout).toContain('ModuleMissing');
    expect(exit).toBe(0);
  });

  it('keeps its hands off a folder that it did not make', async () => {
    const other = makeHome();
    mkdirSync(join(other.folder, 'lazaret-demo/mine'), { recursive: true });
    const { exit, stderr } = await lazaret(other, ['demo']);
    expect(stderr).toContain('that the demo did not make');
    expect(exit).toBe(2);
    expect(existsSync(join(other.folder, 'lazaret-demo/mine'))).toBe(true);
    other.remove();
  });
});
