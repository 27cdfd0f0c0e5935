/** What the stream that we write to can show, from the environment and the stream itself. */
import type { StyleOptions } from './style.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** The part of `process.stdout` and `process.stderr` that counts. */
export interface OutputStream {
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
}

export interface Terminal extends StyleOptions {
  /** Whether lines may be drawn again in place. */
  readonly isTerminal: boolean;
}

/** Columns of a terminal that does not say how wide it is. */
const DEFAULT_COLUMNS = 80;

export function readTerminal(env: Environment, stream: OutputStream): Terminal {
  const isTty = stream.isTTY === true;
  return {
    colour: decideColour(env, stream),
    unicode: decideUnicode(env),
    width: isTty ? stream.columns || DEFAULT_COLUMNS : Infinity,
    // The terminal of a build server is a file in the end, and redrawn lines pile up in it.
    isTerminal: isTty && env['TERM'] !== 'dumb' && !isSet(env['CI']),
  };
}

/**
 * Whether to colour. `FORCE_COLOR` wins over everything, as in Node itself: who sets it for one
 * command means it. Then `NO_COLOR` (no-color.org: set and not empty), then what the stream is.
 * A build server gets colours on a terminal alone: its logs are read in files and mails as well.
 */
export function decideColour(env: Environment, stream: OutputStream): boolean {
  const forced = env['FORCE_COLOR'];
  if (forced !== undefined) return forced !== '0' && forced !== 'false';
  if (env['NO_COLOR'] !== undefined && env['NO_COLOR'] !== '') return false;
  if (isSet(env['NODE_DISABLE_COLORS'])) return false;
  if (env['TERM'] === 'dumb') return false;
  return stream.isTTY === true;
}

/**
 * Whether signs beyond ASCII can be shown: not on the Linux console, whose fonts lack them, and
 * not where the locale names another encoding. One that is not set says nothing: containers have
 * none, and the terminal around them speaks UTF-8.
 */
export function decideUnicode(env: Environment): boolean {
  if (env['TERM'] === 'dumb' || env['TERM'] === 'linux') return false;
  const locale = [env['LC_ALL'], env['LC_CTYPE'], env['LANG']].find(
    (value) => value !== undefined && value !== '',
  );
  return locale === undefined || /utf-?8/i.test(locale);
}

function isSet(value: string | undefined): boolean {
  return value !== undefined && value !== '' && value !== '0' && value !== 'false';
}
