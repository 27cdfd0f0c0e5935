import { spawn } from 'node:child_process';
import { readdir, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LONG, makeFolder, removeFolder } from '../../test/engine-bench.ts';
import { acquireLock, findHolder, lockPath, type Holder } from './lock.ts';

const INPUT = { command: 'test', socket: '/tmp/x.sock', now: new Date(0) };
const CONTENDER = fileURLToPath(new URL('../../test/lock-contender.ts', import.meta.url));

/** A holder that has died: no process has this number and this start. */
function deadHolder(nonce: string): Holder {
  return {
    nonce,
    pid: process.pid,
    processStart: '1',
    host: hostname(),
    command: 'dead',
    since: new Date(0).toISOString(),
    socket: '',
  };
}

describe('the lock on a data folder', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await makeFolder();
  });
  afterEach(() => removeFolder(folder));

  it('names its holder to whoever comes second, and is free again when it is released', async () => {
    const lock = await acquireLock(folder, INPUT);
    await expect(acquireLock(folder, { ...INPUT, command: 'second' })).rejects.toMatchObject({
      code: 'StoreHeld',
      parameters: { holder: 'test', pid: process.pid },
    });
    expect((await findHolder(folder))?.nonce).toBe(lock.holder.nonce);
    await lock.release();
    expect(await findHolder(folder)).toBeNull();
    await (await acquireLock(folder, INPUT)).release();
    expect(await readdir(folder)).toEqual([]);
  });

  it('is taken over from a holder that died, and from an heir that died doing so', async () => {
    await writeFile(lockPath(folder), JSON.stringify(deadHolder('a')));
    await writeFile(`${folder}/.store.lock.heir.a`, JSON.stringify(deadHolder('b')));
    expect(await findHolder(folder)).toBeNull();
    const lock = await acquireLock(folder, INPUT);
    await lock.check();
    expect(await readdir(folder)).toEqual(['store.lock']);
    await lock.release();
  });

  it('tells its holder that it was lost', async () => {
    const lock = await acquireLock(folder, INPUT);
    await writeFile(lockPath(folder), JSON.stringify(deadHolder('c')));
    await expect(lock.check()).rejects.toMatchObject({ code: 'StoreLockLost' });
    await rm(lockPath(folder));
    await expect(lock.release()).rejects.toMatchObject({ code: 'StoreLockLost' });
  });

  it('goes to exactly one of several that race for it, dead holder or none', async () => {
    for (let round = 0; round < 20 * LONG; round += 1) {
      const own = await makeFolder();
      if (round % 2 === 0) await writeFile(lockPath(own), JSON.stringify(deadHolder(`d${round}`)));
      const tries = await Promise.allSettled(
        Array.from({ length: 6 }, () => acquireLock(own, INPUT)),
      );
      const won = tries.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
      expect(won, `round ${round}`).toHaveLength(1);
      await won[0]?.check();
      for (const one of tries) {
        if (one.status === 'rejected') expect(one.reason).toMatchObject({ code: 'StoreHeld' });
      }
      await removeFolder(own);
    }
  });

  it('is never held by two of several processes that take it, die and take it again', async () => {
    const contenders = await Promise.all(
      Array.from({ length: 3 }, () => contend(folder, 40 * LONG)),
    );
    expect(contenders.map(({ failure }) => failure)).toEqual(['', '', '']);
    expect(contenders.reduce((sum, { won }) => sum + won, 0)).toBeGreaterThan(10);
  }, 60_000);
});

function contend(folder: string, turns: number): Promise<{ won: number; failure: string }> {
  const child = spawn(process.execPath, [CONTENDER, folder, String(turns)]);
  let said = '';
  let failure = '';
  child.stdout.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    failure += chunk.toString();
  });
  return new Promise((resolve) => {
    child.once('close', () => resolve({ won: Number(/won (\d+)/.exec(said)?.[1] ?? 0), failure }));
  });
}
