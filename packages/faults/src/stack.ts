import { textOf } from './failure-chain.ts';

/** Decides whether a frame is in our own code, by its `file:line:column`. */
export type OwnFrame = (location: string) => boolean;

export interface StackOptions {
  readonly isOwn?: OwnFrame;
  /** Start of every path of ours, taken away so that no path of a machine gets into a log. */
  readonly root?: string;
  /** Most frames kept. */
  readonly limit?: number;
}

/** `at name (location)`, `at location` as V8 has it, or `name@location` as other engines do. */
const FRAME =
  /^\s*(?:at (?:(?<name>[^()]{1,200}?) \((?<inner>[^()]+:\d+:\d+)\)|(?<bare>[^()\s]+:\d+:\d+))|(?<other>[^@\s]{0,200})@(?<place>[^()\s]+:\d+:\d+))$/;

/** Where faults are made: the site of a fault is whoever called these. */
const MAKER = /\/faults\/src\/(?:codes|fault|to-fault|bug)\.ts:/;

interface Frame {
  readonly name: string;
  readonly location: string;
}

/**
 * The frames of an error that help: from our last own frame down to our entry point. What a
 * library did after we called it, and what called us, is replaced by a count. The error's message
 * is not among the lines, and neither is any line of it.
 */
export function pruneStack(thrown: unknown, options: StackOptions = {}): string[] {
  const { isOwn = isOwnByDefault, root = '', limit = 30 } = options;
  const frames = framesOf(thrown);
  const first = frames.findIndex((frame) => isOwn(frame.location));
  const last = frames.findLastIndex((frame) => isOwn(frame.location));
  const start = first === -1 ? 0 : first;
  const end = last === -1 ? frames.length : last + 1;
  const kept = frames.slice(start, Math.min(end, start + limit));
  const lines: string[] = [];
  if (start > 0) lines.push(`… ${frameCount(start)} above`);
  for (const { name, location } of kept) {
    const shown = root !== '' ? location.replace(root, '') : location;
    lines.push(name === '' ? `at ${shown}` : `at ${name} (${shown})`);
  }
  const cut = end - start - kept.length;
  if (cut > 0) lines.push(`… ${frameCount(cut)} left out`);
  if (end < frames.length) lines.push(`… ${frameCount(frames.length - end)} below`);
  return lines;
}

/** `file:line` of our topmost own frame, or null: where a log line above `info` comes from. */
export function siteOf(thrown: unknown, options: StackOptions = {}): string | null {
  const { isOwn = isOwnByDefault, root = '' } = options;
  const frame = framesOf(thrown).find(({ location }) => isOwn(location));
  if (frame === undefined) return null;
  const location = root !== '' ? frame.location.replace(root, '') : frame.location;
  return location.replace(/:\d+$/, '');
}

function isOwnByDefault(location: string): boolean {
  return !location.includes('/node_modules/') && !/^(node:|native|<anonymous>)/.test(location);
}

function frameCount(count: number): string {
  return count === 1 ? '1 frame' : `${count} frames`;
}

function framesOf(thrown: unknown): Frame[] {
  let stack = textOf(thrown, 'stack')?.slice(0, 100_000) ?? '';
  // The message comes first and may have lines that look like frames, so it goes as a whole.
  const message = textOf(thrown, 'message') ?? '';
  const start = message === '' ? -1 : stack.indexOf(message);
  if (start !== -1) stack = stack.slice(start + message.length);
  const frames: Frame[] = [];
  for (const line of stack.split('\n')) {
    const groups = FRAME.exec(line)?.groups;
    const location = groups?.['inner'] ?? groups?.['bare'] ?? groups?.['place'];
    if (location === undefined || MAKER.test(location)) continue;
    const path = location.replace(/^file:\/\//, '');
    frames.push({ name: groups?.['name'] ?? groups?.['other'] ?? '', location: path });
  }
  return frames;
}
