import { isBuiltin } from 'node:module';
import path from 'node:path';

/**
 * The rules of the house: which room may know which. A room is a package, or a folder of the
 * application; `pipelines/*` stands for every pipeline, each of which is a room of its own.
 * The linter asks {@link complain} about every import, and the reference page lists the table.
 */
export interface HouseRule {
  readonly room: string;
  readonly mayNotKnow: readonly string[];
  readonly because: string;
}

export const houseRules: readonly HouseRule[] = [
  {
    room: 'pipelines/*',
    mayNotKnow: ['http', 'cli', 'main', 'pipelines/*'],
    because: 'a pipeline knows the engine, never who calls it, nor another pipeline',
  },
  {
    room: 'engine',
    mayNotKnow: ['pipelines/*', 'http', 'cli', 'main'],
    because: 'the engine works for every pipeline and so knows none',
  },
  {
    room: 'store',
    mayNotKnow: ['engine', 'pipelines/*', 'http', 'cli', 'main'],
    because: 'the store keeps rows and decides nothing',
  },
  {
    room: 'http',
    mayNotKnow: ['cli', 'main'],
    because: 'the API is wired by main, not the reverse',
  },
  { room: 'identity', mayNotKnow: ['main'], because: 'main wires it' },
  { room: 'sinks', mayNotKnow: ['main'], because: 'main wires them' },
  { room: 'log', mayNotKnow: ['main'], because: 'main wires it' },
  {
    room: 'faults',
    mayNotKnow: ['node', 'contract', 'client', 'console', 'application'],
    because: 'the error model runs in a browser and stands below everything',
  },
  {
    room: 'contract',
    mayNotKnow: ['node', 'client', 'console', 'application'],
    because: 'the wire schemas run in a browser and build on faults alone',
  },
  {
    room: 'client',
    mayNotKnow: ['node', 'console', 'application'],
    because: 'the client runs in a browser and builds on contract and faults',
  },
  {
    room: 'console',
    mayNotKnow: ['node', 'faults', 'contract', 'application'],
    because: 'the console talks only through client',
  },
];

const PACKAGES: Readonly<Record<string, string>> = {
  '@lazaret/faults': 'faults',
  '@lazaret/contract': 'contract',
  '@lazaret/client': 'client',
  '@lazaret/console': 'console',
  lazaret: 'application',
};

/**
 * What is wrong with an import, as a sentence, or null.
 *
 * @param file the importing file, relative to the repository, with `/`
 * @param specifier what it imports: a path, a package, `node:…`
 */
export function complain(file: string, specifier: string): string | null {
  if (isTest(file)) return null;
  const target = resolve(file, specifier);
  if (
    packageOf(file) !== undefined &&
    target.startsWith('packages/') &&
    packageOf(target) !== packageOf(file) &&
    /^[./]/.test(specifier)
  )
    return `'${specifier}' reaches into another package past its door; import the package by its name.`;
  const from = roomOf(file);
  const to = roomOf(target);
  if (from === null || to === null || from === to) return null;
  if (to === 'main' && from !== 'cli')
    return `Nothing imports main.ts but a command: main wires ${from} and is not known to it.`;
  const rule = houseRules.find((one) => matches(one.room, from));
  if (rule === undefined || !rule.mayNotKnow.some((room) => forbids(room, to))) return null;
  return `${from} may not import ${describe(to)}: ${rule.because}.`;
}

/** Tests look at rooms from outside, so the rules are not for them. */
export function isTest(file: string): boolean {
  return /\.test\.tsx?$/.test(file) || /^packages\/[^/]+\/test\//.test(file);
}

/** The room that a file, a package or a Node module belongs to; null outside the house. */
export function roomOf(target: string): string | null {
  if (target in PACKAGES) return PACKAGES[target] ?? null;
  if (isBuiltin(target)) return 'node';
  const [, name, , room, inner] =
    /^packages\/([^/]+)\/(src|bin)\/([^/]+)(?:\/([^/]+))?/.exec(target) ?? [];
  if (name === undefined || room === undefined) return null;
  if (name !== 'lazaret') return name;
  if (room === 'pipelines') return inner === undefined ? null : `pipelines/${inner}`;
  return room.replace(/\.tsx?$/, '');
}

function resolve(file: string, specifier: string): string {
  if (!/^\.{1,2}(\/|$)/.test(specifier)) return specifier;
  return path.posix.join(path.posix.dirname(file), specifier);
}

function packageOf(file: string): string | undefined {
  return /^packages\/([^/]+)\//.exec(file)?.[1];
}

function matches(pattern: string, room: string): boolean {
  return pattern.endsWith('/*') ? room.startsWith(pattern.slice(0, -1)) : pattern === room;
}

function forbids(pattern: string, room: string): boolean {
  if (matches(pattern, room)) return true;
  const packages = new Set(Object.values(PACKAGES));
  return pattern === 'application' && !packages.has(room) && room !== 'node';
}

function describe(room: string): string {
  if (room === 'node') return "Node's own modules";
  return room === 'main' ? 'main.ts' : room;
}
