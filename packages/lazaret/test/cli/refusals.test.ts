import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { build } from '../../../../fixtures/dicom/build.ts';
import { ctImage } from '../../../../fixtures/dicom/ct-image.ts';
import { STUDIES } from '../../../../fixtures/dicom/demo-studies.ts';
import { chestPhantom } from '../../../../fixtures/dicom/phantom.ts';
import { defaultPolicy } from '../../src/pipelines/imaging/policy.ts';
import { documentOf, lazaret, makeHome, start, type Home } from './process.ts';

let home: Home;

beforeAll(() => {
  home = makeHome();
  mkdirSync(join(home.source, 'inner'), { recursive: true });
  const size = { rows: 16, columns: 16 };
  const of = {
    study: STUDIES.albaFirst,
    series: 2,
    seriesDescription: 'Axial',
    index: 0,
    count: 2,
  };
  writeFileSync(join(home.source, 'image.dcm'), build(ctImage(of, size, chestPhantom(size)(0, 2))));
  write('unknown-key.json', { porject: 'lung' });
  write('wrong-type.json', { workers: 'many' });
  write('wrong-inner.json', { log: { levle: 'info' } });
  writeFileSync(join(home.folder, 'no-json.json'), '{ project: lung');
  writeFileSync(join(home.folder, 'throws.config.ts'), "throw new Error('Testperson^Alba');\n");
  const policy = defaultPolicy();
  write('policy-key.json', { ...policy, modalites: ['US'] });
  write('policy-option.json', { ...policy, options: ['retainUid'] });
  write('policy-unsupported.json', { ...policy, options: ['cleanPixelData'] });
  write('policy-both.json', {
    ...policy,
    options: ['retainLongitudinalFullDates', 'retainLongitudinalModifiedDates'],
  });
});

afterAll(() => home.remove());

function write(name: string, document: unknown): void {
  writeFileSync(join(home.folder, name), JSON.stringify(document));
}

interface Refused {
  readonly error: { readonly id: string; readonly name: string; readonly message: string };
}

const RUN = ['run', 'imaging', 'source', '--out', 'out', '--data', 'data'];

/** What is asked, the code that it is refused with, and a word of what is said. */
const WRONG: readonly (readonly [args: readonly string[], name: string, said: string])[] = [
  [['rnu'], 'UsageWrong', 'rnu'],
  [['status', '--jsno'], 'UsageWrong', '--jsno'],
  [['run', 'imaging'], 'UsageWrong', 'folder'],
  [['batches', '--status', 'dnoe', '--data', 'data'], 'UsageWrong', 'done'],
  [[...RUN, '--max-pause', 'soon'], 'UsageWrong', '--max-pause'],
  [['held', 'release', '--data', 'data'], 'UsageWrong', '--code'],
  [['held', 'list', '--before', 'once', '--data', 'data'], 'UsageWrong', '--before'],
  [['explain', 'IMG-999'], 'CodeUnknown', 'IMG-'],
  [[...RUN, '--config', 'missing.json'], 'ConfigurationMissing', 'missing.json'],
  [[...RUN, '--config', 'unknown-key.json'], 'ConfigurationInvalid', 'did you mean project?'],
  [[...RUN, '--config', 'wrong-inner.json'], 'ConfigurationInvalid', 'did you mean level?'],
  [[...RUN, '--config', 'wrong-type.json'], 'ConfigurationInvalid', 'workers'],
  [[...RUN, '--config', 'no-json.json'], 'ConfigurationInvalid', 'not JSON'],
  [[...RUN, '--config', 'throws.config.ts'], 'ConfigurationInvalid', 'cannot be loaded'],
  [[...RUN, '--project', 'a/b'], 'ConfigurationInvalid', 'project'],
  [[...RUN, '--workers', '0'], 'ConfigurationInvalid', 'workers'],
  [[...RUN, '--policy', 'missing.json'], 'ConfigurationMissing', 'missing.json'],
  [[...RUN, '--policy', 'policy-key.json'], 'PolicyInvalid', 'did you mean modalities?'],
  [[...RUN, '--policy', 'policy-option.json'], 'PolicyInvalid', 'did you mean retainUids?'],
  [[...RUN, '--policy', 'policy-unsupported.json'], 'PolicyInvalid', 'not available'],
  [[...RUN, '--policy', 'policy-both.json'], 'PolicyInvalid', 'contradict'],
  [['run', 'imaging', 'nowhere', '--data', 'data'], 'SourceMissing', 'does not exist'],
  [['run', 'imaging', 'source/image.dcm', '--data', 'data'], 'SourceMissing', 'not a folder'],
  [
    ['run', 'imaging', 'source', '--out', 'source/out', '--data', 'data'],
    'FoldersOverlap',
    'output',
  ],
  [
    ['run', 'imaging', 'source/inner', '--out', 'source', '--data', 'data'],
    'FoldersOverlap',
    'source',
  ],
  [['run', 'imaging', 'source', '--out', 'out', '--data', 'source/data'], 'FoldersOverlap', 'data'],
];

