import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkName, encodeHeader, END_OF_ARCHIVE, paddingOf } from './tar-entry.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lazaret-tar-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** What GNU tar lists; the content is a hole in the file, so that size costs nothing. */
const list = (name: string, sizeBytes: number): string => {
  const header = encodeHeader(name, sizeBytes);
  const path = join(folder, 'x.tar');
  writeFileSync(path, header);
  truncateSync(path, header.length + sizeBytes + paddingOf(sizeBytes) + END_OF_ARCHIVE.length);
  return execFileSync('tar', ['--utc', '--numeric-owner', '-tvf', path], {
    encoding: 'utf8',
    env: { ...process.env, LC_ALL: 'C.UTF-8' },
  });
};

describe('a tar header', () => {
  it('says nothing about the machine that wrote it', () => {
    expect(list('a.dcm', 7)).toMatch(/^-rw-r--r-- 0\/0 +7 1970-01-01 00:00 a\.dcm\n$/);
  });

  it('keeps names of every length', () => {
    const segment = 'd'.repeat(49);
    for (const length of [
      1, 99, 100, 101, 150, 155, 156, 200, 254, 255, 256, 257, 300, 1000, 4095,
    ]) {
      const name = `${segment}/`
        .repeat(Math.ceil(length / 50))
        .slice(0, length)
        .replace(/\/$/, 'x');
      expect(list(name, 0).trimEnd().split(' ').at(-1)).toBe(name);
    }
  });

  it('keeps a name that has no slash where ustar would split it', () => {
    for (const name of [
      'x'.repeat(101),
      `a/${'x'.repeat(101)}`,
      `${'x'.repeat(156)}/${'y'.repeat(90)}`,
    ]) {
      expect(list(name, 0)).toContain(` ${name}\n`);
      expect(encodeHeader(name, 0).length).toBeGreaterThan(512);
    }
    expect(encodeHeader(`${'x'.repeat(155)}/${'y'.repeat(100)}`, 0)).toHaveLength(512);
  });

  it('keeps names beyond ASCII', () => {
    expect(list('größe/計測.dcm', 0)).toContain('größe/計測.dcm');
  });

  it('keeps sizes on both sides of 8 GiB', () => {
    for (const size of [2 ** 33 - 1, 2 ** 33, 2 ** 36 + 5]) {
      expect(list('big.dcm', size)).toContain(` ${size} `);
    }
  });

  it('refuses names that would land elsewhere or on no disk', () => {
    const bad = [
      '',
      '/a',
      'a/',
      'a//b',
      '..',
      'a/../b',
      './a',
      'a\nb',
      'a\0',
      'a\\b',
      '\u0085',
      '\ud800',
    ];
    for (const name of [...bad, 'x'.repeat(256), 'é'.repeat(128), 'a/'.repeat(2048) + 'a']) {
      expect(() => checkName(name)).toThrow(/ARC-001/);
    }
    for (const name of ['a', '..a', 'a b/c.d', 'x'.repeat(255)]) checkName(name);
  });
});
