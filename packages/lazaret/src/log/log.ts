/**
 * The log: one event, several formats. A line is made of catalogued parameters and of messages
 * that are constants in the code; nothing from the data gets in by another way.
 */
import { fileURLToPath } from 'node:url';
import {
  createTabLine,
  eventOf,
  renderJsonLine,
  siteOf,
  type AttemptsOutcome,
  type Catalogue,
  type Fault,
  type LogContext,
  type LogEvent,
  type LogLevel,
  type Parameters,
  type StackOptions,
} from '@lazaret/faults';

export type LogFormat = 'tab' | 'json';

export interface LogSurroundings {
  readonly run?: string;
  readonly batch?: string;
  readonly step?: string;
}

export interface Log {
  /** A constant sentence, with parameters that may be seen by anyone who reads logs. */
  say(level: LogLevel, message: string, parameters?: Parameters): void;
  /** The life of runs and steps: INFO, and kept in the store. */
  tell(message: string, parameters?: Parameters): void;
  /** The one line that a failure is worth; its level follows from blame and attempts. */
  fault(fault: Fault, outcome?: AttemptsOutcome): void;
  /** The same log, speaking of something more particular. */
  about(logger: string, surroundings?: LogSurroundings): Log;
}

export interface LogOptions {
  readonly catalogue: Catalogue;
  readonly now: () => number;
  readonly format: LogFormat;
  readonly timeZone: string;
  /** Name and version of the program. */
  readonly product: string;
  readonly commit: string;
  /** Quieter events are not written (they may still be kept). */
  readonly level: LogLevel;
  /** Takes one line, without its end. */
  readonly write: (line: string) => void;
  /** Takes what the store keeps: WARN and above, and the life of runs and steps. */
  readonly keep: (event: LogEvent) => void;
}

/** Sites are those of who speaks, relative to the program: no path of a machine gets into a line. */
const STACK: StackOptions = {
  root: fileURLToPath(new URL('../../../../', import.meta.url)),
  isOwn: (location) =>
    !/\/node_modules\/|\/src\/log\/log\.ts:/.test(location) &&
    !/^(?:node:|native|<)/.test(location),
};

const RANKS: readonly LogLevel[] = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'];

export function createLog(options: LogOptions): Log {
  return logOf({ ...options, line: createLine(options.format, options.timeZone) }, 'lazaret', {});
}

function logOf(
  options: LogOptions & { readonly line: (event: LogEvent) => string },
  logger: string,
  surroundings: LogSurroundings,
): Log {
  const least = RANKS.indexOf(options.level);
  const emit = (event: LogEvent, isLife: boolean): void => {
    if (RANKS.indexOf(event.level) >= least) options.write(options.line(event));
    if (isLife || RANKS.indexOf(event.level) >= RANKS.indexOf('warn')) options.keep(event);
  };
  const context = (): LogContext & LogSurroundings => ({
    time: options.now(),
    product: options.product,
    logger,
    thread: 'main',
    commit: options.commit,
    ...surroundings,
  });
  const plain = (
    level: LogLevel,
    message: string,
    parameters: Parameters | undefined,
    isLife: boolean,
  ): void => {
    const site = siteOf(new Error('call site'), STACK);
    emit(
      {
        ...context(),
        level,
        message,
        ...(site === null ? {} : { site }),
        ...(parameters === undefined ? {} : { parameters }),
      },
      isLife,
    );
  };
  return {
    say: (level, message, parameters) => plain(level, message, parameters, false),
    tell: (message, parameters) => plain('info', message, parameters, true),
    fault: (fault, outcome) => {
      const entry = options.catalogue.entryOf(fault);
      emit(
        eventOf(entry, fault, context(), {
          stack: STACK,
          ...(outcome === undefined ? {} : { outcome }),
        }),
        true,
      );
    },
    about: (name, more = {}) => logOf(options, name, { ...surroundings, ...more }),
  };
}

/** Writes events as lines of the chosen format. @throws TimeZoneUnknown */
export function createLine(format: LogFormat, timeZone: string): (event: LogEvent) => string {
  return format === 'json' ? renderJsonLine : createTabLine(timeZone);
}
