import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadConfiguration } from '../../src/cli/configuration.ts';
import { choosePolicy } from '../../src/cli/policy.ts';
import { readPolicy } from '../../src/cli/policy-file.ts';
import { defaultPolicy, parsePolicy } from '../../src/pipelines/imaging/policy.ts';
import { documentOf, lazaret, makeHome, type Ended, type Home } from './process.ts';

const policy = {
  ...defaultPolicy(),
  name: 'lung',
  elements: [
    { element: 'PatientSex', action: 'keep', reason: 'the study compares men and women' },
    { element: 'StationName', action: 'replace', value: 'SCANNER', reason: 'one scanner only' },
  ],
};

let home: Home;

function write(name: string, text: string): void {
  writeFileSync(join(home.folder, name), text);
}

beforeAll(() => {
  home = makeHome();
  const json = JSON.stringify(policy);
  write('lung.json', json);
  write('lung.policy.ts', `const made: unknown = ${json};\nexport default made;\n`);
  write('lung.policy.js', `export default ${json};\n`);
  write('no-default.ts', 'export const policy = {};\n');
  write('throws.ts', "throw new Error('Testperson^Alba');\n");
  write('function.ts', `export default { ...${json}, modalities: () => ['CT'] };\n`);
  write(
    'circle.ts',
    `const made: Record<string, unknown> = ${json};\nmade['self'] = made;\nexport default made;\n`,
  );
  write('policy.yaml', 'name: lung\n');
  write('large.json', `"${'x'.repeat(5_000_000)}"`);
  write('bad.json', JSON.stringify({ ...policy, modalites: ['US'], options: ['retainUid'] }));
  write('good.deid', 'FORMAT dicom\n%header\nREMOVE endswith:Comments\nKEEP PatientAge\n');
  write('bad.deid', 'FORMAT dicom\n%header\nKEEP PatientName\nJITTER StudyDate -31\n');
  write('lazaret.config.json', JSON.stringify({ imaging: { policy: 'lung.policy.ts' } }));
  mkdirSync(home.source);
});

afterAll(() => home.remove());

const run = (...args: readonly string[]): Promise<Ended> => lazaret(home, args);

describe('a policy in a file', () => {
  it('is the same policy, and so the same recipe, in TypeScript, JavaScript and JSON', async () => {
    const read = async (name: string): Promise<string> =>
      JSON.stringify(parsePolicy(await readPolicy(join(home.folder, name), name)));
    const json = await read('lung.json');
    expect(await read('lung.policy.ts')).toBe(json);
    expect(await read('lung.policy.js')).toBe(json);
  });

  it('is found where the configuration names it, whatever its form', async () => {
    const configuration = await loadConfiguration({}, home.folder);
    expect(parsePolicy(configuration.imagingPolicy)).toEqual(parsePolicy(policy));
    const chosen = await choosePolicy({}, configuration, home.folder);
    expect(chosen).toEqual({ policy: configuration.imagingPolicy, notes: [] });
  });

  it.each([
    ['no-default.ts', 'ConfigurationInvalid', 'it has no default export'],
    ['throws.ts', 'ConfigurationInvalid', 'it cannot be loaded as a module'],
    ['function.ts', 'ConfigurationInvalid', 'what it exports is not plain data'],
    ['circle.ts', 'ConfigurationInvalid', 'what it exports is not plain data'],
    ['policy.yaml', 'ConfigurationInvalid', 'a policy is a file that ends in .json, .ts or .js'],
    ['large.json', 'ConfigurationInvalid', 'it is too large for a policy'],
    ['gone.json', 'ConfigurationMissing', null],
  ])('is refused where it cannot be read: %s', async (file, code, problem) => {
    const refused = await readPolicy(join(home.folder, file), file).catch(
      (error: unknown) => error,
    );
    expect(refused).toMatchObject({
      code,
      parameters: { file, ...(problem === null ? {} : { problems: [problem] }) },
    });
  });
});

describe('lazaret policy check', () => {
  it('says in words what a policy means', async () => {
    const { stdout, exit } = await run('policy', 'check', 'lung.policy.ts');
    expect(exit).toBe(0);
    expect(stdout).toContain('lung 1 can be used');
    expect(stdout).toContain('Of the 621 attributes that the standard names');
    expect(stdout).toMatch(/\(0010,0040\) +PatientSex +emptied (?:→|->) kept +the study compares/);
    expect(stdout).toMatch(/\(0008,1010\) +StationName +dummy (?:→|->) replaced by SCANNER/);
  });

  it('tells all problems at once, on exit status 2', async () => {
    const { stdout, exit } = await run('policy', 'check', 'bad.json');
    expect(exit).toBe(2);
    expect(stdout).toContain('2 problems');
    expect(stdout).toContain('modalites: unknown; did you mean modalities?');
    expect(stdout).toContain('retainUid is unknown; did you mean retainUids?');
  });

  it('is one document with --json, whether the policy can be used or not', async () => {
    const good = await run('policy', 'check', 'lung.json', '--json');
    expect(documentOf(good)).toMatchObject({ valid: true, name: 'lung', warnings: [], notes: [] });
    const bad = await run('policy', 'check', 'bad.json', '--json');
    expect(bad.exit).toBe(2);
    expect(documentOf(bad)).toMatchObject({ valid: false, problems: { length: 2 } });
  });

  it('shows a recipe as what it comes to, or refuses it line by line', async () => {
    const good = await run('policy', 'check', 'lung.json', '--deid-recipe', 'good.deid');
    expect(good.exit).toBe(0);
    expect(good.stdout).toMatch(/lung 1-[0-9a-f]{7} can be used/);
    expect(good.stdout).toContain('deid recipe, line 4: KEEP PatientAge');
    const bad = await run('policy', 'check', '--deid-recipe', 'bad.deid');
    expect(bad.exit).toBe(2);
    expect(bad.stdout).toContain('line 3: KEEP PatientName');
    expect(bad.stdout).toContain('line 4: JITTER StudyDate');
  });
});

describe('lazaret policy convert', () => {
  it('prints the policy that a recipe comes to, which can be used as a file', async () => {
    const { stdout, exit } = await run('policy', 'convert', '--deid-recipe', 'good.deid');
    expect(exit).toBe(0);
    write('converted.json', stdout);
    const checked = await run('policy', 'check', 'converted.json');
    expect(checked.stdout).toMatch(/lung 1-[0-9a-f]{7} can be used/);
  });

  it('takes a recipe, and says so where there is none', async () => {
    const { stderr, exit } = await run('policy', 'convert', 'lung.json');
    expect(exit).toBe(2);
    expect(stderr).toContain('--deid-recipe');
  });
});

describe('a run', () => {
  it('is refused before anything happens when a recipe cannot be carried out', async () => {
    const refused = await run('run', 'imaging', 'source', '--deid-recipe', 'bad.deid', '--json');
    expect(refused.exit).toBe(2);
    expect(documentOf(refused)).toMatchObject({ error: { id: 'IMG-053' } });
  });
});
