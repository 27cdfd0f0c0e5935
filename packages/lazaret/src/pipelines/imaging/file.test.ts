import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { causeOf, openFile } from './file.ts';
import type { FileArrival } from './image.ts';

describe('opening a file that was listed', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'lazaret-file-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const listed = (name: string, size: number): FileArrival => ({
    path: join(folder, name),
    encoding: 'utf8',
    kind: 'file',
    size,
  });
  const causeOfOpening = (file: FileArrival): string | null => {
    try {
      openFile(file).close();
      return null;
    } catch (error) {
      return causeOf(error)?.code ?? 'no cause';
    }
  };

  it('reads what is there now, though it has grown since', () => {
    writeFileSync(join(folder, 'grown'), 'four');
    const { source, digest, close } = openFile(listed('grown', 0));
    close();
    expect(source.size).toBe(4);
    expect(digest).toBe('04efaf080f5a3e74e1c29d1ca6a48569382cbbcd324e8d59d2b83ef21c039f00');
  });

  it('does not wait for a pipe that has taken its place', () => {
    execFileSync('mkfifo', [join(folder, 'pipe')]);
    expect(causeOfOpening(listed('pipe', 10))).toBe('ENOENT');
  });

  it('does not follow a link that has taken its place', () => {
    symlinkSync('grown', join(folder, 'link'));
    expect(causeOfOpening(listed('link', 10))).toBe('ELOOP');
  });
});
