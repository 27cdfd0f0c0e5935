import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { complain } from './house-rules.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const APP = 'packages/lazaret/src';

describe('the rules of the house', () => {
  it.each([
    [`${APP}/pipelines/imaging/steps/screen.ts`, '../../../http/server.ts'],
    [`${APP}/pipelines/imaging/steps/screen.ts`, '../../../cli/index.ts'],
    [`${APP}/pipelines/imaging/steps/screen.ts`, '../../../main.ts'],
    [`${APP}/pipelines/imaging/steps/screen.ts`, '../../forms/rows.ts'],
    [`${APP}/engine/runs.ts`, '../pipelines/imaging/index.ts'],
    [`${APP}/engine/runs.ts`, '../http/server.ts'],
    [`${APP}/engine/runs.ts`, '../main.ts'],
    [`${APP}/store/runs.ts`, '../engine/runs.ts'],
    [`${APP}/store/runs.ts`, '../cli/status.ts'],
    [`${APP}/http/server.ts`, '../main.ts'],
    ['packages/faults/src/retry.ts', 'node:timers/promises'],
    ['packages/faults/src/retry.ts', 'fs'],
    ['packages/faults/src/retry.ts', 'lazaret'],
    ['packages/client/src/fetch.ts', 'node:http'],
    ['packages/console/src/app.tsx', '@lazaret/faults'],
    [`${APP}/engine/runs.ts`, '../../../faults/src/fault.ts'],
  ])('refuse that %s imports %s', (file, specifier) => {
    expect(complain(file, specifier)).toBeTypeOf('string');
  });

  it.each([
    [`${APP}/pipelines/imaging/steps/screen.ts`, '../../../engine/step.ts'],
    [`${APP}/pipelines/imaging/steps/screen.ts`, '../codes.ts'],
    [`${APP}/pipelines/imaging/steps/screen.ts`, '@lazaret/faults'],
    [`${APP}/engine/runs.ts`, '../store/runs.ts'],
    [`${APP}/engine/runs.ts`, 'node:path'],
    [`${APP}/cli/index.ts`, '../main.ts'],
    [`${APP}/main.ts`, './pipelines/imaging/index.ts'],
    [`${APP}/engine/runs.test.ts`, '../pipelines/imaging/index.ts'],
    ['packages/client/src/fetch.ts', '@lazaret/contract'],
    ['packages/lazaret/bin/lazaret.js', '../src/cli/index.ts'],
    ['scripts/docs.ts', '../packages/lazaret/src/engine/codes.ts'],
  ])('allow that %s imports %s', (file, specifier) => {
    expect(complain(file, specifier)).toBeNull();
  });
});

describe('the linter', () => {
  let folder = '';

  // The project's own configuration in a folder of its own, so that what is proven is that the
  // rules are switched on where they should be, and not only that the functions are right.
  beforeAll(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'lazaret-lint-'));
    for (const file of ['.oxlintrc.json', 'tsconfig.json', 'package.json', 'scripts'])
      cpSync(path.join(root, file), path.join(folder, file), { recursive: true });
    symlinkSync(path.join(root, 'node_modules'), path.join(folder, 'node_modules'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  function lint(file: string, text: string): string {
    mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
    writeFileSync(path.join(folder, file), text);
    const oxlint = path.join(root, 'node_modules/oxlint/bin/oxlint');
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [oxlint, '--type-aware', '--deny-warnings', '--format=unix', file],
      { cwd: folder, encoding: 'utf8' },
    );
    return `${status}\n${stdout}${stderr}`;
  }

  it.each([
    [
      'a pipeline that knows HTTP',
      `${APP}/pipelines/imaging/a.ts`,
      "import type { S } from '../../http/s.ts';\nexport type T = S;\n",
      'house(rooms)',
    ],
    [
      'an engine that loads a pipeline late',
      `${APP}/engine/a.ts`,
      "export const load = () => import('../pipelines/forms/index.ts');\n",
      'house(rooms)',
    ],
    [
      'an error model that knows Node',
      'packages/faults/src/a.ts',
      "export * from 'node:fs';\n",
      'house(rooms)',
    ],
    [
      'an error model that uses a global of Node',
      'packages/faults/src/b.ts',
      'export const a = process.pid;\n',
      'no-restricted-globals',
    ],
    [
      'a time taken from the air',
      `${APP}/engine/b.ts`,
      'export const now = () => Date.now();\n',
      'house(ambient)',
    ],
    [
      'a promise nobody waits for',
      `${APP}/engine/c.ts`,
      'export function f(): void {\n  Promise.resolve(1);\n}\n',
      'no-floating-promises',
    ],
    [
      'a switch that forgets a case',
      `${APP}/engine/d.ts`,
      "export function f(a: 'x' | 'y'): void {\n  switch (a) {\n    case 'x':\n  }\n}\n",
      'switch-exhaustiveness-check',
    ],
    [
      'a value without a type',
      `${APP}/engine/e.ts`,
      "export const a: string = JSON.parse('1').b;\n",
      'no-unsafe-assignment',
    ],
    [
      'an error swallowed',
      `${APP}/engine/f.ts`,
      'export function f(g: () => void): void {\n  try {\n    g();\n  } catch {}\n}\n',
      'no-empty',
    ],
    [
      'printing from the engine',
      `${APP}/engine/g.ts`,
      "console.log('a');\nexport {};\n",
      'no-console',
    ],
    ['a default export', `${APP}/engine/h.ts`, 'export default 1;\n', 'no-default-export'],
  ])('complains of %s', (_what, file, text, rule) => {
    const said = lint(file, text);
    expect(said).toContain(rule);
    expect(said).toMatch(/^1\n/);
  });

  it('says nothing of a file that keeps the rules', () => {
    const text = "import { sep } from 'node:path';\n\nexport const a: string = sep;\n";
    expect(lint(`${APP}/engine/fine.ts`, text)).toMatch(/^0\n/);
  });
});
