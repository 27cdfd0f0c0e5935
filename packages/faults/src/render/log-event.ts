import type { NamedEntry } from '../catalogue.ts';
import type { LogLevel } from '../entry.ts';
import type { Parameters } from '../finding.ts';
import { type AttemptsOutcome, lineShape } from '../level.ts';
import { pruneStack, siteOf, type StackOptions } from '../stack.ts';
import { capText } from './escape.ts';
import { fillTemplate, visibleParameters } from './template.ts';

/** One event of the log, from which each of its formats is made without loss. */
export interface LogEvent {
  /** Milliseconds since 1970-01-01T00:00Z. */
  readonly time: number;
  readonly level: LogLevel;
  /** The part of the system that speaks, e.g. `imaging.screen`. */
  readonly logger: string;
  readonly message: string;
  /** The thread, worker or request that it happened in. */
  readonly thread?: string;
  /** The entry's name and id. */
  readonly code?: string;
  readonly id?: string;
  /** `file:line` of the call. */
  readonly site?: string;
  /** Name and version of the program: `lazaret/0.1.0`. */
  readonly product?: string;
  /** The commit that the program was made from. */
  readonly commit?: string;
  readonly run?: string;
  readonly batch?: string;
  readonly step?: string;
  readonly incident?: string;
  /** Catalogued parameters that a log may have; see `eventOf`. */
  readonly parameters?: Parameters;
  /** Pruned frames, innermost first. */
  readonly stack?: readonly string[];
}

/** Caps of an event, UTF-16 units or entries. */
const LIMITS = { message: 4000, name: 200, value: 2000, parameters: 40, list: 50, frames: 50 };

/** What a log line knows of its surroundings. */
export type LogContext = Pick<
  LogEvent,
  'time' | 'logger' | 'product' | 'thread' | 'commit' | 'run' | 'batch' | 'step'
>;

/**
 * The event for a finding or fault: its level from blame and attempts, the log's template, the
 * parameters that a log may have, and the pruned stack where the cause is unknown.
 */
export function eventOf(
  entry: NamedEntry,
  raised: { readonly parameters: Parameters; readonly cause?: unknown },
  context: LogContext,
  options: { readonly outcome?: AttemptsOutcome; readonly stack?: StackOptions } = {},
): LogEvent {
  const shape = lineShape(entry, options.outcome);
  const message = fillTemplate(entry.log, entry.parameters, raised.parameters, 'log');
  const incident = raised.parameters['incident'];
  const origin = raised.cause ?? raised;
  const site = siteOf(origin, options.stack) ?? siteOf(raised, options.stack);
  const stack = shape.withStack ? pruneStack(origin, options.stack) : [];
  return {
    ...context,
    level: shape.level,
    message: `${message}${shape.suffix}`,
    code: entry.name,
    id: entry.id,
    ...(site === null ? {} : { site }),
    ...(typeof incident === 'string' ? { incident } : {}),
    parameters: visibleParameters(entry.parameters, raised.parameters, 'log'),
    ...(stack.length === 0 ? {} : { stack }),
  };
}

/**
 * The event with every text cut to its cap, so that one line cannot fill a disk. Cutting is marked
 * in the text. The formats differ in how they escape, so that is left to them.
 */
export function capEvent(event: LogEvent): LogEvent {
  const capped: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(event)) {
    if (typeof value !== 'string') capped[key] = value;
    else capped[key] = capText(value, key === 'message' ? LIMITS.message : LIMITS.name);
  }
  const { parameters, stack } = event;
  return {
    ...event,
    ...capped,
    ...(parameters === undefined ? {} : { parameters: capParameters(parameters) }),
    ...(stack === undefined ? {} : { stack: capList(stack, LIMITS.frames) }),
  };
}

function capParameters(parameters: Parameters): Parameters {
  const names = Object.keys(parameters);
  const entries = names.slice(0, LIMITS.parameters).map((name) => {
    const value = parameters[name] ?? '';
    if (typeof value === 'string') return [capText(name, 64), capText(value, LIMITS.value)];
    return [capText(name, 64), typeof value === 'object' ? capList(value, LIMITS.list) : value];
  });
  const more = names.length - LIMITS.parameters;
  if (more > 0) entries.push(['more', more]);
  return Object.fromEntries(entries) as Parameters;
}

function capList(list: readonly string[], most: number): string[] {
  const kept = list.slice(0, most).map((text) => capText(text, LIMITS.value));
  if (list.length > most) kept.push(`… ${list.length - most} more`);
  return kept;
}
