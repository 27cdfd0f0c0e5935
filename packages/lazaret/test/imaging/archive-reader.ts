/** Reads archives with programs that are not ours: `tar` and `gzip` of the system. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { manifestSchema, type Manifest } from '../../src/archive/manifest.ts';
import { filesBelow } from './workbench.ts';

export interface Unpacked {
  readonly key: string;
  readonly folder: string;
  readonly manifest: Manifest;
  /** Bytes of each image by its name in the archive. */
  readonly images: ReadonlyMap<string, Buffer>;
}

/** Unpacks every archive of an output folder, each below `into`. */
export function unpackAll(out: string, into: string): Unpacked[] {
  return [...filesBelow(out).keys()].map((key, index) => {
    const folder = join(into, String(index));
    mkdirSync(folder, { recursive: true });
    const tar = spawnSync('tar', ['-xzf', join(out, key), '-C', folder], { encoding: 'utf8' });
    if (tar.status !== 0 || tar.stderr !== '') throw new Error(`tar: ${tar.status} ${tar.stderr}`);
    const images = filesBelow(folder);
    const manifest = manifestSchema.parse(
      JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8')),
    );
    images.delete('manifest.json');
    return { key, folder, manifest, images };
  });
}

export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
