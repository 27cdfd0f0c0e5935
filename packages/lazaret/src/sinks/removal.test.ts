import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { deliver } from './folder.ts';
import { removeDelivered } from './removal.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'lazaret-removal-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('taking a delivery back', () => {
  it('removes that file and no other, and finds nothing the second time', async () => {
    for (const key of ['c/P1/one.tar.gz', 'c/P1/two.tar.gz']) {
      await deliver({
        folder,
        key,
        attempt: 'a-1',
        write: (stream) => stream.write(Buffer.from(key)),
      });
    }
    expect(await removeDelivered({ folder, key: 'c/P1/one.tar.gz' })).toBe(true);
    expect(readdirSync(join(folder, 'c/P1'))).toEqual(['two.tar.gz']);
    expect(await removeDelivered({ folder, key: 'c/P1/one.tar.gz' })).toBe(false);
    expect(await removeDelivered({ folder, key: 'c/P9/never.tar.gz' })).toBe(false);
  });

  it('removes what was left aside of that delivery, and of no other', async () => {
    const parent = join(folder, 'c/P2');
    mkdirSync(parent, { recursive: true });
    const left = ['.one.tar.gz.a-1.tmp', '.one.tar.gz.a-1-2.tmp', '.two.tar.gz.a-1.tmp'];
    for (const name of left) writeFileSync(join(parent, name), 'half');
    expect(await removeDelivered({ folder, key: 'c/P2/one.tar.gz' })).toBe(false);
    expect(readdirSync(parent)).toEqual(['.two.tar.gz.a-1.tmp']);
  });

  it('is refused for a folder that is not mounted, and for a key that leads elsewhere', async () => {
    const gone = join(folder, 'gone');
    await expect(removeDelivered({ folder: gone, key: 'a' })).rejects.toMatchObject({
      code: 'SinkFolderMissing',
    });
    expect(existsSync(gone)).toBe(false);
    await expect(removeDelivered({ folder, key: '../a' })).rejects.toMatchObject({
      code: 'DeliveryKeyInvalid',
    });
  });
});
