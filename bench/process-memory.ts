import { readFileSync } from 'node:fs';

/**
 * The most memory that a process and its descendants had together, from /proc (Linux; proc(5)).
 * VmHWM is the kernel's own high-water mark of one process, so that a peak between two looks is
 * not missed; for several processes the sum of their marks is an upper bound.
 */
export class MemoryWatch {
  /** In bytes; 0 while nothing could be read. */
  peakBytes = 0;
  readonly #pid: number;
  readonly #timer: NodeJS.Timeout;

  constructor(pid: number, intervalMs = 25) {
    this.#pid = pid;
    this.#look();
    this.#timer = setInterval(() => this.#look(), intervalMs);
  }

  stop(): number {
    clearInterval(this.#timer);
    return this.peakBytes;
  }

  #look(): void {
    const total = descendantsOf(this.#pid).reduce((sum, pid) => sum + highWaterMark(pid), 0);
    if (total > this.peakBytes) this.peakBytes = total;
  }
}

function highWaterMark(pid: number): number {
  const status = readProc(`/proc/${pid}/status`);
  return Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) * 1024;
}

/** The process itself first. A process that has just ended has no children to add. */
function descendantsOf(pid: number): number[] {
  const children = readProc(`/proc/${pid}/task/${pid}/children`).split(' ').filter(Boolean);
  return [pid, ...children.flatMap((child) => descendantsOf(Number(child)))];
}

/** Empty once the process is gone, which between two looks is nothing unusual. */
function readProc(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ESRCH') return '';
    throw error;
  }
}
