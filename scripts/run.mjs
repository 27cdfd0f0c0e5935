/**
 * The one door of the repository: `node scripts/run.mjs demo|test|lint|…`.
 *
 * It runs on the Node that a machine happens to have (20 or later), with no dependency, because
 * it is what installs them. Everything behind it runs on the Node that the `node` package brings,
 * so that one version of Node counts: here, on a machine of today's, and on CI's.
 */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import path from 'node:path';
import { environment, install, nodeBinary, root } from './install.mjs';
import { installSystemPackages } from './system-packages.mjs';

/**
 * What each word runs: one command line or several, each a script and its arguments. All of them
 * run even where an earlier one fails, so that one look shows everything.
 * @type {Record<string, (rest: string[]) => string[][]>}
 */
const commands = {
  demo: (rest) => [['packages/lazaret/bin/lazaret.js', 'demo', ...rest]],
  lint: (rest) => [
    ['node_modules/oxlint/bin/oxlint', '--type-aware', '--deny-warnings', ...rest],
    ['scripts/check-text.ts'],
  ],
  format: (rest) => [['node_modules/prettier/bin/prettier.cjs', '--write', '.', ...rest]],
  'format:check': (rest) => [['node_modules/prettier/bin/prettier.cjs', '--check', '.', ...rest]],
  types: (rest) => [['node_modules/typescript/bin/tsc', '-p', '.', ...rest]],
  unused: (rest) => [['node_modules/knip/bin/knip.js', ...rest]],
  docs: () => [['scripts/docs.ts']],
  'docs:check': () => [['scripts/docs.ts', '--check']],
  bench: (rest) => [['bench/index.ts', ...rest]],
};

const [command = '', ...rest] = process.argv.slice(2);

if (command === 'test') {
  install();
  process.exitCode = await test(rest);
} else if (Object.hasOwn(commands, command)) {
  install();
  let status = 0;
  for (const line of /** @type {(rest: string[]) => string[][]} */ (commands[command])(rest))
    status = (await run(line)) || status;
  process.exitCode = status;
} else {
  console.error(`run.mjs: there is no command '${command}'.`);
  console.error(`Commands: ${['test', ...Object.keys(commands)].join(', ')}.`);
  process.exitCode = 2;
}

/**
 * Runs a script on the project's own Node and gives its exit status. A script that does not exist
 * is a failure with a plain sentence, not Node's stack.
 *
 * This process outlives the script: a Ctrl-C reaches both from the terminal, and the prompt must
 * not come back before the script has put its things in order. SIGTERM reaches this one alone.
 * @param {string[]} line
 * @param {Record<string, string>} [more] environment variables
 * @returns {Promise<number>}
 */
function run([script = '', ...args], more = {}) {
  const file = path.join(root, script);
  if (!existsSync(file)) {
    console.error(`${script} does not exist, so there is nothing to run.`);
    return Promise.resolve(1);
  }
  const child = spawn(nodeBinary(), [file, ...args], {
    // The demo writes into the folder it was called from, everything else works on the project.
    cwd: command === 'demo' ? (process.env['INIT_CWD'] ?? process.cwd()) : root,
    env: { ...environment(), ...more },
    stdio: 'inherit',
  });
  const wait = () => {};
  const pass = () => child.kill('SIGTERM');
  process.on('SIGINT', wait);
  process.on('SIGTERM', pass);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (status, signal) => {
      process.off('SIGINT', wait);
      process.off('SIGTERM', pass);
      resolve(status ?? 128 + (signal === null ? 1 : constants.signals[signal]));
    });
  });
}

/**
 * The tests, and a closing line from the runner's own count. The count comes out of band, in a
 * file that the reporter writes: a runner that dies without a count is a failure, whatever its
 * exit status, and so is a run in which no test ran.
 * @param {string[]} args
 */
async function test(args) {
  installSystemPackages();
  const countsFile = path.join(tmpdir(), `lazaret-counts-${process.pid}.json`);
  const status = await run(['node_modules/vitest/vitest.mjs', 'run', ...args], {
    LAZARET_TEST_COUNTS: countsFile,
  });
  let counts = { passed: 0, failed: 0, skipped: 0 };
  if (existsSync(countsFile)) {
    counts = /** @type {typeof counts} */ (JSON.parse(readFileSync(countsFile, 'utf8')));
    rmSync(countsFile);
  } else {
    console.error('The test runner ended without a count; that counts as a failure.');
  }
  if (counts.passed + counts.failed === 0 || (status !== 0 && counts.failed === 0)) {
    if (counts.passed === 0) console.error('No test ran; that counts as a failure.');
    counts.failed += 1;
  }
  console.log(
    `\n${counts.passed} passed, ${counts.failed} failed` +
      (counts.skipped > 0 ? `, ${counts.skipped} skipped` : ''),
  );
  return counts.failed > 0 ? status || 1 : 0;
}
