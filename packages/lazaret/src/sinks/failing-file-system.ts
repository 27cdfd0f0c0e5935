/**
 * A file system for tests whose n-th call fails, and which knows hard links or does not. Every
 * call counts: those of the open files too.
 */
import { nodeFileSystem, type SinkFile, type SinkFileSystem } from './file-system.ts';

export interface Failure {
  /** The number of the call that fails, from 1. */
  readonly call: number;
  /**
   * `before`: it does nothing and fails. `after`: it does its work and fails all the same, as over
   * a network. `dead`: it does nothing, and nor does any call from then on, as after a crash.
   */
  readonly mode: 'before' | 'after' | 'dead';
  readonly errno: string;
}

export interface FailingOptions {
  readonly failure?: Failure;
  readonly links?: boolean;
  /** Most bytes that one write takes. */
  readonly mostBytes?: number;
  /** Changes what is read from a file. */
  readonly corrupt?: (path: string, bytes: Uint8Array) => void;
}

export class FailingFileSystem implements SinkFileSystem {
  calls = 0;
  /** Files open at the moment. */
  openFiles = 0;
  readonly #options: FailingOptions;

  constructor(options: FailingOptions = {}) {
    this.#options = options;
  }

  async open(path: string, flags: 'r' | 'wx', mode?: number): Promise<SinkFile> {
    let opened: SinkFile | undefined;
    const file = await this.#call('open', async () => {
      opened = await nodeFileSystem.open(path, flags, mode);
      return opened;
    }).catch(async (error: unknown) => {
      // A failure after the work leaves nobody to close the file.
      await opened?.close();
      throw error;
    });
    this.openFiles += 1;
    return this.#wrap(path, file);
  }

  async link(existing: string, path: string): Promise<void> {
    await this.#call('link', () => {
      if (this.#options.links === false) throw errorOf('EPERM', 'link');
      return nodeFileSystem.link(existing, path);
    });
  }

  rename(from: string, to: string): Promise<void> {
    return this.#call('rename', () => nodeFileSystem.rename(from, to));
  }

  unlink(path: string): Promise<void> {
    return this.#call('unlink', () => nodeFileSystem.unlink(path));
  }

  mkdir(path: string): Promise<unknown> {
    return this.#call('mkdir', () => nodeFileSystem.mkdir(path));
  }

  lstat(path: string): ReturnType<SinkFileSystem['lstat']> {
    return this.#call('lstat', () => nodeFileSystem.lstat(path));
  }

  stat(path: string): ReturnType<SinkFileSystem['stat']> {
    return this.#call('stat', () => nodeFileSystem.stat(path));
  }

  readdir(
    path: string,
    options: { readonly withFileTypes: true },
  ): ReturnType<SinkFileSystem['readdir']> {
    return this.#call('readdir', () => nodeFileSystem.readdir(path, options));
  }

  #wrap(path: string, file: SinkFile): SinkFile {
    const { mostBytes = Infinity, corrupt } = this.#options;
    return {
      write: (bytes, offset, length) =>
        this.#call('write', () => file.write(bytes, offset, Math.min(length, mostBytes))),
      read: (bytes, offset, length, position) =>
        this.#call('read', async () => {
          const result = await file.read(bytes, offset, length, position);
          corrupt?.(path, bytes.subarray(offset, offset + result.bytesRead));
          return result;
        }),
      sync: () => this.#call('fsync', () => file.sync()),
      close: async () => {
        this.openFiles -= 1;
        // Whatever close answers, the descriptor is gone.
        await file.close();
        await this.#call('close', () => Promise.resolve());
      },
    };
  }

  async #call<T>(syscall: string, work: () => Promise<T>): Promise<T> {
    this.calls += 1;
    const { failure } = this.#options;
    const hit =
      failure !== undefined &&
      (failure.mode === 'dead' ? this.calls >= failure.call : this.calls === failure.call);
    if (!hit) return work();
    if (failure.mode === 'after') await work();
    throw errorOf(failure.errno, syscall);
  }
}

function errorOf(code: string, syscall: string): Error {
  return Object.assign(new Error(`${code}: injected, ${syscall}`), { code, syscall });
}
