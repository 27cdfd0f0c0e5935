import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FailingFileSystem, type Failure } from './failing-file-system.ts';
import { replace } from './folder.ts';
import { readDelivered } from './reading.ts';

const KEY = 'default/Forms/UDS_0f3a9c1b22d4e5f6.ndjson';
const BEFORE = 'one\ntwo\nthree\n';
const AFTER = 'one\nthree\n';

let folder: string;
let final: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lazaret-replacement-'));
  final = join(folder, KEY);
  mkdirSync(dirname(final), { recursive: true });
  writeFileSync(final, BEFORE);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const put = (fs?: FailingFileSystem): ReturnType<typeof replace> =>
  replace({
    ...{ folder, key: KEY, attempt: 'a-1' },
    write: (stream) => stream.write(Buffer.from(AFTER)),
    ...(fs === undefined ? {} : { fs }),
  });

describe('a file in the place of a delivered one', () => {
  it('is there as a whole, and so is what was there before until then', async () => {
    expect(await put()).toMatchObject({ size: AFTER.length });
    expect(readFileSync(final, 'utf8')).toBe(AFTER);
    expect(readdirSync(dirname(final))).toHaveLength(1);
    expect((await readDelivered({ folder, key: KEY }))?.toString('utf8')).toBe(AFTER);
    expect(await readDelivered({ folder, key: 'default/Forms/other.ndjson' })).toBeNull();
  });

  it('takes what was cut short out of the way', async () => {
    writeFileSync(join(dirname(final), '.UDS_0f3a9c1b22d4e5f6.ndjson.a-0.tmp'), 'two');
    await put();
    expect(readdirSync(dirname(final))).toHaveLength(1);
  });

  it('is either of the two, whichever call fails and however, and is there once it is repeated', async () => {
    const whole = new FailingFileSystem();
    await put(whole);
    const modes: readonly Failure['mode'][] = ['before', 'after', 'dead'];
    let failed = 0;
    for (let call = 1; call <= whole.calls; call += 1) {
      for (const mode of modes) {
        writeFileSync(final, BEFORE);
        const fs = new FailingFileSystem({ failure: { call, mode, errno: 'EIO' } });
        await put(fs).catch(() => (failed += 1));
        expect([BEFORE, AFTER], `${call} ${mode}`).toContain(readFileSync(final, 'utf8'));
        await put();
        expect(readFileSync(final, 'utf8')).toBe(AFTER);
        expect(readdirSync(dirname(final)), `${call} ${mode}`).toHaveLength(1);
      }
    }
    expect(failed).toBeGreaterThan(whole.calls);
  });

  it('is refused where the folder is not mounted, and where it is not what was meant', async () => {
    await expect(replace({ ...request(), folder: join(folder, 'gone') })).rejects.toMatchObject({
      code: 'SinkFolderMissing',
    });
    await expect(readDelivered({ folder: join(folder, 'gone'), key: KEY })).rejects.toMatchObject({
      code: 'SinkFolderMissing',
    });
    await expect(replace({ ...request(), digest: '0'.repeat(64) })).rejects.toMatchObject({
      code: 'DeliveryContentDiffers',
    });
    expect(readFileSync(final, 'utf8')).toBe(BEFORE);
  });
});

function request(): Parameters<typeof replace>[0] {
  return {
    ...{ folder, key: KEY, attempt: 'a-1' },
    write: (stream) => stream.write(Buffer.from(AFTER)),
  };
}
