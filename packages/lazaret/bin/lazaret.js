#!/usr/bin/env node
// The launcher. The sources are TypeScript that Node runs as it is, which Node does from 22.18 on.
// An older Node starts the one that the package `node` brought, with the same arguments.
import { spawn } from 'node:child_process';
// As a namespace, because a name that an old Node lacks would stop it before the first line.
import * as nodeModule from 'node:module';
import { constants } from 'node:os';
import path from 'node:path';

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);

if (major > 22 || (major === 22 && minor >= 18)) {
  // Parsing some megabytes of libraries anew is most of what a short command would wait for.
  const { directory } = nodeModule.enableCompileCache();
  // Threads look for it in the environment only.
  if (directory !== undefined) process.env['NODE_COMPILE_CACHE'] ??= path.dirname(directory);
  await import(new URL('../src/cli/index.ts', import.meta.url).href);
} else {
  const binary = findNode();
  if (binary === null) {
    console.error(
      `lazaret needs Node 22.18 or later; this is ${process.versions.node}.\n` +
        'Install a newer Node, or the packages of this project: npm ci',
    );
    process.exitCode = 1;
  } else {
    relay(binary);
  }
}

function findNode() {
  try {
    const manifest = nodeModule.createRequire(import.meta.url).resolve('node/package.json');
    return path.join(
      path.dirname(manifest),
      'bin',
      process.platform === 'win32' ? 'node.exe' : 'node',
    );
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === 'MODULE_NOT_FOUND') return null;
    throw error;
  }
}

/**
 * Runs the same command on another Node and ends as it ends. A signal from a terminal reaches the
 * child by itself; one sent to this process alone is passed on, so that a service manager which
 * knows only this process stops the right one.
 * @param {string} binary
 */
function relay(binary) {
  const child = spawn(binary, process.argv.slice(1), { stdio: 'inherit' });
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP']))
    process.on(signal, () => {
      if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal);
    });
  child.on('error', (error) => {
    console.error(`lazaret: ${binary} cannot be started: ${error.message}`);
    process.exitCode = 1;
  });
  child.on('exit', (status, signal) => {
    process.exit(status ?? 128 + (signal === null ? 1 : constants.signals[signal]));
  });
}
