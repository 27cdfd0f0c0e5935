/** `lazaret identity …`, a service over HTTP and a key that is lost, as an operator meets them. */
import { spawn, type ChildProcess } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { el } from '../../../../fixtures/dicom/build.ts';
import type { ExportDocument, ImportDocument, KeyDocument } from '../../src/cli/identity.ts';
import type { RunSummary } from '../../src/engine/summary.ts';
import { buildSample } from '../../src/pipelines/imaging/dicom/deidentify-sample.ts';
import { unpackAll } from '../imaging/archive-reader.ts';
import { documentOf, lazaret, makeHome, type Ended, type Home } from './process.ts';

const FAKE = fileURLToPath(new URL('../../../../fixtures/dasher/main.ts', import.meta.url));
const PATIENT = 'MRN-5550009';

interface Refused {
  readonly error: { readonly name: string; readonly message: string; readonly action: string };
}

function giveSource(home: Home): void {
  mkdirSync(home.source, { recursive: true });
  const bytes = buildSample([el('00100020', 'LO', PATIENT)]);
  writeFileSync(join(home.source, 'image.dcm'), bytes);
}

const nameOf = (ended: Ended): string => (documentOf(ended) as Refused).error.name;

describe('the identity map and its key', () => {
  const home = makeHome();
  const RUN = ['run', 'imaging', 'source', '--out', 'out', '--data', 'data', '--json'];
  const KEY = join(home.keys, 'keys', 'default.key.json');
  const call = (...args: string[]): Promise<Ended> =>
    lazaret(home, ['identity', ...args, '--data', 'data', '--json']);
  const key = async (): Promise<[number | null, KeyDocument]> => {
    const ended = await call('key');
    return [ended.exit, documentOf(ended) as KeyDocument];
  };

  beforeAll(async () => {
    giveSource(home);
    writeFileSync(join(home.folder, 'secret'), 'correct horse battery\n', { mode: 0o600 });
    writeFileSync(join(home.folder, 'short'), 'short\n');
    expect((await lazaret(home, RUN)).exit).toBe(0);
  }, 60_000);
  afterAll(() => home.remove());

  it('says which key it is, where, since when, and what depends on it', async () => {
    const [exit, document] = await key();
    expect(exit).toBe(0);
    expect(document).toMatchObject({
      project: 'default',
      path: KEY,
      pseudonyms: { patients: 1, accessions: 1 },
      problem: null,
    });
    const [archive] = unpackAll(home.out, join(home.folder, 'unpacked'));
    expect(archive?.manifest.keyId).toBe(document.keyId);
    const told = await lazaret(home, ['identity', 'key', '--data', 'data']);
    expect(told.stdout).toContain('1 patient and 1 accession have pseudonyms that depend on it.');
  }, 60_000);

  it('goes to a file that is sealed, private and never overwritten, and back', async () => {
    const ended = await call('export', 'map', '--secret-file', 'secret');
    expect(documentOf(ended) as ExportDocument).toMatchObject({ entries: 2, form: 'sealed' });
    const file = join(home.folder, 'map');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readFileSync(file, 'latin1')).not.toContain(PATIENT);
    const again = await call('export', 'map', '--secret-file', 'secret');
    expect([again.exit, nameOf(again)]).toEqual([2, 'IdentityFileNotWritten']);
    const back = documentOf(await call('import', 'map', '--secret-file', 'secret'));
    expect(back as ImportDocument).toMatchObject({ added: 0, alreadyThere: 2, refused: 0 });

    // Into a store that knows nothing yet, with the key in its place.
    const other = [...['identity', 'import', 'map', '--secret-file', 'secret'], '--json'];
    const first = documentOf(await lazaret(home, [...other, '--data', 'data-2']));
    expect(first as ImportDocument).toMatchObject({ added: 2, alreadyThere: 0 });
    const second = documentOf(await lazaret(home, [...other, '--data', 'data-2']));
    expect(second as ImportDocument).toMatchObject({ added: 0, alreadyThere: 2 });
    // A project of another key, and one without a key: none is made for the file.
    const foreign = await lazaret(home, [...other, '--data', 'data-3', '--project', 'other']);
    expect(nameOf(foreign)).toBe('ProjectKeyMissing');
    expect(existsSync(join(home.keys, 'keys', 'other.key.json'))).toBe(false);
    const run = await lazaret(home, [...RUN, '--project', 'other', '--out', 'out-2']);
    expect(run.exit).toBe(0);
    const wrong = await lazaret(home, [...other, '--data', 'data', '--project', 'other']);
    expect([wrong.exit, nameOf(wrong)]).toEqual([2, 'IdentityFileForOtherKey']);
  }, 120_000);

  it('is refused with a short secret, another one, or no secret at all', async () => {
    expect(nameOf(await call('export', 'm2', '--secret-file', 'short'))).toBe(
      'IdentitySecretUnusable',
    );
    expect(nameOf(await call('export', 'm2', '--secret-file', 'gone'))).toBe(
      'IdentitySecretUnusable',
    );
    expect(existsSync(join(home.folder, 'm2'))).toBe(false);
    writeFileSync(join(home.folder, 'else'), 'another passphrase');
    expect(nameOf(await call('import', 'map', '--secret-file', 'else'))).toBe(
      'IdentityFileUnusable',
    );
    for (const args of [
      ['export', 'm2'],
      ['export', 'm2', '--clear-text'],
      ['export', 'm2', '--clear-text', '--secret-file', 'secret', '--reason', 'why'],
      ['import', 'map'],
    ]) {
      const ended = await call(...args);
      expect([ended.exit, nameOf(ended)]).toEqual([2, 'UsageWrong']);
    }
  }, 120_000);

  it('goes out in clear text only with a reason, and does not come in again', async () => {
    const ended = await call('export', 'clear', '--clear-text', '--reason', 'a recall of patients');
    expect(documentOf(ended) as ExportDocument).toMatchObject({ form: 'clear text' });
    const file = join(home.folder, 'clear');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readFileSync(file, 'utf8')).toContain(PATIENT);
    expect(ended.stdout + ended.stderr).not.toContain(PATIENT);
    expect(nameOf(await call('import', 'clear', '--secret-file', 'secret'))).toBe(
      'IdentityFileUnusable',
    );
  }, 60_000);

  it('says what is lost with the key, what still works, and the way back', async () => {
    const lost = `${KEY}.away`;
    renameSync(KEY, lost);
    const refused = await lazaret(home, RUN);
    const { error } = documentOf(refused) as Refused;
    expect(refused.exit).toBe(1);
    expect(error.name).toBe('ProjectKeyMissing');
    expect(error.message).toMatch(/known patients cannot get the pseudonyms/);
    expect(error.message).toMatch(/What was delivered stays usable/);
    expect(error.action).toMatch(/Restore the key file.*0600.*begin a new project/);
    expect(existsSync(KEY)).toBe(false);
    const [exit, document] = await key();
    expect(exit).toBe(1);
    expect(document).toMatchObject({
      path: null,
      pseudonyms: { patients: 1 },
      problem: { code: 'ProjectKeyMissing' },
    });
    for (const command of ['status', 'batches', 'findings', 'logs']) {
      expect([command, (await lazaret(home, [command, '--data', 'data', '--json'])).exit]).toEqual([
        command,
        0,
      ]);
    }

    // Restored, but cut short; another one; open to others; and at last as it was.
    const sound = readFileSync(lost);
    writeFileSync(KEY, sound, { mode: 0o600 });
    truncateSync(KEY, 40);
    expect((await key())[1].problem?.code).toBe('ProjectKeyDamaged');
    writeFileSync(KEY, readFileSync(join(home.keys, 'keys', 'other.key.json')));
    expect((await key())[1].problem?.code).toBe('ProjectKeyMismatch');
    writeFileSync(KEY, sound);
    chmodSync(KEY, 0o644);
    expect((await key())[1].problem?.code).toBe('ProjectKeyExposed');
    chmodSync(KEY, 0o600);
    expect((await key())[1].problem).toBeNull();
    rmSync(lost);
    expect((await lazaret(home, RUN)).exit).toBe(0);
  }, 180_000);
});

