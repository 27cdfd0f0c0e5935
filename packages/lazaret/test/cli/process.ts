/** `lazaret` as a person starts it: a process of its own, with folders of its own. */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const LAUNCHER = fileURLToPath(new URL('../../bin/lazaret.js', import.meta.url));

/** A temporary place for one test file: source, output, data and configuration side by side. */
export interface Home {
  readonly folder: string;
  readonly source: string;
  readonly out: string;
  readonly data: string;
  readonly keys: string;
  readonly env: NodeJS.ProcessEnv;
  remove(): void;
}

export function makeHome(): Home {
  const folder = mkdtempSync(join(tmpdir(), 'lazaret-cli-'));
  const keys = join(folder, 'configuration');
  const env = { ...process.env };
  delete env['DATABASE_URL'];
  return {
    folder,
    source: join(folder, 'source'),
    out: join(folder, 'out'),
    data: join(folder, 'data'),
    keys,
    env: { ...env, LAZARET_CONFIG_DIR: keys },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

export interface Ended {
  readonly exit: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Started {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
}

/** Starts a command in the home's folder. */
export function start(
  home: Home,
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
  options: { readonly uid?: number; readonly gid?: number } = {},
): Started {
  const child = spawn(process.execPath, [LAUNCHER, ...args], {
    cwd: home.folder,
    env: { ...home.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...options,
  });
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (exit, signal) =>
      resolve({
        exit,
        signal,
        stdout: Buffer.concat(stdout).toString('utf8'),
        stderr: Buffer.concat(stderr).toString('utf8'),
      }),
    );
  });
  return { child, ended };
}

/** Carries a command out to its end. */
export function lazaret(
  home: Home,
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Promise<Ended> {
  return start(home, args, env).ended;
}

/** The one JSON document that is to be on standard output; anything besides is an error. */
export function documentOf(ended: Ended): unknown {
  try {
    return JSON.parse(ended.stdout) as unknown;
  } catch (error) {
    throw new Error(
      `Standard output is not one JSON document: ${ended.stdout.slice(0, 500)}\n${ended.stderr.slice(0, 2_000)}`,
      { cause: error },
    );
  }
}
