/**
 * Takes the lock on a folder over and over. While it has the lock it makes a file create-only,
 * which fails if somebody else has the lock too. Every other time it leaves the lock as one that
 * died would.
 */
import { mkdir, readFile, rmdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { acquireLock, lockPath, type Holder } from '../src/store/lock.ts';

const [, , folder = '', turns = '0'] = process.argv;
const only = path.join(folder, 'only-one');
let won = 0;
for (let turn = 0; turn < Number(turns); turn += 1) {
  try {
    const lock = await acquireLock(folder, { command: 'x', socket: '', now: new Date(0) });
    won += 1;
    await mkdir(only);
    await delay(1);
    await rmdir(only);
    await lock.check();
    if (turn % 2 === 0) await lock.release();
    else {
      const holder = JSON.parse(await readFile(lockPath(folder), 'utf8')) as Holder;
      await writeFile(`${lockPath(folder)}.next`, JSON.stringify({ ...holder, processStart: '1' }));
      const { rename } = await import('node:fs/promises');
      await rename(`${lockPath(folder)}.next`, lockPath(folder));
    }
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'StoreHeld')) throw error;
    await delay(Math.random() * 3);
  }
}
console.log(`won ${won}`);
