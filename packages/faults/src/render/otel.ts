import type { LogLevel, ParameterValue } from '../entry.ts';
import { capEvent, type LogEvent } from './log-event.ts';

/** A value of the OpenTelemetry protocol, in its JSON form (64-bit integers are texts there). */
export type OtelValue =
  | { readonly stringValue: string }
  | { readonly boolValue: boolean }
  | { readonly intValue: string }
  | { readonly doubleValue: number }
  | { readonly arrayValue: { readonly values: readonly OtelValue[] } };

export interface OtelAttribute {
  readonly key: string;
  readonly value: OtelValue;
}

/** LogRecord of the OpenTelemetry protocol, in its JSON form. */
export interface OtelLogRecord {
  readonly timeUnixNano: string;
  readonly severityNumber: number;
  readonly severityText: string;
  readonly body: OtelValue;
  readonly attributes: readonly OtelAttribute[];
}

/** SeverityNumber of the log data model: the first of each range of four. */
const SEVERITY: Readonly<Record<LogLevel, number>> = {
  trace: 1,
  debug: 5,
  info: 9,
  warn: 13,
  error: 17,
  fatal: 21,
};

/**
 * The event as a LogRecord. Names follow the semantic conventions where there is one
 * (`code.file.path`, `code.line.number`, `error.type`, `exception.stacktrace`, `thread.name`,
 * `vcs.ref.head.revision`); ours start with `lazaret.`. To be written out with `escapeJson`.
 */
export function renderOtel(event: LogEvent): OtelLogRecord {
  const { time, level, message, logger, ...rest } = capEvent(event);
  const attributes: OtelAttribute[] = [];
  const add = (key: string, value: ParameterValue | undefined): void => {
    if (value !== undefined) attributes.push({ key, value: otelValue(value) });
  };
  add('lazaret.logger', logger);
  add('thread.name', rest.thread);
  add('error.type', rest.code);
  add('lazaret.code', rest.id);
  const site = /^(.*):(\d+)$/.exec(rest.site ?? '');
  add('code.file.path', site?.[1] ?? rest.site);
  if (site?.[2] !== undefined) add('code.line.number', Number(site[2]));
  add('vcs.ref.head.revision', rest.commit);
  add('lazaret.run', rest.run);
  add('lazaret.batch', rest.batch);
  add('lazaret.step', rest.step);
  add('lazaret.incident', rest.incident);
  for (const [name, value] of Object.entries(rest.parameters ?? {})) {
    add(`lazaret.parameter.${name}`, value);
  }
  if (rest.stack !== undefined) add('exception.stacktrace', rest.stack.join('\n'));
  return {
    timeUnixNano: nanoseconds(time),
    severityNumber: SEVERITY[level],
    severityText: level.toUpperCase(),
    body: { stringValue: message },
    attributes,
  };
}

/** Milliseconds as nanoseconds, in digits: beyond 2^53 a number would lose the last ones. */
function nanoseconds(ms: number): string {
  const valid = Number.isFinite(ms) && ms >= 0;
  return `${BigInt(valid ? Math.trunc(ms) : 0) * 1_000_000n}`;
}

function otelValue(value: ParameterValue): OtelValue {
  switch (typeof value) {
    case 'string':
      return { stringValue: value };
    case 'boolean':
      return { boolValue: value };
    case 'number':
      return Number.isSafeInteger(value) ? { intValue: String(value) } : doubleValue(value);
    default:
      return { arrayValue: { values: value.map((text) => ({ stringValue: text })) } };
  }
}

/** JSON has no NaN and no infinity. */
function doubleValue(value: number): OtelValue {
  return Number.isFinite(value) ? { doubleValue: value } : { stringValue: String(value) };
}
