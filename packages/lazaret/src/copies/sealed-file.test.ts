import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { projectKeyFrom } from '../identity/keys.ts';
import { CHUNK_BYTES, openSealed, SealedFileDamaged, writeSealed } from './sealed-file.ts';

const key = projectKeyFrom(randomBytes(32));
let folder: string;
let path: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'lazaret-sealed-'));
  path = join(folder, 'copy');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function* inParts(content: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < content.length; at += size) yield content.subarray(at, at + size);
  await Promise.resolve();
}

async function seal(content: Uint8Array, partBytes = CHUNK_BYTES): Promise<number> {
  const file = await open(path, 'w');
  try {
    return await writeSealed(
      file,
      key,
      (length) => randomBytes(length),
      inParts(content, partBytes),
    );
  } finally {
    await file.close();
  }
}

function readAll(at: string): Uint8Array {
  const source = openSealed(at, key);
  try {
    return source.read(0, source.size);
  } finally {
    source.close();
  }
}

describe('a sealed file', () => {
  it.each([0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 3 * CHUNK_BYTES])(
    'of %i bytes gives back what went in, and shows nothing of it',
    async (size) => {
      const content = randomBytes(size);
      const written = await seal(content, 300_000);
      const file = readFileSync(path);
      expect(file.length).toBe(written);
      expect(Buffer.compare(readAll(path), content)).toBe(0);
      if (size > 16) expect(file.includes(content.subarray(0, 16))).toBe(false);
    },
  );

  it('can be read anywhere', async () => {
    const content = randomBytes(2 * CHUNK_BYTES + 77);
    await seal(content);
    const source = openSealed(path, key);
    fc.assert(
      fc.property(fc.nat(content.length + 5), fc.nat(CHUNK_BYTES + 9), (offset, length) => {
        const part = source.read(offset, length);
        expect(Buffer.compare(part, content.subarray(offset, offset + length))).toBe(0);
      }),
    );
    source.close();
  });

  it('does not open when a byte was changed, cut off or added, or for another key', async () => {
    await seal(randomBytes(CHUNK_BYTES + 100));
    const sound = readFileSync(path);
    const digest = createHash('sha256').update(readAll(path)).digest('hex');
    const broken = join(folder, 'broken');
    fc.assert(
      fc.property(fc.nat(sound.length - 1), fc.integer({ min: 1, max: 255 }), (at, by) => {
        const bytes = Buffer.from(sound);
        bytes[at] = (bytes[at] ?? 0) ^ by;
        writeFileSync(broken, bytes);
        expect(() => readAll(broken)).toThrow(SealedFileDamaged);
      }),
      { numRuns: 30 },
    );
    for (const cut of [0, 40, 41, 60, sound.length - 1, CHUNK_BYTES + 41 + 16]) {
      writeFileSync(broken, sound.subarray(0, cut));
      expect(() => readAll(broken), `cut to ${cut}`).toThrow(SealedFileDamaged);
    }
    expect(() => openSealed(path, projectKeyFrom(randomBytes(32)))).toThrow(SealedFileDamaged);
    expect(createHash('sha256').update(readAll(path)).digest('hex')).toBe(digest);
  });
});
