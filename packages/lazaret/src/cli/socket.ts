/**
 * The socket of whoever holds the embedded store: all other commands go through it. One line of
 * JSON asks, lines of JSON answer: progress as it comes, and one outcome or one fault at the end.
 */
import { chmodSync, rmSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import {
  isFault,
  packFault,
  toFault,
  unpackFault,
  type Fault,
  type PlainFault,
} from '@lazaret/faults';
import type { Progress } from '../engine/run-context.ts';
import type { Application } from '../main.ts';
import type { Holder } from '../store/lock.ts';
import { cliCodes } from './codes.ts';
import type { Execute, Outcome, RunTitle, Session } from './command.ts';

type Ask =
  | { readonly type: 'execute'; readonly command: string; readonly input: unknown }
  | { readonly type: 'stop'; readonly fault: PlainFault };

type Answer =
  | { readonly type: 'title'; readonly title: RunTitle }
  | {
      readonly type: 'progress';
      readonly call: keyof Progress;
      readonly values: readonly unknown[];
    }
  | { readonly type: 'outcome'; readonly outcome: Outcome }
  | { readonly type: 'fault'; readonly fault: PlainFault };

/** A request is a command with its options; nothing of that is larger. */
const MAX_LINE_BYTES = 16 * 1024 * 1024;
const CONNECT_MS = 5_000;

export interface CommandServer {
  /** Waits for commands under way, then closes. */
  close(): Promise<void>;
}

/** Serves commands to the user who owns the data folder, and to nobody else (mode 0600). */
export async function serveCommands(
  application: Application,
  path: string,
  commands: ReadonlyMap<string, Execute<never>>,
  stopping: AbortSignal,
): Promise<CommandServer> {
  const underWay = new Set<Promise<void>>();
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    // A client that went away is no failure of ours; its command is carried out all the same.
    socket.on('error', () => socket.destroy());
    const controller = new AbortController();
    const stop = (): void => controller.abort(stopping.reason);
    stopping.addEventListener('abort', stop, { once: true });
    onLines(socket, (line) => {
      const ask = JSON.parse(line) as Ask;
      if (ask.type === 'stop') {
        controller.abort(unpackFault(ask.fault));
        return;
      }
      const work = answer(application, commands, ask, socket, controller).finally(() => {
        underWay.delete(work);
        stopping.removeEventListener('abort', stop);
      });
      underWay.add(work);
    });
  });
  rmSync(path, { force: true });
  const before = process.umask(0o177);
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(path, resolve);
    });
  } finally {
    process.umask(before);
  }
  chmodSync(path, 0o600);
  // The server alone must not keep a finished command alive.
  server.unref();
  return {
    async close() {
      await Promise.all(underWay);
      for (const socket of sockets) socket.end();
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
      });
      rmSync(path, { force: true });
    },
  };
}

async function answer(
  application: Application,
  commands: ReadonlyMap<string, Execute<never>>,
  ask: Extract<Ask, { type: 'execute' }>,
  socket: Socket,
  controller: AbortController,
): Promise<void> {
  const say = (message: Answer): void => {
    if (socket.writable) socket.write(`${JSON.stringify(message)}\n`);
  };
  const session: Session = {
    controller,
    progressOf: (title) => {
      say({ type: 'title', title });
      const forward =
        (call: keyof Progress) =>
        (...values: readonly unknown[]): void =>
          say({ type: 'progress', call, values });
      return {
        arrived: forward('arrived'),
        allArrived: forward('allArrived'),
        advanced: forward('advanced'),
        status: forward('status'),
      };
    },
  };
  try {
    const execute = commands.get(ask.command);
    if (execute === undefined) {
      throw cliCodes.fault('UsageWrong', { problem: 'the holder does not know this command' });
    }
    say({ type: 'outcome', outcome: await execute(application, ask.input as never, session) });
  } catch (error) {
    const fault = isFault(error)
      ? error
      : toFault(error, { newIncident: () => `i_${crypto.randomUUID().slice(0, 8)}` });
    application.log.fault(fault);
    say({ type: 'fault', fault: packFault(fault) });
  }
}

/** Has the holder of the store execute a command. @throws HolderDidNotAnswer, the command's fault */
export async function askHolder(
  holder: Holder,
  command: string,
  input: unknown,
  session: Session,
): Promise<Outcome> {
  const silent = (cause?: unknown): Fault =>
    cliCodes.fault(
      'HolderDidNotAnswer',
      { holder: holder.command, pid: holder.pid },
      cause === undefined ? {} : { cause },
    );
  const socket = await new Promise<Socket>((resolve, reject) => {
    const opened = connect(holder.socket, () => resolve(opened));
    opened.once('error', (error) => reject(silent(error)));
    opened.setTimeout(CONNECT_MS, () => {
      if (opened.connecting) opened.destroy(new Error('no connection'));
    });
  });
  return new Promise<Outcome>((resolve, reject) => {
    let progress: Progress | null = null;
    socket.on('error', (error) => reject(silent(error)));
    socket.on('close', () => reject(silent()));
    session.controller.signal.addEventListener('abort', () => {
      const fault = packFault(toFault(session.controller.signal.reason));
      socket.write(`${JSON.stringify({ type: 'stop', fault } satisfies Ask)}\n`);
    });
    onLines(socket, (line) => {
      const said = JSON.parse(line) as Answer;
      switch (said.type) {
        case 'title':
          progress = session.progressOf(said.title);
          return;
        case 'progress':
          (progress?.[said.call] as ((...values: readonly unknown[]) => void) | undefined)?.(
            ...said.values,
          );
          return;
        case 'outcome':
          resolve(said.outcome);
          break;
        case 'fault':
          reject(unpackFault(said.fault));
          break;
        default:
          said satisfies never;
      }
      socket.end();
    });
    socket.write(`${JSON.stringify({ type: 'execute', command, input } satisfies Ask)}\n`);
  });
}

function onLines(socket: Socket, take: (line: string) => void): void {
  let bytes = 0;
  socket.on('data', (chunk: Buffer) => {
    bytes = chunk.includes(0x0a) ? chunk.length : bytes + chunk.length;
    if (bytes > MAX_LINE_BYTES) socket.destroy(new Error('A line is too long.'));
  });
  createInterface({ input: socket, crlfDelay: Number.POSITIVE_INFINITY }).on('line', take);
}
