import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bufferSource, compositeSource, openFileSource, type FileSource } from './byte-source.ts';

const BYTES = Buffer.from(Array.from({ length: 700_000 }, (_, index) => (index * 31) % 251));

function withFile(use: (source: FileSource, path: string) => void): void {
  const folder = mkdtempSync(join(tmpdir(), 'byte-source-'));
  const path = join(folder, 'bytes');
  writeFileSync(path, BYTES);
  const source = openFileSource(path);
  try {
    use(source, path);
  } finally {
    source.close();
    rmSync(folder, { recursive: true });
  }
}

describe('a file', () => {
  it('reads like the same bytes in memory', () => {
    withFile((source) => {
      expect(source.size).toBe(BYTES.length);
      fc.assert(
        fc.property(fc.nat(BYTES.length + 10), fc.nat(400_000), (offset, length) => {
          const expected = bufferSource(BYTES).read(offset, length);
          expect(Buffer.compare(source.read(offset, length), expected)).toBe(0);
        }),
        { numRuns: 60 },
      );
    });
  });

  it('leaves bytes alone that it handed out before', () => {
    withFile((source) => {
      const first = source.read(0, 100);
      source.read(600_000, 100);
      expect(Buffer.compare(first, BYTES.subarray(0, 100))).toBe(0);
    });
  });

  it('gives fewer bytes where it has become shorter', () => {
    withFile((source, path) => {
      truncateSync(path, 50);
      expect(source.read(0, 100)).toHaveLength(50);
      expect(source.read(400_000, 100)).toHaveLength(0);
    });
  });
});

describe('a composite', () => {
  it('reads like its parts joined', () => {
    const part = fc
      .tuple(fc.nat(1000), fc.nat(50))
      .map(([offset, length]) => ({ source: bufferSource(BYTES), offset, length }));
    fc.assert(
      fc.property(fc.array(part), fc.nat(500), fc.nat(500), (parts, offset, length) => {
        const joined = Buffer.concat(
          parts.map((one) => BYTES.subarray(one.offset, one.offset + one.length)),
        );
        const composite = compositeSource(parts);
        expect(composite.size).toBe(joined.length);
        const expected = joined.subarray(offset, offset + length);
        expect(Buffer.compare(composite.read(offset, length), expected)).toBe(0);
      }),
    );
  });
});
