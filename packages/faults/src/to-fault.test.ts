import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BASE_CODES } from './base/base-codes.ts';
import { FILE_SYSTEM_TABLE } from './base/file-system.ts';
import { general } from './base/general.ts';
import { NETWORK_TABLE } from './base/network.ts';
import { createCatalogue } from './catalogue.ts';
import { propertyOf } from './failure-chain.ts';
import { renderOutcome } from './render/operation-outcome.ts';
import { renderProblem } from './render/problem.ts';
import { renderText } from './render/text.ts';
import { eventOf } from './render/log-event.ts';
import { faultOfAnswer, toFault } from './to-fault.ts';

const CANARY = 'DOE^JANE 1931-04-05';
const newIncident = (): string => 'i_0001';
const catalogue = createCatalogue(BASE_CODES);

function failure(properties: Record<string, unknown>, message = CANARY): Error {
  return Object.assign(new Error(message), properties);
}

describe('toFault', () => {
  it('lets a fault through, also out of an error that wraps it', () => {
    const fault = general.fault('Aborted', {});
    expect(toFault(fault)).toBe(fault);
    expect(toFault(new Error('x', { cause: fault }))).toBe(fault);
  });

  it.each(Object.entries(FILE_SYSTEM_TABLE))('knows %s as %s', (code, name) => {
    expect(toFault(failure({ code, syscall: 'open', path: `/in/${CANARY}` })).code).toBe(name);
  });

  it.each(Object.entries(NETWORK_TABLE))('knows %s as %s', (code, name) => {
    expect(toFault(failure({ code, syscall: 'connect' })).code).toBe(name);
  });

  it.each([
    ['08006', 'StoreUnreachable'],
    ['57P01', 'StoreUnreachable'],
    ['40001', 'StoreConflict'],
    ['40P01', 'StoreConflict'],
    ['23505', 'StoreConstraintViolated'],
    ['53100', 'StoreDiskFull'],
    ['53300', 'StoreConnectionsExhausted'],
    ['53200', 'StoreOutOfResources'],
    ['57014', 'StoreQueryCancelled'],
    ['22P02', 'StoreRefusedValue'],
    ['42P01', 'StoreFailed'],
    ['XX000', 'StoreFailed'],
  ])('knows SQLSTATE %s as %s', (code, name) => {
    expect(toFault(failure({ code })).code).toBe(name);
  });

  it('does not take a code of the system for an SQLSTATE, though EPERM has its shape', () => {
    expect(toFault(failure({ code: 'EPERM', syscall: 'open' })).code).toBe('FileNotPermitted');
    expect(toFault(failure({ code: 'EXXXX' })).code).toBe('UnknownError');
    expect(toFault(failure({ code: '__proto__' })).code).toBe('UnknownError');
  });

  it('tells a refused port from a refused file by the call that failed', () => {
    expect(toFault(failure({ code: 'EACCES', syscall: 'connect' })).code).toBe('NetworkFailed');
    expect(toFault(failure({ code: 'EACCES', syscall: 'open' })).code).toBe('FileNotPermitted');
  });

  it('finds the cause inside wrappers and aggregates, and survives a circle', () => {
    const refused = failure({ code: 'ECONNREFUSED', address: '127.0.0.1' });
    const wrapped = new TypeError('fetch failed', {
      cause: new AggregateError([refused], 'both failed'),
    });
    expect(toFault(wrapped, { dependency: 'the archive' })).toMatchObject({
      code: 'ConnectionRefused',
      parameters: { dependency: 'the archive', host: '127.0.0.1' },
      cause: wrapped,
    });
    const circle = failure({});
    circle.cause = circle;
    expect(toFault(circle).code).toBe('UnknownError');
  });

  it('knows aborts and the time-outs of signals', () => {
    expect(toFault(AbortSignal.abort().reason).code).toBe('Aborted');
    expect(toFault(failure({ name: 'TimeoutError' })).code).toBe('TimedOut');
  });

  it('knows a connection that the driver reports without a code', () => {
    expect(toFault(new Error('Connection terminated unexpectedly')).code).toBe('StoreUnreachable');
  });

  it('takes a status for the answer of a dependency only where one was called', () => {
    const answer = failure({ statusCode: 503 });
    expect(toFault(answer, { dependency: 'the archive' }).code).toBe('DependencyUnavailable');
    expect(toFault(answer).code).toBe('UnknownError');
    const sdk = failure({ $metadata: { httpStatusCode: 429 } });
    expect(toFault(sdk, { dependency: 'the bucket' }).code).toBe('DependencyThrottled');
  });

  it('keeps the query without its literals, and nothing of what the database quotes', () => {
    const fault = toFault(
      failure({
        code: '23505',
        detail: `Key (name)=(${CANARY}) already exists.`,
        where: CANARY,
        constraint: 'patient_pkey',
        query: `insert into p values ('${CANARY}', 19310405, $1, $q$${CANARY}$q$) -- ${CANARY}`,
      }),
      { database: 'lazaret' },
    );
    expect(fault.parameters).toEqual({
      dependency: 'the store',
      sqlState: '23505',
      query: 'insert into p values (?, ?, $1, ?)',
      database: 'lazaret',
      constraint: 'patient_pkey',
    });
  });

  it('files anything else under an incident, with the original as its cause', () => {
    const thrown = failure({});
    expect(toFault(thrown, { newIncident })).toMatchObject({
      code: 'UnknownError',
      parameters: { incident: 'i_0001', errorName: 'Error' },
      cause: thrown,
    });
    expect(toFault(undefined).code).toBe('UnknownError');
    expect(toFault(CANARY).parameters).toEqual({ incident: 'unnumbered', errorName: 'string' });
  });

  it('never shows a foreign text in any rendering', () => {
    const texts = fc.constantFrom('code', 'name', 'syscall', 'hostname', 'database', 'constraint');
    const codes = fc.constantFrom('ENOENT', 'ECONNRESET', '23505', '42P01', 'EX', CANARY);
    fc.assert(
      fc.property(codes, fc.array(texts), (code, fields) => {
        const properties = Object.fromEntries(fields.map((field) => [field, CANARY]));
        const thrown = failure({ ...properties, code, detail: CANARY, path: CANARY });
        const fault = toFault(thrown, { dependency: 'the archive', newIncident });
        const entry = catalogue.entryOf(fault);
        const context = { time: 0, logger: 'test' };
        const rendered = JSON.stringify([
          fault.message,
          fault.parameters,
          renderText(entry, fault.parameters, {}, 'operator'),
          renderProblem(entry, fault.parameters),
          renderOutcome([{ entry, parameters: fault.parameters }]),
          eventOf(entry, fault, context),
        ]);
        expect(rendered).not.toContain('DOE');
      }),
    );
  });

  it('translates whatever is thrown without throwing itself', () => {
    fc.assert(
      fc.property(fc.anything({ withNullPrototype: true }), (thrown) => {
        expect(catalogue.get(toFault(thrown).code)).toBeDefined();
      }),
    );
    const hostile = Object.defineProperty({}, 'code', {
      get: () => {
        throw new Error('no');
      },
    });
    expect(toFault(hostile).code).toBe('UnknownError');
    expect(propertyOf(hostile, 'code')).toBeUndefined();
  });
});

describe('faultOfAnswer', () => {
  it.each([
    [400, 'DependencyRefusedRequest'],
    [401, 'DependencyDeniedAccess'],
    [404, 'DependencyHasNoSuchThing'],
    [429, 'DependencyThrottled'],
    [500, 'DependencyFailed'],
    [501, 'DependencyRefusedRequest'],
    [503, 'DependencyUnavailable'],
    [599, 'DependencyFailed'],
  ])('knows status %i as %s', (status, code) => {
    expect(faultOfAnswer(status, 'the archive')?.code).toBe(code);
  });

  it('is null for what is no failure', () => {
    for (const status of [200, 304, 399, 600, Number.NaN, 404.5]) {
      expect(faultOfAnswer(status, 'the archive')).toBeNull();
    }
  });

  it('keeps a Retry-After only in one of its two forms', () => {
    const said = (header: string): unknown =>
      faultOfAnswer(503, 'the archive', header)?.parameters['retryAfter'];
    expect(said('120')).toBe('120');
    expect(said('Fri, 31 Dec 1999 23:59:59 GMT')).toBe('Fri, 31 Dec 1999 23:59:59 GMT');
    expect(said(CANARY)).toBe('not said');
  });
});