describe('a service over HTTP', () => {
  const home = makeHome();
  let fake: ChildProcess;
  let lines: Interface;
  let said: AsyncIterator<string>;
  const tell = async (word: string): Promise<void> => {
    fake.stdin?.write(`${word}\n`);
    await said.next();
  };

  beforeAll(async () => {
    giveSource(home);
    fake = spawn(process.execPath, [FAKE], { stdio: ['pipe', 'pipe', 'ignore'] });
    if (fake.stdout === null) throw new Error('The fake has no output.');
    lines = createInterface({ input: fake.stdout });
    said = lines[Symbol.asyncIterator]();
    const url: unknown = (await said.next()).value;
    const identity = {
      kind: 'http',
      url,
      contact: 'ids@example.org',
      patientSource: 'Stanford MRN',
      accessionSource: 'DCM Accession #',
      tokenFile: 'token',
      attempts: 2,
      backoffMs: 10,
      pauseAfter: 1,
      pauseMs: 100,
    };
    writeFileSync(join(home.folder, 'lazaret.config.json'), JSON.stringify({ identity }));
    writeFileSync(join(home.folder, 'token'), 'a-secret-token\n', { mode: 0o600 });
    await tell('accept a-secret-token');
  }, 30_000);
  afterAll(() => {
    fake.stdin?.end();
    lines.close();
    home.remove();
  });

  it('is down, and the run is interrupted, resumed and delivered without a secret anywhere', async () => {
    await tell('is-unavailable');
    const RUN = ['run', 'imaging', 'source', '--out', 'out', '--data', 'data', '--json'];
    const ended = await lazaret(home, [...RUN, '--max-pause', '1']);
    const summary = documentOf(ended) as RunSummary;
    expect(ended.exit).toBe(1);
    expect(summary).toMatchObject({
      status: 'interrupted',
      reason: { code: 'DependencyPausedTooLong' },
      items: { received: 1, pending: 1, delivered: 0 },
    });
    await tell('well');
    const resumed = await lazaret(home, ['resume', summary.run, '--data', 'data', '--json']);
    expect(documentOf(resumed) as RunSummary).toMatchObject({
      status: 'complete',
      items: { received: 1, pending: 0, delivered: 1 },
    });
    for (const { stdout, stderr } of [ended, resumed]) {
      expect(stdout + stderr).not.toMatch(/a-secret-token|MRN-555/);
    }
    expect(readFileSync(join(home.data, 'lazaret.log'), 'utf8')).not.toMatch(
      /a-secret-token|MRN-555/,
    );
  }, 90_000);

  it('is refused at the start where its settings are wrong, with the nearest right one', async () => {
    const base = JSON.parse(readFileSync(join(home.folder, 'lazaret.config.json'), 'utf8')) as {
      readonly identity: Record<string, unknown>;
    };
    for (const [change, said] of [
      [{ tokenFil: 'x' }, 'did you mean tokenFile?'],
      [{ url: 'http://ids.example.org/' }, 'identity.url: must begin with https://'],
    ] as const) {
      const config = { identity: { ...base.identity, ...change } };
      writeFileSync(join(home.folder, 'wrong.json'), JSON.stringify(config));
      const ended = await lazaret(home, [
        'run',
        'imaging',
        'source',
        '--config',
        'wrong.json',
        '--json',
      ]);
      expect([ended.exit, nameOf(ended)]).toEqual([2, 'ConfigurationInvalid']);
      expect(ended.stdout).toContain(said);
    }
  }, 60_000);
});
