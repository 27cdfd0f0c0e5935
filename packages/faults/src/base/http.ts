import { defineCodes } from '../codes.ts';
import { FAULT } from './general.ts';

/** A system that we depend on did answer, but not with what was asked for. */
export const http = defineCodes({
  DependencyRefusedRequest: {
    ...FAULT,
    id: 'GEN-030',
    title: 'Request refused by another system',
    blame: 'us',
    level: 'error',
    issue: 'processing',
    status: 502,
    parameters: { dependency: 'public', answer: 'internal', retryAfter: 'internal' },
    message: 'A request to {dependency} was not accepted.',
    log: '{dependency} answered {answer}.',
    action: 'Tell whoever runs Lazaret.',
    runbook: {
      check:
        'Compare the request with what the interface of the dependency asks for, its version included.',
      fix: 'Correct the request or the configuration.',
      escalate: 'To the contact of the dependency.',
    },
    retry: 'no',
    release: 'replay',
    example: { dependency: 'the identifier service', answer: 400, retryAfter: 'not said' },
  },
  DependencyDeniedAccess: {
    ...FAULT,
    id: 'GEN-031',
    title: 'Access denied by another system',
    blame: 'operator',
    level: 'error',
    issue: 'security',
    status: 502,
    parameters: { dependency: 'public', answer: 'internal', retryAfter: 'internal' },
    message: 'Access to {dependency} was denied.',
    log: '{dependency} answered {answer}.',
    action: 'Have the credentials for {dependency} checked.',
    runbook: {
      check: 'See whether the credentials have expired or lost a right.',
      fix: 'Renew them; secrets come from the environment or a file.',
      escalate: 'To the contact of the dependency.',
    },
    retry: 'no',
    release: 'replay',
    example: { dependency: 'the identifier service', answer: 401, retryAfter: 'not said' },
  },
  DependencyHasNoSuchThing: {
    ...FAULT,
    id: 'GEN-032',
    title: 'Not found at another system',
    blame: 'operator',
    level: 'error',
    issue: 'not-found',
    status: 502,
    parameters: { dependency: 'public', answer: 'internal', retryAfter: 'internal' },
    message: 'What was asked of {dependency} is not there.',
    log: '{dependency} answered {answer}.',
    action: 'Have the address of {dependency} checked.',
    runbook: {
      check: 'Compare the address in the configuration with the documentation of the dependency.',
      fix: 'Correct the address.',
      escalate: 'To the contact of the dependency.',
    },
    retry: 'no',
    release: 'replay',
    example: { dependency: 'the identifier service', answer: 404, retryAfter: 'not said' },
  },
  DependencyThrottled: {
    ...FAULT,
    id: 'GEN-033',
    title: 'Throttled by another system',
    blame: 'dependency',
    level: 'error',
    issue: 'throttled',
    status: 503,
    parameters: { dependency: 'public', answer: 'internal', retryAfter: 'internal' },
    message: 'Lazaret was asked by {dependency} to slow down.',
    log: '{dependency} answered {answer}, Retry-After {retryAfter}.',
    action: 'Try again in a few minutes.',
    runbook: {
      check: 'Compare the rate of calls with the quota.',
      fix: 'Run fewer workers, or ask for a higher quota.',
      escalate: 'To the contact of the dependency.',
    },
    retry: 'dependency',
    release: 'replay',
    example: { dependency: 'the identifier service', answer: 429, retryAfter: '30' },
  },
  DependencyFailed: {
    ...FAULT,
    id: 'GEN-034',
    title: 'Failure of another system',
    blame: 'dependency',
    level: 'error',
    issue: 'transient',
    status: 502,
    parameters: { dependency: 'public', answer: 'internal', retryAfter: 'internal' },
    message: 'A problem at {dependency} kept it from answering.',
    log: '{dependency} answered {answer}, Retry-After {retryAfter}.',
    action: 'Try again in a few minutes.',
    runbook: {
      check: 'Look at the status page or the log of the dependency.',
      fix: 'Wait until it is well again; paused work goes on by itself.',
      escalate: 'To the contact of the dependency.',
    },
    retry: 'dependency',
    release: 'replay',
    example: { dependency: 'the identifier service', answer: 500, retryAfter: 'not said' },
  },
  DependencyUnavailable: {
    ...FAULT,
    id: 'GEN-035',
    title: 'Another system is unavailable',
    blame: 'dependency',
    level: 'error',
    issue: 'transient',
    status: 503,
    parameters: { dependency: 'public', answer: 'internal', retryAfter: 'internal' },
    message: 'At the moment {dependency} is not available.',
    log: '{dependency} answered {answer}, Retry-After {retryAfter}.',
    action: 'Try again in a few minutes.',
    runbook: {
      check: 'See whether maintenance was announced.',
      fix: 'Wait until it is well again; paused work goes on by itself.',
      escalate: 'To the contact of the dependency.',
    },
    retry: 'dependency',
    release: 'replay',
    example: { dependency: 'the identifier service', answer: 503, retryAfter: '120' },
  },
});

export type HttpCode = keyof typeof http.entries;

/** Statuses with a meaning of their own; the others go by their hundred. */
const STATUS_TABLE: Readonly<Record<number, HttpCode>> = {
  401: 'DependencyDeniedAccess',
  403: 'DependencyDeniedAccess',
  404: 'DependencyHasNoSuchThing',
  407: 'DependencyDeniedAccess',
  408: 'DependencyUnavailable',
  410: 'DependencyHasNoSuchThing',
  425: 'DependencyUnavailable',
  429: 'DependencyThrottled',
  501: 'DependencyRefusedRequest',
  502: 'DependencyUnavailable',
  503: 'DependencyUnavailable',
  504: 'DependencyUnavailable',
  505: 'DependencyRefusedRequest',
};

/** The code for the status of a dependency's answer; null where the status is no failure. */
export function codeOfStatus(status: number): HttpCode | null {
  if (!Number.isInteger(status) || status < 400 || status > 599) return null;
  return STATUS_TABLE[status] ?? (status < 500 ? 'DependencyRefusedRequest' : 'DependencyFailed');
}
