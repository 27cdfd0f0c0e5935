import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { commandMap } from '../../src/cli/commands.ts';
import { serveCommands, type CommandServer } from '../../src/cli/socket.ts';
import { selectHeld } from '../../src/engine/selection.ts';
import { catalogue, openApplication, type Application } from '../../src/main.ts';
import { documentOf, lazaret, makeHome, start, type Home } from './process.ts';
import { writeManyStudies } from '../imaging/many-studies.ts';
import type { RunSummary } from '../../src/engine/summary.ts';

let home: Home;
let files = 0;
let holder: Promise<RunSummary>;
/** What other processes saw while the first one held the store. */
let seen: { readonly status: readonly { readonly status: string }[]; readonly second: RunSummary };

const RUN = ['run', 'imaging', 'source', '--out', 'out', '--data', 'data', '--json'];

beforeAll(async () => {
  home = makeHome();
  files = writeManyStudies(home.source);
  const first = start(home, [...RUN, '--workers', '1']);
  holder = first.ended.then((ended) => {
    expect(ended.exit, ended.stderr).toBe(0);
    return documentOf(ended) as RunSummary;
  });
  for (let waited = 0; !isUnderWay(); waited += 20) {
    if (waited > 30_000) throw new Error('The run did not begin.');
    await delay(20);
  }
  // Both go through the socket of the first, which waits for them before it closes the store.
  const [status, second] = await Promise.all([
    lazaret(home, ['status', '--data', 'data', '--json']),
    lazaret(home, RUN),
  ]);
  seen = {
    status: documentOf(status) as { readonly status: string }[],
    second: documentOf(second) as RunSummary,
  };
}, 120_000);

afterAll(() => home.remove());

function isUnderWay(): boolean {
  try {
    return readFileSync(join(home.data, 'lazaret.log'), 'utf8').includes('Run started.');
  } catch {
    // The file is made with its first line.
    return false;
  }
}

describe('a store that another living process holds', () => {
  it('is asked through its holder, which works on', async () => {
    expect(seen.status[0]?.status).toBe('running');
    expect((await holder).status).toBe('complete');
  });

  it('takes a second run over the same folder at the same time, and nothing is delivered twice', async () => {
    const { items } = await holder;
    const { second } = seen;
    expect(second.status).toBe('complete');
    for (const { received, pending, ...settled } of [items, second.items]) {
      expect(received).toBe(files);
      expect(pending).toBe(0);
      expect(Object.values(settled).reduce((sum, count) => sum + count, 0)).toBe(files);
    }
    expect(items.delivered + second.items.delivered).toBe(300);
  });

  it('is taken over from a process that died', async () => {
    const dead = {
      nonce: '6e6cf3a8-1c48-4cf2-a5dc-bd0e1a5a4d29',
      pid: 2 ** 22 + 1,
      processStart: '1',
      host: (await import('node:os')).hostname(),
      command: 'lazaret run imaging',
      since: '2026-01-01T00:00:00.000Z',
      socket: join(home.data, 'lazaret.sock'),
    };
    writeFileSync(join(home.data, 'store.lock'), JSON.stringify(dead), { mode: 0o600 });
    const ended = await lazaret(home, ['status', '--data', 'data', '--json']);
    expect(ended.exit, ended.stderr).toBe(0);
    expect(documentOf(ended)).toHaveLength(2);
  });
});

describe('every command with --json', () => {
  let application: Application;
  let server: CommandServer;

  beforeAll(async () => {
    await holder;
    // This process holds the store from here on, so that no command has to open it for itself.
    application = await openApplication({
      dataFolder: home.data,
      env: { LAZARET_CONFIG_DIR: home.keys },
      command: 'a test',
      workers: 1,
      logFormat: 'tab',
      logLevel: 'error',
      timeZone: 'UTC',
      works: false,
      writeLog: () => undefined,
      onKeyCreated: () => undefined,
    });
    const socket = application.store.lock?.holder.socket ?? '';
    const never = new AbortController().signal;
    server = await serveCommands(application, socket, commandMap, never);
  });
  afterAll(async () => {
    await server.close();
    await application.close();
  });

  it.for([
    [['status']],
    [['status', 'RUN']],
    [['batches']],
    [['batches', '--has-error']],
    [['findings']],
    [['findings', '--code', 'IMG-004']],
    [['held', 'list']],
    [['held', 'show', 'ITEM']],
    [['held', 'release', '--code', 'IMG-004', '--dry-run']],
    [['held', 'replay', '--code', 'IMG-014', '--dry-run']],
    [['logs']],
  ] as const)('prints one document and ends with 0: %j', async ([args]) => {
    const { run } = await holder;
    const [held] = await selectHeld(application.store.db, catalogue, { project: 'default' }, 1);
    const item = held?.item ?? '';
    const named = args.map((arg) => (arg === 'RUN' ? run : arg === 'ITEM' ? item : arg));
    const ended = await lazaret(home, [...named, '--data', 'data', '--json']);
    expect(ended.exit, ended.stderr).toBe(0);
    expect(documentOf(ended)).toBeTypeOf('object');
  });

  it.for([
    [['status', 'r_nobody'], 2, 'RunNotFound'],
    [['stop', 'r_nobody'], 2, 'RunNotFound'],
    [['resume', 'RUN'], 2, 'RunNotResumable'],
    [['held', 'show', 'nothing'], 2, 'ItemNotFound'],
    [['held', 'replay', '--code', 'IMG-011'], 2, 'NothingSelected'],
    [['held', 'release', '--code', 'IMG-004'], 2, 'ReasonMissing'],
  ] as const)('and on failure too: %j', async ([args, exit, name]) => {
    const { run } = await holder;
    const named = args.map((arg) => (arg === 'RUN' ? run : arg));
    const ended = await lazaret(home, [...named, '--data', 'data', '--json']);
    expect((documentOf(ended) as { readonly error: { readonly name: string } }).error.name).toBe(
      name,
    );
    expect(ended.exit).toBe(exit);
  });

  it('that is not about a store: explain', async () => {
    const ended = await lazaret(home, ['explain', 'ModalityNotAccepted', '--json']);
    expect(documentOf(ended)).toMatchObject({ id: 'IMG-004' });
    expect(ended.exit).toBe(0);
  });

  it('ends with 3 under --strict where an item was not delivered', async () => {
    const ended = await lazaret(home, [...RUN, '--strict', '--data', 'data-2', '--out', 'out-2']);
    expect(documentOf(ended)).toMatchObject({ status: 'complete', items: { delivered: 300 } });
    expect(ended.exit).toBe(3);
  });
});
