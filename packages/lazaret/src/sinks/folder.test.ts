import { createHash } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isAside } from './delivery-key.ts';
import { FailingFileSystem, type FailingOptions, type Failure } from './failing-file-system.ts';
import {
  cleanAside,
  clearAttempts,
  deliver,
  type Delivery,
  type DeliveryRequest,
  probe,
} from './folder.ts';

const KEY = 'collection/Entity/P1/P1_20200101_A1_0.tar.gz';
const CONTENT = Buffer.from('what was packed '.repeat(300));
const OTHER = Buffer.from('something else');
const digestOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

let folder: string;
let final: string;
const fresh = (): void => {
  folder = mkdtempSync(join(tmpdir(), 'lazaret-sink-'));
  final = join(folder, KEY);
};
const remove = (): void => rmSync(folder, { recursive: true });
beforeEach(fresh);
afterEach(remove);

const send = (more: Partial<DeliveryRequest> = {}, content: Buffer = CONTENT): Promise<Delivery> =>
  deliver({
    folder,
    key: KEY,
    attempt: '1',
    write: async (stream) => {
      for (let at = 0; at < content.length; at += 2000) {
        await stream.write(content.subarray(at, at + 2000));
      }
    },
    ...more,
  });

const filesBelow = (): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => entry.name);

const codeOf = async (delivery: Promise<unknown>): Promise<unknown> =>
  delivery.then(
    (value) => value,
    (error: unknown) => (error as { code?: unknown }).code ?? error,
  );

