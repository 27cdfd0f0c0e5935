import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  clearMapFile,
  mapFileHeader,
  openMapFile,
  readMapFileHeader,
  sealMapFile,
  type OpenEntry,
} from './map-file.ts';

const SECRET = 'correct horse battery';
const ENTRIES: readonly OpenEntry[] = [
  {
    kind: 'patient',
    pseudonym: '10f5',
    origin: 'a'.repeat(64),
    mark: null,
    original: { id: 'MRN-1', shiftDays: -3 },
  },
];
const header = mapFileHeader('lung', '3f1c9a5b7d20e846', 1, new Date('2026-01-02T03:04:05Z'));

describe('the identity map as a file', () => {
  let file: Buffer;
  beforeAll(async () => {
    file = await sealMapFile(header, ENTRIES, SECRET, randomBytes);
  });

  it('is opened with its secret, and says without it what it is', async () => {
    expect(readMapFileHeader(file)).toEqual(header);
    expect(await openMapFile(file, SECRET)).toEqual(ENTRIES);
    expect(file.toString('latin1')).not.toContain('MRN-1');
  });

  it('is another one each time', async () => {
    expect(await sealMapFile(header, ENTRIES, SECRET, randomBytes)).not.toEqual(file);
  });

  it('is not opened with another secret', async () => {
    await expect(openMapFile(file, 'correct horse batterz')).rejects.toMatchObject({
      code: 'IdentityFileUnusable',
    });
  });

  it('is not opened where a bit of it was changed, the header included', async () => {
    for (const at of [20, 60, file.indexOf(0x0a) + 3, file.length - 1, file.length - 20]) {
      const changed = Buffer.from(file);
      changed[at] = (changed[at] ?? 0) ^ 1;
      await expect(openMapFile(changed, SECRET)).rejects.toMatchObject({
        code: 'IdentityFileUnusable',
      });
    }
    await expect(openMapFile(file.subarray(0, -1), SECRET)).rejects.toMatchObject({
      code: 'IdentityFileUnusable',
    });
  });

  it('takes no secret that is guessed at once', async () => {
    await expect(sealMapFile(header, ENTRIES, 'short', randomBytes)).rejects.toMatchObject({
      code: 'IdentitySecretUnusable',
    });
  });

  it('is not brought in from clear text', () => {
    const clear = clearMapFile(header, ENTRIES);
    expect(clear.toString('utf8')).toContain('MRN-1');
    expect(() => readMapFileHeader(clear)).toThrow('IDN-016');
  });

  it('has a header, or is refused with a code', () => {
    const anyFile = fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      fc.jsonValue().map((value) => Buffer.from(`${JSON.stringify(value)}\nrest`)),
    );
    fc.assert(
      fc.property(anyFile, (bytes) => {
        expect(() => readMapFileHeader(Buffer.from(bytes))).toThrow('IDN-016');
      }),
    );
  });
});
