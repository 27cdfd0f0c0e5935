import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';

/**
 * The programs that tests hold Lazaret's results against, each written by others. A test that
 * needs one that is missing skips itself and says so; nothing of Lazaret itself needs any.
 * @type {readonly { readonly name: string, readonly package: string, readonly has: () => boolean }[]}
 */
const wanted = [
  { name: 'PostgreSQL 15 or later', package: 'postgresql', has: hasPostgres },
  { name: 'dcmtk', package: 'dcmtk', has: () => runs('dcmdump', ['--version']) },
  { name: 'dicom3tools', package: 'dicom3tools', has: () => runs('dciodvfy', ['-version']) },
  {
    name: 'pydicom',
    package: 'python3-pydicom',
    has: () => runs('/usr/bin/python3', ['-c', 'import pydicom'], 0),
  },
  {
    name: 'the official tests of JSON Schema',
    package: 'libtest-json-schema-acceptance-perl',
    has: () => existsSync('/usr/share/perl5/Test/JSON/Schema/Acceptance.pm'),
  },
  { name: 'pigz', package: 'pigz', has: () => runs('pigz', ['--version']) },
];

const UPDATE_TIMEOUT_MS = 3 * 60_000;
const INSTALL_TIMEOUT_MS = 10 * 60_000;

/**
 * Installs what is missing with apt-get where that is allowed without asking anybody anything, and
 * says in a line each what stays missing. Never fails: a machine without them runs fewer tests.
 */
export function installSystemPackages() {
  const missing = wanted.filter((program) => !program.has());
  if (missing.length === 0) return;
  const refusal = whyNot();
  if (refusal === null) {
    console.error(
      `Installing for the tests: ${missing.map((program) => program.package).join(', ')} (some minutes at most, once).`,
    );
    aptGet(['update'], UPDATE_TIMEOUT_MS);
    aptGet(
      ['install', '--yes', '--no-install-recommends', ...missing.map((program) => program.package)],
      INSTALL_TIMEOUT_MS,
    );
  }
  for (const program of missing)
    if (!program.has())
      console.error(
        `Left out: ${program.name} (${refusal ?? `apt-get could not install ${program.package}`}); tests that need it are skipped.`,
      );
}

/** Why nothing may be installed here, or null where it may. */
function whyNot() {
  if (process.env['LAZARET_NO_INSTALL'] === '1') return 'LAZARET_NO_INSTALL=1';
  if (process.platform !== 'linux' || !existsSync('/usr/bin/apt-get'))
    return 'no apt-get on this system';
  if (process.getuid?.() !== 0 && !runs('sudo', ['-n', 'true'], 0))
    return 'neither root nor sudo without a password';
  return null;
}

/** @param {string[]} args @param {number} timeoutMs */
function aptGet(args, timeoutMs) {
  const line = ['env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', '-q', ...args];
  if (process.getuid?.() !== 0) line.unshift('sudo', '-n');
  const [program = '', ...rest] = line;
  const { status, error, stderr } = spawnSync(program, rest, {
    encoding: 'utf8',
    stdio: ['ignore', 'ignore', 'pipe'],
    timeout: timeoutMs,
  });
  if (error !== undefined || status !== 0) {
    console.error(`apt-get ${args[0]} failed: ${error?.message ?? `exit status ${status}`}`);
    console.error(stderr ?? '');
  }
}

/**
 * Whether a program is there. Many print their version with an exit status of their own liking,
 * so any status counts unless one is named.
 * @param {string} program @param {string[]} args @param {number} [expected]
 */
function runs(program, args, expected) {
  const { error, status } = spawnSync(program, args, { stdio: 'ignore', timeout: 20_000 });
  return error === undefined && (expected === undefined || status === expected);
}

function hasPostgres() {
  const folder = '/usr/lib/postgresql';
  if (!existsSync(folder)) return false;
  return readdirSync(folder).some(
    (version) => Number(version) >= 15 && existsSync(`${folder}/${version}/bin/initdb`),
  );
}