describe.each([
  ['a file system with hard links', true],
  ['a file system without hard links', false],
])('a delivery to %s', (_, links) => {
  const fsOf = (more: FailingOptions = {}): FailingFileSystem =>
    new FailingFileSystem({ links, ...more });

  it('is made once, and found on a repeat', async () => {
    const first = await send({ fs: fsOf(), digest: digestOf(CONTENT) });
    const size = CONTENT.length;
    expect(first).toEqual({
      status: 'delivered',
      digest: digestOf(CONTENT),
      size,
      leftover: false,
    });
    expect(readFileSync(final).equals(CONTENT)).toBe(true);
    for (const more of [{}, { digest: digestOf(CONTENT) }, { attempt: '2' }]) {
      const again = await send({ fs: fsOf(), ...more });
      expect(again).toEqual({ ...first, status: 'already-there' });
    }
    expect(filesBelow()).toHaveLength(1);
  });

  it('never overwrites', async () => {
    await send({ fs: fsOf() }, OTHER);
    for (const more of [{}, { digest: digestOf(CONTENT) }]) {
      await expect(send({ fs: fsOf(), ...more })).rejects.toMatchObject({
        code: 'DeliveryConflict',
        parameters: { expected: digestOf(CONTENT), found: digestOf(OTHER) },
      });
    }
    expect(readFileSync(final).equals(OTHER)).toBe(true);
    expect(filesBelow()).toHaveLength(1);
  });

  it('is whole or not there after a failure of any call, and a repeat makes it', async () => {
    const counting = fsOf({ mostBytes: 1500 });
    await send({ fs: counting });
    expect(counting.calls).toBeGreaterThan(25);
    let failed = 0;
    let ownerless = 0;
    for (const mode of ['before', 'after', 'dead'] satisfies Failure['mode'][]) {
      for (const digest of [undefined, digestOf(CONTENT)]) {
        for (let call = 1; call <= counting.calls; call += 1) {
          remove();
          fresh();
          const where = `${mode} ${call} ${digest ?? ''}`;
          const more = digest === undefined ? {} : { digest };
          const fs = fsOf({ mostBytes: 1500, failure: { call, mode, errno: 'EIO' } });
          const result = await codeOf(send({ fs, ...more }));
          expect([where, fs.openFiles]).toEqual([where, 0]);
          if (typeof result === 'string') {
            expect([where, result]).toEqual([where, 'FileInputOutputFailed']);
            failed += 1;
          } else {
            expect([where, existsSync(final)]).toEqual([where, true]);
          }
          if (existsSync(final))
            expect([where, readFileSync(final).equals(CONTENT)]).toEqual([where, true]);
          expect([where, filesBelow().filter((name) => !isAside(name)).length < 2]).toEqual([
            where,
            true,
          ]);

          if (!links && filesBelow().some((name) => name.endsWith('.lock'))) {
            // Left without its owner's name or with it: the one waits for the cleaning.
            const result = await codeOf(send({ fs: fsOf(), ...more }));
            if (result === 'DeliveryBusy') ownerless += 1;
            await cleanAside({ folder, olderThan: new Date(Date.now() + 60_000) });
          }
          const again = await send({ fs: fsOf(), ...more });
          expect([where, again.digest]).toEqual([where, digestOf(CONTENT)]);
          expect([where, readFileSync(final).equals(CONTENT)]).toEqual([where, true]);
          await cleanAside({ folder, olderThan: new Date(Date.now() + 60_000) });
          expect([where, filesBelow().length]).toEqual([where, 1]);
        }
      }
    }
    expect(failed).toBeGreaterThan(counting.calls * 3);
    // Open that fails after its work, with and without a known digest; a crash before the name.
    expect(ownerless).toBe(links ? 0 : 4);
  });

  it('is not made where the folder gives back other bytes than it was given', async () => {
    const corrupt = (path: string, bytes: Uint8Array): void => {
      if (path.endsWith('.tmp') && bytes.length > 0) bytes[7] = 0;
    };
    await expect(send({ fs: fsOf({ corrupt }) })).rejects.toMatchObject({
      code: 'DeliveryReadBackDiffers',
    });
    expect(filesBelow()).toEqual([]);
  });

  it('is made by one of many who try at the same time', async () => {
    const tries = await Promise.all(
      Array.from({ length: 8 }, (_unused, at) =>
        codeOf(send({ fs: fsOf(), attempt: `a${at}` }, at % 2 === 0 ? CONTENT : OTHER)),
      ),
    );
    const made = tries.filter((one) => (one as Delivery).status === 'delivered');
    expect(made).toHaveLength(1);
    expect(digestOf(readFileSync(final))).toBe((made[0] as Delivery).digest);
    for (const one of tries) {
      if (typeof one === 'string') {
        expect(links ? ['DeliveryConflict'] : ['DeliveryConflict', 'DeliveryBusy']).toContain(one);
      } else {
        expect((one as Delivery).digest).toBe((made[0] as Delivery).digest);
      }
    }
    expect(filesBelow()).toHaveLength(1);
  });
});

