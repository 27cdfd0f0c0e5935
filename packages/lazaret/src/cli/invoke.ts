/**
 * Carries a command out: here, if the store is ours to open, else through the socket of whoever
 * holds it. Signals stop the run that is under way; a second one ends the process at once.
 */
import { appendFileSync, existsSync, mkdirSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { isFault, toFault, type Fault } from '@lazaret/faults';
import { engineCodes } from '../engine/codes.ts';
import { openApplication, type Application } from '../main.ts';
import { findHolder, type Holder } from '../store/lock.ts';
import { COMMANDS, commandMap, type CommandName, type InputOf } from './commands.ts';
import { EXIT, type Execute, type Outcome, type Session } from './command.ts';
import type { Configuration } from './configuration.ts';
import { askHolder, serveCommands } from './socket.ts';

export interface Invocation {
  readonly configuration: Configuration;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Tells a person something beside the result. */
  readonly tell: (text: string) => void;
  readonly progressOf: Session['progressOf'];
}

/** The log file is turned over at this size; one older file is kept. */
const MAX_LOG_BYTES = 64 * 1024 * 1024;

/** How often a watcher looks whether the store is free. */
const HOLDER_POLL_MS = 250;

/** Commands that take items through steps. */
const WORKING: ReadonlySet<CommandName> = new Set([
  ...(['run', 'watch', 'resume', 'held decide', 'alerts decide'] as const),
]);

/** @throws the command's fault, StoreHeld, HolderDidNotAnswer */
export async function invoke<Name extends CommandName>(
  name: Name,
  input: InputOf<Name>,
  invocation: Invocation,
): Promise<Outcome> {
  const controller = new AbortController();
  const session: Session = { controller, progressOf: invocation.progressOf };
  const stopListening = stopOnSignals(controller);
  try {
    const databaseUrl = invocation.env['DATABASE_URL'];
    for (;;) {
      const holder =
        databaseUrl === undefined ? await findHolder(invocation.configuration.data) : null;
      if (holder !== null && !mayWait(name, holder)) {
        return await askHolder(holder, name, input, session);
      }
      if (holder === null) {
        const outcome = await executeHere(name, input, invocation, session, databaseUrl);
        if (outcome !== null) return outcome;
      }
      await delay(HOLDER_POLL_MS, undefined, { signal: controller.signal }).catch(ignoreAbort);
      if (controller.signal.aborted) throw asFault(controller.signal.reason);
    }
  } finally {
    stopListening();
  }
}

/**
 * A command that stays for months must not be carried out by a process that came for a moment: it
 * would keep that one alive. So a watcher waits for the store, unless another watcher holds it.
 */
function mayWait(name: CommandName, holder: Holder): boolean {
  return name === 'watch' && holder.command !== commandLine('watch');
}

function commandLine(name: CommandName): string {
  return `lazaret ${name}`;
}

function ignoreAbort(error: unknown): void {
  if (!(error instanceof Error && error.name === 'AbortError')) throw error;
}

/** Null: somebody else was faster, and this command waits for that one to end. */
async function executeHere<Name extends CommandName>(
  name: Name,
  input: InputOf<Name>,
  { configuration, env, tell }: Invocation,
  session: Session,
  databaseUrl: string | undefined,
): Promise<Outcome | null> {
  let application: Application;
  try {
    application = await openApplication({
      dataFolder: configuration.data,
      databaseUrl,
      env,
      command: commandLine(name),
      workers: configuration.workers,
      works: WORKING.has(name),
      logFormat: configuration.log.format,
      logLevel: configuration.log.level,
      timeZone: configuration.log.timeZone,
      space: configuration.space,
      writeLog: logFile(configuration.data),
      onKeyCreated: (project, path) =>
        tell(
          `A pseudonym key was made for project "${project}": ${path}\n` +
            'Keep a copy in a safe place: losing it loses the link to the patients.',
        ),
    });
  } catch (error) {
    // Somebody was faster by a moment: go through them.
    const holder =
      isFault(error) && error.code === 'StoreHeld' ? await findHolder(configuration.data) : null;
    if (holder === null) throw error;
    if (mayWait(name, holder)) return null;
    return askHolder(holder, name, input, session);
  }
  const { lock } = application.store;
  const server =
    lock === null
      ? null
      : await serveCommands(application, lock.holder.socket, commandMap, session.controller.signal);
  try {
    const abandoned = await application.engine.recover();
    // A watcher takes its runs up by itself.
    if (name !== 'resume' && name !== 'watch') {
      for (const run of abandoned) {
        tell(
          `Run ${run.short} lost its process. Take it up again with: lazaret resume ${run.short}`,
        );
      }
    }
    const execute = COMMANDS[name] as Execute<InputOf<Name>>;
    return await execute(application, input, session);
  } catch (error) {
    const fault = asFault(error);
    application.log.fault(fault);
    throw fault;
  } finally {
    await server?.close();
    await application.close();
  }
}

/** What ended a command, as a fault; an unknown one gets an incident that the log has too. */
export function asFault(error: unknown): Fault {
  return toFault(error, { newIncident: () => `i_${crypto.randomUUID().slice(0, 8)}` });
}

function stopOnSignals(controller: AbortController): () => void {
  const onSignal = (signal: NodeJS.Signals): void => {
    if (controller.signal.aborted) process.exit(EXIT.interrupted);
    controller.abort(engineCodes.fault('RunStoppedByPerson', { by: signal }));
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  return () => {
    process.off('SIGINT', onSignal);
    process.off('SIGTERM', onSignal);
  };
}

/** Appends to `lazaret.log` in the data folder, for its owner alone. */
function logFile(dataFolder: string): (line: string) => void {
  const path = join(dataFolder, 'lazaret.log');
  let bytes: number | null = null;
  return (line) => {
    if (bytes === null) {
      mkdirSync(dataFolder, { recursive: true, mode: 0o700 });
      bytes = existsSync(path) ? statSync(path).size : 0;
    }
    if (bytes > MAX_LOG_BYTES) {
      renameSync(path, `${path}.1`);
      bytes = 0;
    }
    const text = `${line}\n`;
    appendFileSync(path, text, { mode: 0o600 });
    bytes += Buffer.byteLength(text);
  };
}
