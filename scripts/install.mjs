import { spawnSync } from 'node:child_process';
import { existsSync, statSync, utimesSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository's folder. */
export const root = fileURLToPath(new URL('..', import.meta.url));

const modules = path.join(root, 'node_modules');
const ownNode = path.join(
  modules,
  'node',
  'bin',
  process.platform === 'win32' ? 'node.exe' : 'node',
);

/** npm writes this file at the end of an installation, so it is missing after one that broke off. */
const installedMark = path.join(modules, '.package-lock.json');

const INSTALL_TIMEOUT_MS = 15 * 60_000;

/**
 * Installs what the lock file names, where that has not been done since the lock file changed.
 * Ends the process with a remedy where it cannot be done.
 */
export function install() {
  const [major = 0] = process.versions.node.split('.').map(Number);
  if (major < 20) {
    console.error(`Node ${process.versions.node} is too old: install Node 20 or later.`);
    process.exit(1);
  }
  if (isInstalled()) return;
  const began = Date.now();
  console.error(
    'Setting up: installing the packages of package-lock.json (some 15 to 60 s, once).',
  );
  const npm = process.env['npm_execpath'];
  // Through npm's own script where npm called us, so that the very npm in use is the one that
  // installs; `--include=dev` because NODE_ENV=production would leave out Node itself.
  // Retries stay short: npm's own would let somebody without a network wait for over a minute.
  const args = ['ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error'];
  args.push('--fetch-retries=2', '--fetch-retry-mintimeout=1000', '--fetch-retry-maxtimeout=5000');
  const { status, error, stdout, stderr } = npm?.endsWith('.js')
    ? spawnSync(process.execPath, [npm, ...args], options())
    : spawnSync('npm', args, { ...options(), shell: process.platform === 'win32' });
  if (error !== undefined || status !== 0) {
    console.error(stdout ?? '');
    console.error(stderr ?? '');
    console.error(remedy(`${error?.message ?? ''}${stderr ?? ''}`));
    process.exit(1);
  }
  if (!existsSync(ownNode) && major < 24) {
    console.error('The packages are there, but not the Node that the package `node` brings.');
    console.error(
      'Its install script may be switched off. Run: npm rebuild node --foreground-scripts',
    );
    process.exit(1);
  }
  // A lock file laid down after the packages (a later checkout) must look newer than them, one
  // laid down at the same time must not.
  const now = new Date();
  utimesSync(installedMark, now, now);
  console.error(`Set up in ${Math.round((Date.now() - began) / 1000)} s.\n`);
}

function isInstalled() {
  if (!existsSync(installedMark)) return false;
  const lock = statSync(path.join(root, 'package-lock.json')).mtimeMs;
  return statSync(installedMark).mtimeMs >= lock;
}

/** @returns {import('node:child_process').SpawnSyncOptionsWithStringEncoding} */
function options() {
  return {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: INSTALL_TIMEOUT_MS,
    maxBuffer: 64 * 1024 * 1024,
  };
}

/** What a person does next, read off what npm printed. @param {string} output */
function remedy(output) {
  if (/ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT|ECONNRESET|ENETUNREACH/.test(output))
    return (
      'Set-up failed: the package registry could not be reached.\n' +
      'Connect to a network, or name the registry or proxy of this network\n' +
      '(npm config set registry URL, npm config set proxy URL), then run the same command again.\n' +
      'With packages in the cache of npm already: npm ci --offline'
    );
  if (/EACCES|EPERM|ENOSPC|EROFS/.test(output))
    return 'Set-up failed: this folder cannot be written to, or the disk is full. Mend that, then run the same command again.';
  if (/ENOENT/.test(output) && /spawn/.test(output))
    return 'Set-up failed: npm was not found. Install npm (it comes with Node), then run the same command again.';
  return 'Set-up failed; npm says why above. To try it alone: npm ci';
}

/** The Node that everything runs on: the project's own, or the one at hand where that is as new. */
export function nodeBinary() {
  return existsSync(ownNode) ? ownNode : process.execPath;
}

/**
 * The environment of what is started: `node` means the project's own in every child, and what npm
 * told about the calling Node is taken out.
 */
export function environment() {
  const bin = path.join(modules, '.bin');
  return { ...process.env, PATH: `${bin}${path.delimiter}${process.env['PATH'] ?? ''}` };
}