describe('a delivery to a folder', () => {
  it('says what the file system said, by a code of its own', async () => {
    const codes = {
      ENOSPC: 'DiskFull',
      EDQUOT: 'DiskFull',
      EROFS: 'FileSystemReadOnly',
      EACCES: 'FileNotPermitted',
      EPERM: 'FileNotPermitted',
      EIO: 'FileInputOutputFailed',
      ESTALE: 'FileInputOutputFailed',
    };
    for (const [errno, code] of Object.entries(codes)) {
      const fs = new FailingFileSystem({ failure: { call: 2, mode: 'before', errno } });
      await expect(send({ fs })).rejects.toMatchObject({
        code,
        parameters: { operation: 'mkdir', systemCode: errno },
      });
    }
  });

  it('does not create the folder itself, which may be a volume that is not mounted', async () => {
    const missing = join(folder, 'mnt');
    await expect(send({ folder: missing })).rejects.toMatchObject({ code: 'SinkFolderMissing' });
    await expect(probe({ folder: missing, key: KEY })).rejects.toMatchObject({
      code: 'SinkFolderMissing',
    });
    expect(existsSync(missing)).toBe(false);
    mkdirSync(join(folder, 'real'));
    symlinkSync(join(folder, 'real'), missing);
    expect((await send({ folder: missing })).status).toBe('delivered');
  });

  it('is not made of other content than was announced', async () => {
    await expect(send({ digest: digestOf(OTHER) })).rejects.toMatchObject({
      code: 'DeliveryContentDiffers',
    });
    expect(filesBelow()).toEqual([]);
  });

  it('leaves nothing behind where its content cannot be made, or it is told to stop', async () => {
    const cause = new Error('no content');
    const write = async (stream: { write(chunk: Uint8Array): Promise<void> }): Promise<void> => {
      await stream.write(CONTENT);
      throw cause;
    };
    await expect(send({ write })).rejects.toBe(cause);
    const controller = new AbortController();
    await expect(
      send({
        signal: controller.signal,
        write: async (stream) => {
          await stream.write(CONTENT);
          controller.abort(cause);
        },
      }),
    ).rejects.toBe(cause);
    expect(filesBelow()).toEqual([]);
  });

  it('leaves alone what another attempt writes aside', async () => {
    await send();
    const aside = join(final, '..', '.P2.tar.gz.1.tmp');
    writeFileSync(aside, 'half');
    const key = KEY.replace('P1_20200101_A1_0', 'P2');
    expect((await send({ key })).status).toBe('delivered');
    expect(readFileSync(aside, 'utf8')).toBe('half');
  });

  it('waits for the lock of another where there are no hard links', async () => {
    mkdirSync(join(final, '..'), { recursive: true });
    writeFileSync(join(final, '..', '.P1_20200101_A1_0.tar.gz.lock'), 'other');
    const fs = new FailingFileSystem({ links: false });
    await expect(send({ fs })).rejects.toMatchObject({ code: 'DeliveryBusy' });
    expect(existsSync(final)).toBe(false);
    expect((await send({ fs, attempt: 'other' })).status).toBe('delivered');
  });

  it('takes names of 255 bytes', async () => {
    const key = `c/${'n'.repeat(248)}.tar.gz`;
    for (const links of [true, false]) {
      const fs = new FailingFileSystem({ links });
      expect((await send({ key, fs, attempt: 'a'.repeat(64) })).status).toBe('delivered');
      rmSync(join(folder, key));
    }
  });

  it('lets others than the group read nothing', async () => {
    chmodSync(folder, 0o755);
    await send();
    const { mode } = await import('node:fs/promises').then((fs) => fs.stat(final));
    expect(mode & 0o007).toBe(0);
  });
});

describe('a probe', () => {
  it('tells what lies under a key', async () => {
    expect(await probe({ folder, key: KEY })).toBeNull();
    await send();
    expect(await probe({ folder, key: KEY })).toEqual({
      digest: digestOf(CONTENT),
      size: CONTENT.length,
    });
  });
});

describe('cleaning', () => {
  it('removes old leftovers and nothing else', async () => {
    await send();
    const parent = join(final, '..');
    for (const name of ['.a.1.tmp', '.b.lock', '.c.1.tmp', 'd.tmp', '.hidden']) {
      writeFileSync(join(parent, name), '');
      if (name !== '.c.1.tmp') utimesSync(join(parent, name), 1, 1);
    }
    expect(await cleanAside({ folder, olderThan: new Date(5000) })).toBe(2);
    expect(filesBelow().sort()).toEqual(
      ['.c.1.tmp', '.hidden', 'P1_20200101_A1_0.tar.gz', 'd.tmp'].sort(),
    );
  });

  it('removes what the attempts left aside that are over, and nothing of others', async () => {
    await send();
    const parent = join(final, '..');
    const name = 'P1_20200101_A1_0.tar.gz';
    for (const aside of [`.${name}.b-1.tmp`, `.${name}.b-1-2.tmp`, `.${name}.b-10.tmp`]) {
      writeFileSync(join(parent, aside), '');
    }
    await clearAttempts({ folder, key: KEY, attempts: ['b-1', 'b-2'] });
    expect(filesBelow().sort()).toEqual([`.${name}.b-10.tmp`, name].sort());
  });
});
