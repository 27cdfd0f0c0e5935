import { spawnSync } from 'node:child_process';
import { availableParallelism, cpus, release, totalmem } from 'node:os';

/** What a figure depends on, beside the code. */
export interface Machine {
  readonly cores: number;
  readonly cpu: string;
  readonly memoryBytes: number;
  readonly kernel: string;
  readonly node: string;
  /** Short hash, with `+` where files differ from it; null outside a repository. */
  readonly commit: string | null;
}

export function describeMachine(): Machine {
  return {
    cores: availableParallelism(),
    cpu: cpus()[0]?.model ?? 'unknown',
    memoryBytes: totalmem(),
    kernel: release(),
    node: process.version,
    commit: readCommit(),
  };
}

function readCommit(): string | null {
  const options = { cwd: import.meta.dirname, encoding: 'utf8' } as const;
  const head = spawnSync('git', ['rev-parse', '--short', 'HEAD'], options);
  if (head.status !== 0) return null;
  const changes = spawnSync('git', ['status', '--porcelain'], options);
  return `${head.stdout.trim()}${changes.stdout.trim() === '' ? '' : '+'}`;
}

/** The path of a program on this machine, or null. */
export function findProgram(name: string): string | null {
  const found = spawnSync('which', [name], { encoding: 'utf8' });
  return found.status === 0 ? found.stdout.trim() : null;
}
