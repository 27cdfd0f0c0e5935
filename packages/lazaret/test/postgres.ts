import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  chownSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';

/** A PostgreSQL of the tests' own, or why there is none. */
export type PostgresOffer =
  { readonly url: string; readonly reason: null } | { readonly url: null; readonly reason: string };

export interface PostgresServer {
  /** Of the maintenance database, with a user who may create others. */
  readonly url: string;
  stop(): Promise<void>;
}

const MINIMUM_VERSION = 15;
const START_TIMEOUT_MS = 30_000;
const STOP_TIMEOUT_MS = 15_000;

/** The account to run the server as: PostgreSQL refuses to run as root. */
interface Account {
  readonly uid: number;
  readonly gid: number;
}

/** Where Debian and Ubuntu keep the newest PostgreSQL that is new enough, or null. */
export function findPostgres(folder = '/usr/lib/postgresql'): string | null {
  if (!existsSync(folder)) return null;
  const versions = readdirSync(folder)
    .map(Number)
    .filter((version) => version >= MINIMUM_VERSION)
    .filter((version) => existsSync(path.join(folder, String(version), 'bin', 'initdb')))
    .sort((a, b) => b - a);
  const [newest] = versions;
  return newest === undefined ? null : path.join(folder, String(newest), 'bin');
}

/**
 * Starts a private PostgreSQL in a temporary folder, on a free port of the loopback interface and
 * with a password of its own, so that neither another user of the machine nor a server that is
 * there already gets in the way. It gives up durability (fsync and friends) for speed: its data
 * lives as long as the test run.
 *
 * @returns null with a reason where PostgreSQL is not installed or cannot be run
 */
export async function startPostgres(): Promise<PostgresServer | { readonly reason: string }> {
  const bin = findPostgres();
  if (bin === null) return { reason: `PostgreSQL ${MINIMUM_VERSION} or later is not installed` };
  const account = process.getuid?.() === 0 ? findAccount() : undefined;
  if (account === null)
    return { reason: 'PostgreSQL does not run as root, and there is no user postgres' };

  const folder = mkdtempSync(path.join(tmpdir(), 'lazaret-postgres-'));
  const data = path.join(folder, 'data');
  const password = randomBytes(16).toString('hex');
  const passwordFile = path.join(folder, 'password');
  writeFileSync(passwordFile, password, { mode: 0o600 });
  if (account !== undefined)
    for (const owned of [folder, passwordFile]) chownSync(owned, account.uid, account.gid);

  const init = spawnSync(
    path.join(bin, 'initdb'),
    [
      '-D',
      data,
      '-U',
      'lazaret',
      '-E',
      'UTF8',
      '--locale=C.UTF-8',
      '--no-sync',
      '-A',
      'scram-sha-256',
      '--pwfile',
      passwordFile,
    ],
    { ...account, cwd: folder, encoding: 'utf8', env: serverEnvironment() },
  );
  if (init.status !== 0) {
    rmSync(folder, { recursive: true, force: true });
    throw new Error(`initdb failed: ${init.error?.message ?? init.stderr}`);
  }

  const logFile = path.join(folder, 'log');
  // Between asking for a free port and taking it, somebody else may take it: then once more.
  for (let attempt = 1; ; attempt += 1) {
    const port = await findFreePort();
    const server = launch(bin, data, folder, port, account);
    const log: string[] = [];
    server.stderr?.on('data', (chunk: Buffer) => log.push(chunk.toString()));
    const url = `postgresql://lazaret:${password}@127.0.0.1:${port}/postgres`;
    if (await answers(server, url)) return { url, stop: () => stop(server, folder) };
    server.kill('SIGKILL');
    if (attempt === 3) {
      const said = existsSync(logFile) ? readFileSync(logFile, 'utf8') : log.join('');
      rmSync(folder, { recursive: true, force: true });
      throw new Error(`PostgreSQL did not start: ${said.slice(-2000)}`);
    }
  }
}

function launch(
  bin: string,
  data: string,
  folder: string,
  port: number,
  account?: Account,
): ChildProcess {
  const settings = {
    listen_addresses: '127.0.0.1',
    port: String(port),
    unix_socket_directories: '',
    fsync: 'off',
    synchronous_commit: 'off',
    full_page_writes: 'off',
    max_connections: '100',
    shared_buffers: '64MB',
    autovacuum_naptime: '5s',
    timezone: 'UTC',
  };
  const line = [
    path.join(bin, 'postgres'),
    '-D',
    data,
    ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
  ];
  // Where setpriv is to be had, the kernel stops the server should the test runner be killed.
  if (existsSync('/usr/bin/setpriv')) {
    const identity =
      account === undefined
        ? []
        : [`--reuid=${account.uid}`, `--regid=${account.gid}`, '--clear-groups'];
    line.unshift('/usr/bin/setpriv', '--pdeathsig=INT', ...identity);
    account = undefined;
  }
  const [program = '', ...args] = line;
  return spawn(program, args, {
    ...account,
    cwd: folder,
    env: serverEnvironment(),
    stdio: ['ignore', 'ignore', 'pipe'],
  });
}

/** Nothing of the tester's own PostgreSQL settings (PGPORT and the like) may get in. */
function serverEnvironment(): NodeJS.ProcessEnv {
  return { PATH: process.env['PATH'], LC_ALL: 'C.UTF-8', TZ: 'UTC' };
}

async function answers(server: ChildProcess, url: string): Promise<boolean> {
  const deadline = performance.now() + START_TIMEOUT_MS;
  while (server.exitCode === null && performance.now() < deadline) {
    const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2000 });
    try {
      await client.connect();
      await client.end();
      return true;
    } catch {
      // Not up yet: the loop's condition says when that is final.
      await sleep(50);
    }
  }
  return false;
}

async function stop(server: ChildProcess, folder: string): Promise<void> {
  // SIGINT is PostgreSQL's fast shutdown: it ends open connections instead of waiting for them.
  const ended = new Promise<void>((resolve) => server.once('exit', () => resolve()));
  if (server.exitCode === null) {
    server.kill('SIGINT');
    const late = setTimeout(() => server.kill('SIGKILL'), STOP_TIMEOUT_MS);
    await ended;
    clearTimeout(late);
  }
  rmSync(folder, { recursive: true, force: true });
}

function findAccount(): Account | null {
  const line = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((entry) => entry.startsWith('postgres:'));
  const [, , uid, gid] = line?.split(':') ?? [];
  return uid === undefined || gid === undefined ? null : { uid: Number(uid), gid: Number(gid) };
}

function findFreePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => {
        if (address === null || typeof address === 'string') reject(new Error('no port to be had'));
        else resolve(address.port);
      });
    });
  });
}
