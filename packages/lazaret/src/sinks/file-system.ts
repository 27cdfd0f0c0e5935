import * as nodeFs from 'node:fs/promises';
import { toFault } from '@lazaret/faults';

/** What a sink needs of an open file. */
export interface SinkFile {
  write(bytes: Uint8Array, offset: number, length: number): Promise<{ bytesWritten: number }>;
  read(
    bytes: Uint8Array,
    offset: number,
    length: number,
    position: number,
  ): Promise<{ bytesRead: number }>;
  sync(): Promise<void>;
  close(): Promise<void>;
}

export interface FileFacts {
  readonly size: number;
  readonly mtimeMs: number;
  isFile(): boolean;
  isDirectory(): boolean;
}

export interface FolderEntry {
  readonly name: string;
  isFile(): boolean;
  isDirectory(): boolean;
}

/**
 * What a sink needs of a file system: an argument, so that a test can make the n-th call fail.
 * `node:fs/promises` has this shape.
 */
export interface SinkFileSystem {
  open(path: string, flags: 'r' | 'wx', mode?: number): Promise<SinkFile>;
  link(existing: string, path: string): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  unlink(path: string): Promise<void>;
  mkdir(path: string): Promise<unknown>;
  lstat(path: string): Promise<FileFacts>;
  stat(path: string): Promise<FileFacts>;
  readdir(path: string, options: { readonly withFileTypes: true }): Promise<FolderEntry[]>;
}

/** Owner and group; what is delivered is de-identified, and still nobody else's. */
export const FILE_MODE = 0o640;

export const nodeFileSystem: SinkFileSystem = nodeFs;

/**
 * The fault of a file-system error, from the table that all parts share; any other value as it is,
 * so that faults and an abort's reason pass through.
 */
export function toSinkFault(error: unknown): unknown {
  return errnoOf(error) === null ? error : toFault(error, { dependency: 'the delivery folder' });
}

/** `ENOENT` and the like; null where the value is no file-system error. */
export function errnoOf(error: unknown): string | null {
  if (!(error instanceof Error) || !('syscall' in error) || !('code' in error)) return null;
  return typeof error.code === 'string' ? error.code : null;
}

/** Runs an operation; null where what it is about is not there. */
export async function unlessMissing<T>(operation: () => Promise<T>): Promise<T | null> {
  try {
    return await operation();
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return null;
    throw error;
  }
}
