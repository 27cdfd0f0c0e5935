import { defineCodes } from '../codes.ts';
import { FAULT } from './general.ts';

/**
 * Faults of the database. The log has the query's text and the database's name; a caller only
 * reads which kind of store it was. The driver's own message, detail and context are never used,
 * because they quote values.
 */
export const store = defineCodes({
  StoreUnreachable: {
    ...FAULT,
    id: 'GEN-040',
    title: 'Store unreachable',
    blame: 'dependency',
    level: 'error',
    issue: 'transient',
    status: 503,
    parameters: {
      dependency: 'public',
      sqlState: 'internal',
      query: 'internal',
      database: 'internal',
      constraint: 'internal',
    },
    message: 'At the moment {dependency} cannot be reached.',
    log: 'Store unreachable: SQLSTATE {sqlState} of database {database}, query {query}.',
    action: 'Try again in a few minutes.',
    runbook: {
      check: 'See whether the database runs and takes connections.',
      fix: 'Start it, or wait for its restart or fail-over to end; paused work goes on by itself.',
      escalate: 'To whoever runs the database.',
    },
    retry: 'dependency',
    release: 'replay',
    example: {
      dependency: 'the store',
      sqlState: '08006',
      query: 'select id from batch where run = $1',
      database: 'lazaret',
      constraint: 'unknown',
    },
  },
  StoreConflict: {
    ...FAULT,
    id: 'GEN-041',
    title: 'Two changes at once',
    blame: 'dependency',
    level: 'error',
    issue: 'lock-error',
    status: 503,
    parameters: {
      dependency: 'public',
      sqlState: 'internal',
      query: 'internal',
      database: 'internal',
      constraint: 'internal',
    },
    message: 'Someone else was changing the same thing in {dependency}.',
    log: 'Two changes at once: SQLSTATE {sqlState} of database {database}, query {query}.',
    action: 'Try again in a few minutes.',
    runbook: {
      check: 'Count how often it comes; now and then is normal.',
      fix: 'Let the retry do its work; where it comes often, look for long transactions.',
      escalate: 'To whoever runs the database.',
    },
    retry: 'dependency',
    release: 'replay',
    example: {
      dependency: 'the store',
      sqlState: '40001',
      query: 'select id from batch where run = $1',
      database: 'lazaret',
      constraint: 'unknown',
    },
  },
  StoreConstraintViolated: {
    ...FAULT,
    id: 'GEN-042',
    title: 'Store refused contradictory data',
    blame: 'us',
    level: 'error',
    issue: 'conflict',
    status: 409,
    parameters: {
      dependency: 'public',
      sqlState: 'internal',
      query: 'internal',
      database: 'internal',
      constraint: 'internal',
    },
    message: 'Data that contradicts what is there was refused by {dependency}.',
    log: 'Store refused contradictory data: SQLSTATE {sqlState} of database {database}, constraint {constraint}, query {query}.',
    action: 'Load what is there again and look whether the change still makes sense.',
    runbook: {
      check: 'See the constraint and the query in the log line.',
      fix: 'Mend the step that wrote it: it should have looked first.',
      escalate: 'To whoever runs the database.',
    },
    retry: 'no',
    release: 'replay',
    example: {
      dependency: 'the store',
      sqlState: '23505',
      query: 'select id from batch where run = $1',
      database: 'lazaret',
      constraint: 'batch_pkey',
    },
  },
  StoreDiskFull: {
    ...FAULT,
    id: 'GEN-043',
    title: 'Disk of the store full',
    blame: 'operator',
    level: 'error',
    issue: 'no-store',
    status: 507,
    parameters: {
      dependency: 'public',
      sqlState: 'internal',
      query: 'internal',
      database: 'internal',
      constraint: 'internal',
    },
    message: 'No space is left in {dependency}.',
    log: 'Disk of the store full: SQLSTATE {sqlState} of database {database}, query {query}.',
    action: 'Free some space, then resume the run.',
    runbook: {
      check:
        'Look at the volume and the table space of the database, its write-ahead log included.',
      fix: 'Enlarge the volume or free space; work waits and no record is set aside for it.',
      escalate: 'To whoever runs the database.',
    },
    retry: 'dependency',
    release: 'replay',
    example: {
      dependency: 'the store',
      sqlState: '53100',
      query: 'select id from batch where run = $1',
      database: 'lazaret',
      constraint: 'unknown',
    },
  },
  StoreConnectionsExhausted: {
    ...FAULT,
    id: 'GEN-044',
    title: 'Too many connections to the store',
    blame: 'operator',
    level: 'error',
    issue: 'throttled',
    status: 503,
    parameters: {
      dependency: 'public',
      sqlState: 'internal',
      query: 'internal',
      database: 'internal',
      constraint: 'internal',
    },
    message: 'At the moment {dependency} takes no more connections.',
    log: 'Too many connections to the store: SQLSTATE {sqlState} of database {database}, query {query}.',
    action: 'Try again in a few minutes.',
    runbook: {
      check: 'Compare max_connections with the pools of all workers.',
      fix: 'Run fewer workers, make their pools smaller, or put a pooler in between.',
      escalate: 'To whoever runs the database.',
    },
    retry: 'dependency',
    release: 'replay',
    example: {
      dependency: 'the store',
      sqlState: '53300',
      query: 'select id from batch where run = $1',
      database: 'lazaret',
      constraint: 'unknown',
    },
  },
  StoreQueryCancelled: {
    ...FAULT,
    id: 'GEN-045',
    title: 'Query cancelled',
    blame: 'dependency',
    level: 'error',
    issue: 'timeout',
    status: 504,
    parameters: {
      dependency: 'public',
      sqlState: 'internal',
      query: 'internal',
      database: 'internal',
      constraint: 'internal',
    },
    message: 'A query took too long and was cancelled by {dependency}.',
    log: 'Query cancelled: SQLSTATE {sqlState} of database {database}, query {query}.',
    action: 'Try again in a few minutes.',
    runbook: {
      check: 'See the query in the log line and how long it takes by itself.',
      fix: 'Add the index that is missing, or allow more time.',
      escalate: 'To whoever runs the database.',
    },
    retry: 'dependency',
    release: 'replay',
    example: {
      dependency: 'the store',
      sqlState: '57014',
      query: 'select id from batch where run = $1',
      database: 'lazaret',
      constraint: 'unknown',
    },
  },
  StoreRefusedValue: {
    ...FAULT,
    id: 'GEN-046',
    title: 'Value not storable',
    blame: 'us',
    level: 'error',
    issue: 'value',
    status: 500,
    parameters: {
      dependency: 'public',
      sqlState: 'internal',
      query: 'internal',
      database: 'internal',
      constraint: 'internal',
    },
    message: 'A value cannot be stored in {dependency} as it is.',
    log: 'Value not storable: SQLSTATE {sqlState} of database {database}, query {query}.',
    action: 'Tell whoever runs Lazaret.',
    runbook: {
      check:
        'See the query in the log line; NUL bytes, numbers out of range and bad dates are the usual causes.',
      fix: 'Mend the check that should have found the value first.',
      escalate: 'To whoever runs the database.',
    },
    retry: 'no',
    release: 'replay',
    example: {
      dependency: 'the store',
      sqlState: '22021',
      query: 'select id from batch where run = $1',
      database: 'lazaret',
      constraint: 'unknown',
    },
  },
  StoreOutOfResources: {
    ...FAULT,
    id: 'GEN-047',
    title: 'Store out of resources',
    blame: 'operator',
    level: 'error',
    issue: 'exception',
    status: 503,
    parameters: {
      dependency: 'public',
      sqlState: 'internal',
      query: 'internal',
      database: 'internal',
      constraint: 'internal',
    },
    message: 'Memory or another resource ran out in {dependency}.',
    log: 'Store out of resources: SQLSTATE {sqlState} of database {database}, query {query}.',
    action: 'Try again in a few minutes.',
    runbook: {
      check: 'Look at memory, locks and the log of the database.',
      fix: 'Give it more, or run fewer workers.',
      escalate: 'To whoever runs the database.',
    },
    retry: 'dependency',
    release: 'replay',
    example: {
      dependency: 'the store',
      sqlState: '53200',
      query: 'select id from batch where run = $1',
      database: 'lazaret',
      constraint: 'unknown',
    },
  },
  StoreFailed: {
    ...FAULT,
    id: 'GEN-049',
    title: 'Store failure',
    blame: 'us',
    level: 'error',
    issue: 'exception',
    status: 500,
    parameters: {
      dependency: 'public',
      sqlState: 'internal',
      query: 'internal',
      database: 'internal',
      constraint: 'internal',
    },
    message: 'A query could not be carried out by {dependency}.',
    log: 'Store failure: SQLSTATE {sqlState} of database {database}, query {query}.',
    action: 'Tell whoever runs Lazaret.',
    runbook: {
      check: 'Look the SQLSTATE up in the manual of PostgreSQL, appendix A.',
      fix: 'Mend the query, the migration or the rights that it points at.',
      escalate: 'To whoever runs the database.',
    },
    retry: 'no',
    release: 'replay',
    example: {
      dependency: 'the store',
      sqlState: '42P01',
      query: 'select id from batch where run = $1',
      database: 'lazaret',
      constraint: 'unknown',
    },
  },
});