describe('what was asked wrongly', () => {
  it.for(WRONG)('is refused with 2, a code and a hint: %j', async ([args, name, said]) => {
    const ended = await lazaret(home, [...args, '--json']);
    const { error } = documentOf(ended) as Refused;
    expect(error.name).toBe(name);
    expect(error.id).toMatch(/^[A-Z]{3}-\d{3}$/);
    expect(error.message).toContain(said);
    expect(ended.exit).toBe(2);
    expect(ended.stderr).not.toContain('Testperson');
    // No trace: neither a data folder, nor an output, nor a key.
    expect(existsSync(home.data)).toBe(false);
    expect(existsSync(home.out)).toBe(false);
    expect(existsSync(home.keys)).toBe(false);
  });

  it('fails with 1 and within seconds where the database does not answer', async () => {
    const ended = await lazaret(home, ['status', '--json', '--data', 'data'], {
      DATABASE_URL: 'postgresql://nobody:secret@127.0.0.1:9/none',
    });
    expect((documentOf(ended) as Refused).error.name).toBe('DatabaseNotUsable');
    expect(ended.exit).toBe(1);
    expect(ended.stdout + ended.stderr).not.toContain('secret');
  });
});

describe('the key of a project', () => {
  const key = (): string => join(home.keys, 'keys', 'default.key.json');
  const run = async (): Promise<[number | null, string]> => {
    const ended = await lazaret(home, [...RUN, '--json']);
    const document = documentOf(ended) as Partial<Refused> & { readonly status?: string };
    return [ended.exit, document.error?.name ?? document.status ?? ''];
  };

  it('is made once, for its owner alone, and is asked for ever after', async () => {
    expect(await run()).toEqual([0, 'complete']);
    const delivered = readdirSync(home.out, { recursive: true }).length;
    chmodSync(key(), 0o644);
    expect((await run())[1]).toBe('ProjectKeyExposed');
    chmodSync(key(), 0o600);
    // The key of another project in its place would give every patient a second pseudonym.
    const other = await lazaret(home, [...RUN, '--json', '--project', 'other', '--out', 'out-2']);
    expect(other.exit).toBe(0);
    const own = spawnSync('cp', ['-p', key(), `${key()}.own`]);
    expect(own.status).toBe(0);
    spawnSync('cp', ['-p', join(home.keys, 'keys', 'other.key.json'), key()]);
    expect((await run())[1]).toBe('ProjectKeyMismatch');
    rmSync(key());
    const [exit, name] = await run();
    expect(name).toBe('ProjectKeyMissing');
    expect(exit).not.toBe(0);
    expect(existsSync(key())).toBe(false);
    spawnSync('mv', [`${key()}.own`, key()]);
    expect(await run()).toEqual([0, 'complete']);
    expect(readdirSync(home.out, { recursive: true })).toHaveLength(delivered);
  }, 60_000);
});

describe('rights that are missing', () => {
  it('hold a file, tell a folder and refuse an output, and the run goes on', async ({ skip }) => {
    if (process.getuid?.() !== 0) return skip('only root can become another user');
    const nobody = { uid: 65_534, gid: 65_534 };
    const place = join(home.folder, 'rights');
    const source = join(place, 'source');
    for (const name of ['closed', 'open']) mkdirSync(join(source, name), { recursive: true });
    for (const name of ['closed/a.dcm', 'open/b.dcm', 'open/c.dcm']) {
      spawnSync('cp', [join(home.source, 'image.dcm'), join(source, name)]);
    }
    chmodSync(home.folder, 0o755);
    chmodSync(join(source, 'open', 'b.dcm'), 0o000);
    chmodSync(join(source, 'closed'), 0o000);
    mkdirSync(join(place, 'locked'), { mode: 0o755 });
    mkdirSync(join(place, 'own'));
    spawnSync('chown', ['65534:65534', join(place, 'own')]);
    const own = (name: string): string => join(place, 'own', name);
    const env = {
      LAZARET_CONFIG_DIR: own('keys'),
      HOME: own('home'),
      NODE_COMPILE_CACHE: own('c'),
    };
    const options = ['run', 'imaging', source, '--data', own('data'), '--json', '--user', 'n'];
    const done = await start(home, [...options, '--out', own('out')], env, nobody).ended;
    if (/EACCES.*lazaret\.js|Cannot find module/s.test(done.stderr)) {
      return skip('another user cannot read the program here');
    }
    const summary = documentOf(done) as {
      readonly items: Readonly<Record<string, number>>;
      readonly findings: readonly { readonly name: string }[];
    };
    expect(done.exit, done.stderr).toBe(0);
    expect(summary.items).toMatchObject({ received: 2, delivered: 1, held: 1, pending: 0 });
    expect(summary.findings.map(({ name }) => name).toSorted()).toEqual([
      'FileNotReadable',
      'FolderNotReadable',
    ]);
    const refused = await start(home, [...options, '--out', join(place, 'locked')], env, nobody)
      .ended;
    expect((documentOf(refused) as Refused).error.name).toBe('OutputNotUsable');
    expect(refused.exit).not.toBe(0);
  });
});
