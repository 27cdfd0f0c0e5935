import { FILE_SYSTEM_TABLE, fileSystem } from './base/file-system.ts';
import { general } from './base/general.ts';
import { codeOfStatus, http } from './base/http.ts';
import { NETWORK_CALLS, NETWORK_TABLE, network, TLS_PREFIXES } from './base/network.ts';
import { codeOfSqlState, STORE_MESSAGES, store } from './base/store.ts';
import { failureChain, propertyOf, textOf } from './failure-chain.ts';
import { type Fault, isFault } from './fault.ts';
import { safeText } from './render/escape.ts';

/** What the boundary knows about the call that failed. */
export interface FailureContext {
  /** What people call the system that was talked to, e.g. `the identifier service`. */
  readonly dependency?: string;
  /** The database's own name, for the log. */
  readonly database?: string;
  /** The query's text, with placeholders instead of values. For the log. */
  readonly query?: string;
  /** Makes the number of an incident. Where none is given, the incident is `unnumbered`. */
  readonly newIncident?: () => string;
}

const UNKNOWN = 'unknown';

/** Longest query text that is kept, UTF-16 units. */
const QUERY_LIMIT = 2000;

/**
 * The one translation of whatever was thrown, used at each boundary. A fault passes through, also
 * out of a foreign error that wraps it. Codes of the system, the network and the database are
 * looked up in their tables, wherever in the chain of causes they are. Anything else is an
 * `UnknownError` with an incident number.
 *
 * Nothing of a foreign error's message gets into the fault; the original is its `cause`.
 */
export function toFault(thrown: unknown, context: FailureContext = {}): Fault {
  const chain = failureChain(thrown);
  for (const failure of chain) {
    if (isFault(failure)) return failure;
  }
  for (const failure of chain) {
    const fault =
      abortFault(failure, thrown, context) ??
      systemFault(failure, thrown, context) ??
      storeFault(failure, thrown, context) ??
      httpFault(failure, thrown, context);
    if (fault !== null) return fault;
  }
  return general.fault(
    'UnknownError',
    { incident: context.newIncident?.() ?? 'unnumbered', errorName: nameOf(thrown) },
    { cause: thrown },
  );
}

/**
 * The fault for the answer of a dependency, or null where the status is no failure.
 *
 * @param status HTTP status code.
 * @param retryAfter the header `Retry-After` as it came, if it did.
 */
export function faultOfAnswer(
  status: number,
  dependency: string,
  retryAfter?: string | null,
  cause?: unknown,
): Fault | null {
  const code = codeOfStatus(status);
  if (code === null) return null;
  const parameters = { dependency, answer: status, retryAfter: retryAfterText(retryAfter) };
  return http.fault(code, parameters, cause === undefined ? {} : { cause });
}

function abortFault(failure: unknown, cause: unknown, context: FailureContext): Fault | null {
  const name = textOf(failure, 'name');
  if (name === 'AbortError' || textOf(failure, 'code') === 'ABORT_ERR') {
    return general.fault('Aborted', {}, { cause });
  }
  if (name !== 'TimeoutError') return null;
  const dependency = context.dependency ?? 'another system';
  return general.fault('TimedOut', { dependency, timeoutMs: UNKNOWN }, { cause });
}