export type StoreCode = keyof typeof store.entries;

/** States with a meaning of their own (PostgreSQL, appendix A); the others go by their class. */
const STATE_TABLE: Readonly<Record<string, StoreCode>> = {
  '25006': 'StoreUnreachable', // A standby after a fail-over: reads only, until we reconnect.
  '53100': 'StoreDiskFull',
  '53300': 'StoreConnectionsExhausted',
  '55P03': 'StoreConflict',
  '57014': 'StoreQueryCancelled',
};

/** The first two characters of an SQLSTATE are its class. */
const CLASS_TABLE: Readonly<Record<string, StoreCode>> = {
  '08': 'StoreUnreachable',
  '57': 'StoreUnreachable',
  '40': 'StoreConflict',
  '23': 'StoreConstraintViolated',
  '22': 'StoreRefusedValue',
  '53': 'StoreOutOfResources',
};

/** The classes of PostgreSQL that have no row above. */
const OTHER_CLASSES: ReadonlySet<string> = new Set(
  '03 09 0A 0B 0F 0L 0P 0Z 20 21 24 25 26 27 28 2B 2D 2F 34 38 39 3B 3D 3F 42 44 54 55 58 72 F0 HV P0 XX'.split(
    ' ',
  ),
);

/**
 * What the drivers say without a code when a connection breaks. Compared as a whole and never
 * shown; a driver that changes its words makes an unknown error of it, not a wrong one.
 */
export const STORE_MESSAGES: ReadonlySet<string> = new Set([
  'Connection terminated',
  'Connection terminated unexpectedly',
  'Connection terminated due to connection timeout',
  'timeout exceeded when trying to connect',
  'Client has encountered a connection error and is not queryable',
  'Client was closed and is not queryable',
]);

/**
 * The code for an SQLSTATE; null where the text is none. The class has to be a known one, because
 * `EPERM` and `EBUSY` have the shape of an SQLSTATE, too.
 */
export function codeOfSqlState(state: string): StoreCode | null {
  if (!/^[0-9A-Z]{5}$/.test(state)) return null;
  const known = STATE_TABLE[state] ?? CLASS_TABLE[state.slice(0, 2)];
  if (known !== undefined) return known;
  return OTHER_CLASSES.has(state.slice(0, 2)) ? 'StoreFailed' : null;
}
