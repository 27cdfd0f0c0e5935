import type { LogLevel } from '../entry.ts';
import { escapeText } from './escape.ts';
import { isoTime } from './json-line.ts';
import { capEvent, type LogEvent } from './log-event.ts';

export interface SyslogOptions {
  readonly host?: string;
  readonly app?: string;
  readonly process?: string;
  /** Facility 0 to 23 (RFC 5424, table 1); 16 is `local0`. */
  readonly facility?: number;
  /** Number of a private enterprise (RFC 5424, section 7.2.2); 32473 is the one for examples. */
  readonly enterprise?: string;
}

/** RFC 5424, table 2. */
const SEVERITY: Readonly<Record<LogLevel, number>> = {
  trace: 7,
  debug: 7,
  info: 6,
  warn: 4,
  error: 3,
  fatal: 2,
};

/**
 * The event as a message of RFC 5424. The error's id is the MSGID, parameters and context are
 * structured data, a stack is a repeated `frame`.
 */
export function renderSyslog(event: LogEvent, options: SyslogOptions = {}): string {
  const { host, app = 'lazaret', process, facility = 16, enterprise = '32473' } = options;
  const { time, level, logger, message, id, parameters, stack, ...rest } = capEvent(event);
  const context: [string, string][] = [
    ['logger', logger],
    ['level', level],
    ...Object.entries(rest).map(([name, value]): [string, string] => [name, String(value)]),
    ...(stack ?? []).map((frame): [string, string] => ['frame', frame]),
  ];
  const values = Object.entries(parameters ?? {}).flatMap(([name, value]): [string, string][] =>
    typeof value === 'object'
      ? value.map((text): [string, string] => [name, text])
      : [[name, String(value)]],
  );
  const text = escapeText(message);
  // RFC 5424, section 6.4: a text that is not ASCII is UTF-8 and starts with the byte order mark.
  const mark = /^[ -~]*$/.test(text) ? '' : '\ufeff';
  const header = [
    `<${facility * 8 + SEVERITY[level]}>1`,
    isoTime(time),
    headerField(host, 255),
    headerField(app, 48),
    headerField(process, 128),
    headerField(id, 32),
  ].join(' ');
  const data = [
    element(`event@${enterprise}`, context),
    values.length === 0 ? '' : element(`parameters@${enterprise}`, values),
  ].join('');
  return `${header} ${data} ${mark}${text}`;
}

/** Printable ASCII without a space, `-` where there is nothing (section 6). */
function headerField(text: string | undefined, limit: number): string {
  const field = (text ?? '').replace(/[^!-~]/g, '').slice(0, limit);
  return field === '' ? '-' : field;
}

function element(id: string, values: readonly (readonly [string, string])[]): string {
  const parts = values.map(([name, value]) => `${elementName(name)}="${elementValue(value)}"`);
  return `[${[id, ...parts].join(' ')}]`;
}

/** SD-NAME: at most 32 printable characters, none of `=`, space, `]`, `"` (section 6.3.3). */
function elementName(name: string): string {
  const kept = name.replace(/[^!-~]|[=\]"]/g, '').slice(0, 32);
  return kept === '' ? '_' : kept;
}

function elementValue(value: string): string {
  return escapeText(value).replace(/["\\\]]/g, String.raw`\$&`);
}
