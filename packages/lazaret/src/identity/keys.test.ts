import { randomBytes } from 'node:crypto';
import { chmod, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { configFolder, type KeyRequest, loadOrCreateProjectKey, secretOf } from './keys.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lazaret-keys-'));
});
afterEach(() => rm(folder, { recursive: true }));

const ask = (more: Partial<KeyRequest> = {}): KeyRequest => ({
  folder: join(folder, 'config'),
  project: 'lung',
  random: randomBytes,
  now: () => new Date('2026-01-02T03:04:05Z'),
  ...more,
});

describe('the key of a project', () => {
  it('is made once, with modes that keep others out, and found again', async () => {
    const first = await loadOrCreateProjectKey(ask());
    expect(first.created).toBe(true);
    expect((await stat(first.path)).mode & 0o777).toBe(0o600);
    expect((await stat(join(folder, 'config', 'keys'))).mode & 0o777).toBe(0o700);
    expect(await readdir(join(folder, 'config', 'keys'))).toEqual(['lung.key.json']);
    const again = await loadOrCreateProjectKey(ask({ expectedKeyId: first.key.keyId }));
    expect(again.created).toBe(false);
    expect(secretOf(again.key)).toEqual(secretOf(first.key));
  });

  it('is the same for all who ask for it first at the same time', async () => {
    const all = await Promise.all(Array.from({ length: 8 }, () => loadOrCreateProjectKey(ask())));
    expect(new Set(all.map(({ key }) => key.keyId)).size).toBe(1);
    expect(all.filter(({ created }) => created)).toHaveLength(1);
    expect(await readdir(join(folder, 'config', 'keys'))).toEqual(['lung.key.json']);
  });

  it('is never made anew where the store knows one', async () => {
    await expect(
      loadOrCreateProjectKey(ask({ expectedKeyId: '0123456789abcdef' })),
    ).rejects.toMatchObject({ code: 'ProjectKeyMissing' });
    expect(await readdir(folder)).toEqual([]);
  });

  it('is refused where it is another than the store knows', async () => {
    await loadOrCreateProjectKey(ask());
    await expect(
      loadOrCreateProjectKey(ask({ expectedKeyId: '0123456789abcdef' })),
    ).rejects.toMatchObject({ code: 'ProjectKeyMismatch' });
  });

  it('is refused where others may read it or replace it', async () => {
    const { path } = await loadOrCreateProjectKey(ask());
    await chmod(path, 0o640);
    await expect(loadOrCreateProjectKey(ask())).rejects.toMatchObject({
      code: 'ProjectKeyExposed',
      parameters: { what: 'file', mode: '0640' },
    });
    await chmod(path, 0o600);
    await chmod(join(folder, 'config', 'keys'), 0o770);
    await expect(loadOrCreateProjectKey(ask())).rejects.toMatchObject({
      code: 'ProjectKeyExposed',
      parameters: { what: 'folder', mode: '0770' },
    });
  });

  it('is refused where any part of its file was changed', async () => {
    const { path } = await loadOrCreateProjectKey(ask());
    const whole = await readFile(path, 'utf8');
    const content = JSON.parse(whole) as Record<string, unknown>;
    const damaged = [
      '',
      whole.slice(0, -20),
      JSON.stringify({ ...content, version: 2 }),
      JSON.stringify({ ...content, keyId: '0123456789abcdef' }),
      JSON.stringify({ ...content, secret: randomBytes(32).toString('base64') }),
      JSON.stringify({ ...content, secret: 'AAAA' }),
      JSON.stringify({ ...content, more: 1 }),
      JSON.stringify([content]),
      ' '.repeat(5000),
    ];
    for (const text of damaged) {
      await writeFile(path, text);
      await expect(loadOrCreateProjectKey(ask())).rejects.toMatchObject({
        code: 'ProjectKeyDamaged',
      });
    }
  });

  it('is refused where its file is a link or a folder', async () => {
    const { path } = await loadOrCreateProjectKey(ask());
    const other = ask({ project: 'heart' });
    await symlink(path, join(folder, 'config', 'keys', 'heart.key.json'));
    await expect(loadOrCreateProjectKey(other)).rejects.toMatchObject({
      code: 'ProjectKeyDamaged',
    });
  });

  it('names the reason where the folder cannot be made', async () => {
    await writeFile(join(folder, 'config'), 'a file in the way');
    await expect(loadOrCreateProjectKey(ask())).rejects.toMatchObject({
      code: 'ProjectKeyUnreadable',
      parameters: { errno: 'ENOTDIR' },
    });
  });

  it('is not made up where it cannot be stored', async () => {
    await symlink(join(folder, 'unmounted'), join(folder, 'config'));
    await expect(loadOrCreateProjectKey(ask())).rejects.toMatchObject({
      code: 'ProjectKeyNotStored',
    });
  });

  it('is found behind a link to its folder, which is looked at as well', async () => {
    const { key } = await loadOrCreateProjectKey(ask());
    await symlink(join(folder, 'config'), join(folder, 'elsewhere'));
    const there = ask({ folder: join(folder, 'elsewhere'), expectedKeyId: key.keyId });
    expect((await loadOrCreateProjectKey(there)).created).toBe(false);
  });

  it('takes no project name that leads out of the folder', async () => {
    for (const project of ['../lung', 'a/b', '', '.hidden', 'a\0b', 'x'.repeat(65)]) {
      await expect(loadOrCreateProjectKey(ask({ project }))).rejects.toMatchObject({
        code: 'ProjectNameUnusable',
      });
    }
  });

  it('shows its id and nothing else however it is printed', async () => {
    const { key } = await loadOrCreateProjectKey(ask());
    key.keyedBytes('patient', 'x');
    expect(JSON.stringify({ key })).toBe(`{"key":{"keyId":"${key.keyId}"}}`);
    expect(inspect(key, { showHidden: true, depth: 9 })).toBe(`ProjectKey(${key.keyId})`);
    expect(Object.keys(key)).toEqual(['keyId']);
  });
});

describe('the configuration folder', () => {
  it('follows the environment, then the platform', () => {
    const env = { LAZARET_CONFIG_DIR: '/a', XDG_CONFIG_HOME: '/b', APPDATA: '/c' };
    expect(configFolder(env, 'linux', '/user')).toBe('/a');
    expect(configFolder({ ...env, LAZARET_CONFIG_DIR: '' }, 'linux', '/user')).toBe('/b/lazaret');
    expect(configFolder({ APPDATA: '/c' }, 'win32', '/user')).toBe('/c/lazaret');
    expect(configFolder({}, 'darwin', '/user')).toBe('/user/.config/lazaret');
  });
});
