import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ByteSource } from '../bytes/byte-source.ts';
import { type ArchivePart, assemble, type Assembled } from './assemble.ts';
import { packMember, type PackedMember } from './gzip-member.ts';
import { makeManifest, type ManifestEntry, parseManifest } from './manifest.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lazaret-archive-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** Gives at most `most` bytes at a time, and remembers how many it was asked for at once. */
class Bytes implements ByteSource {
  readonly bytes: Uint8Array;
  readonly size: number;
  readonly most: number;
  largest = 0;
  constructor(bytes: Uint8Array, most = Infinity, size = bytes.length) {
    this.bytes = bytes;
    this.most = most;
    this.size = size;
  }
  read(offset: number, length: number): Uint8Array {
    this.largest = Math.max(this.largest, length);
    return this.bytes.subarray(offset, offset + Math.min(length, this.most));
  }
}

/** Bytes that compress about as images do, from a seed. */
const noise = (seed: number, length: number): Uint8Array => {
  const bytes = Buffer.alloc(length);
  let state = seed + 1;
  for (let at = 0; at < length; at += 1) {
    state = Math.imul(state, 1664525) + 1013904223;
    bytes[at] = (state >>> 28) + (at >> 8);
  }
  return bytes;
};

const pack = (name: string, content: ByteSource, blockBytes?: number): [PackedMember, Buffer[]] => {
  const chunks: Buffer[] = [];
  const write = (chunk: Uint8Array): void => void chunks.push(Buffer.from(chunk));
  const more = blockBytes === undefined ? {} : { blockBytes };
  return [packMember({ name, content, level: 1, write, ...more }), chunks];
};

interface Prepared {
  readonly parts: ArchivePart[];
  readonly entries: ManifestEntry[];
}

const prepare = (files: readonly { name: string; bytes: Uint8Array }[]): Prepared => {
  const parts: ArchivePart[] = [];
  const entries: ManifestEntry[] = [];
  files.forEach(({ name, bytes }, at) => {
    const path = join(folder, `part-${at}`);
    const [packed, chunks] = pack(name, new Bytes(bytes), 16 * 1024);
    writeFileSync(path, Buffer.concat(chunks));
    parts.push({ path, packedBytes: packed.packedBytes, packedDigest: packed.packedDigest });
    entries.push({ name, size: packed.size, sha256: packed.digest, findings: ['IMG-004'] });
  });
  return { parts, entries };
};

const manifestOf = (entries: readonly ManifestEntry[]): ReturnType<typeof makeManifest> =>
  makeManifest({
    archive: 'c/Entity/P1/P1_20200101_A1_0.tar.gz',
    recipe: 'a'.repeat(64),
    keyId: '0123456789abcdef',
    entries,
  });

const write = async (prepared: Prepared, path: string): Promise<Assembled> => {
  writeFileSync(path, '');
  return assemble({
    parts: prepared.parts,
    manifest: manifestOf(prepared.entries),
    write: async (chunk) => appendFileSync(path, chunk),
  });
};

describe('a packed member', () => {
  it('tells the digest and size of what went in and of what came out', () => {
    // Sizes about the end of a block are where padding may not fit into it any more.
    const blocks = fc.integer({ min: 16 * 1024, max: 17 * 1024 });
    const sizes = fc.oneof(fc.nat(70_000), fc.integer({ min: 15 * 1024, max: 17 * 1024 }));
    fc.assert(
      fc.property(sizes, fc.integer({ min: 1, max: 20_000 }), blocks, (length, most, block) => {
        const bytes = noise(length, length);
        const [packed, chunks] = pack('a.dcm', new Bytes(bytes, most), block);
        const joined = Buffer.concat(chunks);
        expect(packed).toEqual({
          digest: sha256(bytes),
          size: length,
          packedBytes: joined.length,
          packedDigest: sha256(joined),
        });
        const tar = gunzipSync(joined);
        expect(tar.length % 512).toBe(0);
        expect(tar.subarray(512, 512 + length).equals(bytes)).toBe(true);
        expect(tar.subarray(512 + length).every((byte) => byte === 0)).toBe(true);
        for (const chunk of chunks) gunzipSync(chunk);
      }),
      { numRuns: 200 },
    );
  });

  it('holds one block in memory and no more', () => {
    const source = new Bytes(noise(1, 100_000));
    const [, chunks] = pack('a.dcm', source, 16 * 1024);
    expect(source.largest).toBeLessThanOrEqual(16 * 1024);
    expect(chunks).toHaveLength(7);
    for (const chunk of chunks) expect(gunzipSync(chunk).length).toBeLessThanOrEqual(16 * 1024);
  });

  it('names neither time nor operating system', () => {
    const [, [first]] = pack('a.dcm', new Bytes(noise(1, 10)));
    expect(first?.subarray(4, 8)).toEqual(Buffer.alloc(4));
    expect(first?.[9]).toBe(255);
  });

  it('is not made of content that ends before its size', () => {
    expect(() => pack('a.dcm', new Bytes(noise(1, 99), Infinity, 100))).toThrow(/ARC-003/);
  });
});