function systemFault(failure: unknown, cause: unknown, context: FailureContext): Fault | null {
  const systemCode = textOf(failure, 'code');
  if (systemCode === null) return null;
  const call = textOf(failure, 'syscall') ?? UNKNOWN;
  const fileCode = Object.hasOwn(FILE_SYSTEM_TABLE, systemCode)
    ? FILE_SYSTEM_TABLE[systemCode]
    : undefined;
  if (fileCode !== undefined && !NETWORK_CALLS.has(call)) {
    return fileSystem.fault(fileCode, { operation: wordOf(call), systemCode }, { cause });
  }
  let networkCode = Object.hasOwn(NETWORK_TABLE, systemCode)
    ? NETWORK_TABLE[systemCode]
    : undefined;
  if (networkCode === undefined && TLS_PREFIXES.some((prefix) => systemCode.startsWith(prefix))) {
    networkCode = 'TlsFailed';
  }
  if (networkCode === undefined && fileCode !== undefined) networkCode = 'NetworkFailed';
  if (networkCode === undefined) return null;
  const host = wordOf(textOf(failure, 'hostname') ?? textOf(failure, 'address') ?? UNKNOWN);
  const dependency = context.dependency ?? 'another system';
  const parameters = { dependency, host, systemCode: wordOf(systemCode) };
  return network.fault(networkCode, parameters, { cause });
}

function storeFault(failure: unknown, cause: unknown, context: FailureContext): Fault | null {
  const sqlState = textOf(failure, 'code');
  const broken = sqlState === null && STORE_MESSAGES.has(textOf(failure, 'message') ?? '');
  const code = broken ? 'StoreUnreachable' : codeOfSqlState(sqlState ?? '');
  if (code === null) return null;
  const query = context.query ?? textOf(failure, 'query') ?? textOf(failure, 'sql');
  return store.fault(
    code,
    {
      dependency: context.dependency ?? 'the store',
      sqlState: sqlState ?? UNKNOWN,
      query: query === null ? UNKNOWN : safeText(withoutLiterals(query), QUERY_LIMIT),
      database: context.database ?? wordOf(textOf(failure, 'database') ?? UNKNOWN),
      constraint: wordOf(textOf(failure, 'constraint') ?? UNKNOWN),
    },
    { cause },
  );
}

/**
 * Only where the boundary says that it talked to a dependency: our own HTTP server's errors carry a
 * status, too, and there the caller is to blame.
 */
function httpFault(failure: unknown, cause: unknown, context: FailureContext): Fault | null {
  if (context.dependency === undefined) return null;
  const metadata = propertyOf(failure, '$metadata');
  const statuses = [
    propertyOf(failure, 'status'),
    propertyOf(failure, 'statusCode'),
    propertyOf(metadata, 'httpStatusCode'),
    propertyOf(propertyOf(failure, 'response'), 'status'),
  ];
  const status = statuses.find((candidate) => typeof candidate === 'number');
  return typeof status === 'number' ? faultOfAnswer(status, context.dependency, null, cause) : null;
}

/** Only the two forms that RFC 9110, section 10.2.3 has: seconds, or a date. */
function retryAfterText(header: string | null | undefined): string {
  const text = header?.trim() ?? '';
  return /^(\d{1,9}|[A-Za-z]{3,9}, [A-Za-z0-9: -]{16,32})$/.test(text) ? text : 'not said';
}

/** Identifiers only: a host, a system call, a constraint. A text of any other shape is withheld. */
function wordOf(text: string): string {
  return /^[\w.:$-]{1,253}$/.test(text) ? text : UNKNOWN;
}

/** SQL with its literals taken out; a value that was pasted into a query may be a patient's. */
function withoutLiterals(query: string): string {
  return query
    .slice(0, QUERY_LIMIT * 4)
    .replace(/(\$[A-Za-z_]*\$)[\s\S]*?(?:\1|$)/g, '?')
    .replace(/'(?:[^']|'')*(?:'|$)/g, '?')
    .replace(/--[^\n]*|\/\*[\s\S]*?(?:\*\/|$)/g, ' ')
    .replace(/(?<![$\w.])\d[\d.]*\b/g, '?')
    .replace(/\s+/g, ' ')
    .trim();
}

/** The class of an error is ours or a library's, never the data's; a text that is no name is not. */
function nameOf(thrown: unknown): string {
  const name = textOf(thrown, 'name');
  if (name !== null && /^[A-Za-z_$][\w$]{0,63}$/.test(name)) return name;
  return thrown === null ? 'null' : typeof thrown;
}
