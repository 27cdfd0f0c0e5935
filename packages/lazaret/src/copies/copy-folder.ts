/**
 * The folder of copies: one sealed file an item, for its owner alone, under a name that tells
 * nothing. A copy is written aside and renamed, so what is there under its name is whole.
 */
import { createHash } from 'node:crypto';
import { mkdir, open, rename, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Original } from '../engine/pipeline.ts';
import type { ProjectKey } from '../identity/keys.ts';
import type { Random } from '../identity/seal.ts';
import { writeSealed } from './sealed-file.ts';

export interface WrittenCopy {
  /** Relative to the folder. */
  readonly name: string;
  /** Of the original. */
  readonly bytes: number;
  /** SHA-256 of the original, hexadecimal. */
  readonly sha256: string;
  readonly sealedBytes: number;
}

/** Where the copy of an item is, whatever happens to it: a keyed hash, in folders of 256. */
export function copyName(key: ProjectKey, run: string, no: number): string {
  const hash = Buffer.from(key.keyedBytes('copy-name', `${run}/${no}`)).toString('hex');
  return join(hash.slice(0, 2), `${hash}.sealed`);
}

export interface CopyPlace {
  readonly folder: string;
  readonly key: ProjectKey;
  readonly random: Random;
}

/** Writes a copy. @throws what the file system throws, of the original or of the folder. */
export async function writeCopy(
  { folder, key, random }: CopyPlace,
  name: string,
  original: Original,
): Promise<WrittenCopy> {
  const path = join(folder, name);
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const aside = `${path}.${Buffer.from(random(6)).toString('hex')}${ASIDE}`;
  const hash = createHash('sha256');
  let bytes = 0;
  async function* measured(): AsyncGenerator<Uint8Array> {
    for await (const part of original.content) {
      hash.update(part);
      bytes += part.length;
      yield part;
    }
  }
  const file = await open(aside, 'wx', 0o600);
  try {
    let sealedBytes: number;
    try {
      sealedBytes = await writeSealed(file, key, random, measured());
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(aside, path);
    return { name, bytes, sha256: hash.digest('hex'), sealedBytes };
  } catch (error) {
    await removeFile(aside);
    throw error;
  }
}

/** Ending of what is written aside: a retention removes what was left so. */
export const ASIDE = '.tmp';

/** @returns whether it was there */
export async function removeCopy(folder: string, name: string): Promise<boolean> {
  return removeFile(join(folder, name));
}

async function removeFile(path: string): Promise<boolean> {
  try {
    await unlink(path);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return false;
    throw error;
  }
}