describe('an archive', () => {
  it('gives back a thousand random members through tar and gzip', async () => {
    const files = Array.from({ length: 1000 }, (_, at) => ({
      name: `${'series/'.repeat(at % 30)}${'n'.repeat(at % 90)}${at}.dcm`,
      bytes: noise(at, (at * at) % 5000),
    }));
    const prepared = prepare(files);
    const path = join(folder, 'all.tar.gz');
    const assembled = await write(prepared, path);
    expect(assembled).toEqual({ size: readFileSync(path).length });
    execFileSync('gzip', ['-t', path]);
    const out = join(folder, 'out');
    mkdirSync(out);
    // Anything that tar has to remark upon goes to standard error, and there must be nothing.
    const { stderr } = spawn('tar', ['-xzf', path, '-C', out]);
    expect(stderr).toBe('');
    for (const { name, bytes } of files) {
      expect([name, readFileSync(join(out, name)).equals(bytes)]).toEqual([name, true]);
    }
    const manifest = parseManifest(readFileSync(join(out, 'manifest.json')));
    expect(manifest).toEqual(manifestOf(prepared.entries));
    expect(manifest.counts).toEqual({
      entries: 1000,
      bytes: files.reduce((sum, { bytes }) => sum + bytes.length, 0),
      findings: { 'IMG-004': 1000 },
    });
    const listed = execFileSync('tar', ['-tzf', path], { encoding: 'utf8' }).trimEnd().split('\n');
    expect(listed).toEqual(['manifest.json', ...files.map(({ name }) => name)]);
    expect(readdirSync(out)).toContain('manifest.json');
  });

  it('has the same bytes on a second run', async () => {
    const files = [1, 2, 3].map((at) => ({ name: `${at}.dcm`, bytes: noise(at, 40_000) }));
    const first = await write(prepare(files), join(folder, 'a'));
    const second = await write(prepare(files), join(folder, 'b'));
    expect(second).toEqual(first);
    expect(readFileSync(join(folder, 'a')).equals(readFileSync(join(folder, 'b')))).toBe(true);
  });

  it('is a valid one even without members', async () => {
    const path = join(folder, 'none.tar.gz');
    await write({ parts: [], entries: [] }, path);
    expect(execFileSync('tar', ['-tzf', path], { encoding: 'utf8' })).toBe('manifest.json\n');
  });

  it('takes parts that share one file', async () => {
    const prepared = prepare([1, 2].map((at) => ({ name: `${at}.dcm`, bytes: noise(at, 9000) })));
    await write(prepared, join(folder, 'a'));
    const shared = join(folder, 'shared');
    let offset = 0;
    const parts = prepared.parts.map((part) => {
      appendFileSync(shared, readFileSync(part.path));
      const moved = { ...part, path: shared, offset };
      offset += part.packedBytes;
      return moved;
    });
    await write({ ...prepared, parts }, join(folder, 'b'));
    expect(readFileSync(join(folder, 'b')).equals(readFileSync(join(folder, 'a')))).toBe(true);
  });

  it('is not finished over a part that changed, shrank or went away', async () => {
    const prepared = prepare([1, 2].map((at) => ({ name: `${at}.dcm`, bytes: noise(at, 9000) })));
    const path = prepared.parts[1]?.path ?? '';
    const whole = readFileSync(path);
    const changed = Buffer.from(whole);
    changed[200] = (changed[200] ?? 0) ^ 1;
    for (const bytes of [changed, whole.subarray(0, -1), Buffer.alloc(0)]) {
      writeFileSync(path, bytes);
      await expect(write(prepared, join(folder, 'x'))).rejects.toMatchObject({
        code: 'ArchivePartChanged',
        parameters: { part: 2 },
      });
    }
    rmSync(path);
    await expect(write(prepared, join(folder, 'x'))).rejects.toMatchObject({
      code: 'ArchivePartUnreadable',
      parameters: { part: 2, errno: 'ENOENT' },
    });
  });

  it('stops when it is told to, and passes on what the taker of its bytes throws', async () => {
    const prepared = prepare([{ name: '1.dcm', bytes: noise(1, 9000) }]);
    const manifest = manifestOf(prepared.entries);
    const controller = new AbortController();
    let writes = 0;
    const abortable = assemble({
      parts: prepared.parts,
      manifest,
      signal: controller.signal,
      write: async () => {
        writes += 1;
        controller.abort(new Error('enough'));
      },
    });
    await expect(abortable).rejects.toThrow('enough');
    expect(writes).toBe(1);
    const full = Object.assign(new Error('full'), { code: 'ENOSPC' });
    await expect(
      assemble({ parts: prepared.parts, manifest, write: () => Promise.reject(full) }),
    ).rejects.toBe(full);
  });
});

describe('a manifest', () => {
  const entry = {
    name: 'a',
    size: 1,
    sha256: 'b'.repeat(64),
    findings: ['IMG-9', 'IMG-1', 'IMG-9'],
  };

  it('counts each finding of an entry once', () => {
    expect(manifestOf([entry]).entries[0]?.findings).toEqual(['IMG-1', 'IMG-9']);
    expect(manifestOf([entry]).counts.findings).toEqual({ 'IMG-1': 1, 'IMG-9': 1 });
  });

  it('has no two entries that one file system would take for the same', () => {
    expect(() => manifestOf([entry, { ...entry, name: 'A' }])).toThrow(/ARC-002/);
    expect(() => manifestOf([{ ...entry, name: 'Manifest.json' }])).toThrow(/ARC-002/);
    expect(() => manifestOf([{ ...entry, name: '../a' }])).toThrow(/ARC-001/);
  });

  it('refuses what is not one', () => {
    for (const text of ['', '{}', '[]', JSON.stringify({ ...manifestOf([]), version: 2 })]) {
      expect(() => parseManifest(Buffer.from(text))).toThrow(/ARC-006/);
    }
  });
});

function spawn(command: string, args: readonly string[]): { readonly stderr: string } {
  const log = join(folder, 'stderr.txt');
  execFileSync('sh', ['-c', '"$@" 2>"$0"', log, command, ...args]);
  return { stderr: readFileSync(log, 'utf8') };
}
