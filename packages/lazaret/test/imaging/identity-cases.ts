/** What may go wrong with the identifier service, and how each is to end. */
import type { Behaviour } from '../../../../fixtures/dasher/troubles.ts';

/**
 * - `pauses`: the service is down. The run waits, and goes on by itself or is interrupted.
 * - `stops`: our access or the address is wrong. The run is interrupted at once.
 * - `holds`: what was answered is not used. The batch ends in error and its images are held.
 */
export type Ending = 'pauses' | 'stops' | 'holds';

export interface IdentityCase {
  /** As the guide tells it. */
  readonly title: string;
  readonly behaviour: Behaviour | 'is-off' | 'has-no-name' | 'refuses-token';
  readonly ending: Ending;
  /** Id and name of the code that the operator sees. */
  readonly code: string;
}

export const CASES: readonly IdentityCase[] = [
  { title: 'does not answer in time', behaviour: 'hangs', ending: 'pauses', code: 'TimedOut' },
  {
    title: 'answers a byte at a time, without end',
    behaviour: 'drips',
    ending: 'pauses',
    code: 'TimedOut',
  },
  {
    title: 'is not running: the connection is refused',
    behaviour: 'is-off',
    ending: 'pauses',
    code: 'ConnectionRefused',
  },
  {
    title: 'has a name that cannot be resolved',
    behaviour: 'has-no-name',
    ending: 'pauses',
    code: 'HostNameUnknown',
  },
  { title: 'resets the connection', behaviour: 'resets', ending: 'pauses', code: 'ConnectionLost' },
  {
    title: 'breaks off in the middle of its answer',
    behaviour: 'breaks-off',
    ending: 'pauses',
    code: 'ConnectionLost',
  },
  {
    title: 'answers 429 with Retry-After in seconds, again and again',
    behaviour: 'throttles-seconds',
    ending: 'pauses',
    code: 'DependencyThrottled',
  },
  {
    title: 'answers 429 with Retry-After as a date, again and again',
    behaviour: 'throttles-date',
    ending: 'pauses',
    code: 'DependencyThrottled',
  },
  {
    title: 'answers 503',
    behaviour: 'is-unavailable',
    ending: 'pauses',
    code: 'DependencyUnavailable',
  },
  { title: 'answers 500', behaviour: 'fails', ending: 'pauses', code: 'DependencyFailed' },
  {
    title: 'answers 401, and the token has not changed',
    behaviour: 'refuses-token',
    ending: 'stops',
    code: 'CredentialRefused',
  },
  {
    title: 'redirects to another host',
    behaviour: 'redirects',
    ending: 'stops',
    code: 'AnswerRedirects',
  },
  { title: 'speaks no HTTP', behaviour: 'speaks-no-http', ending: 'stops', code: 'AnswerNotHttp' },
  {
    title: 'answers 403',
    behaviour: 'denies-access',
    ending: 'holds',
    code: 'DependencyDeniedAccess',
  },
  {
    title: 'answers 404',
    behaviour: 'has-moved',
    ending: 'holds',
    code: 'DependencyHasNoSuchThing',
  },
  {
    title: 'answers 422',
    behaviour: 'refuses-request',
    ending: 'holds',
    code: 'DependencyRefusedRequest',
  },
  {
    title: 'answers 200 with a page of HTML',
    behaviour: 'sends-html',
    ending: 'holds',
    code: 'AnswerNotJson',
  },
  {
    title: 'answers JSON that is cut short',
    behaviour: 'sends-cut-json',
    ending: 'holds',
    code: 'AnswerNotJson',
  },
  {
    title: 'answers 200 and nothing else',
    behaviour: 'sends-nothing',
    ending: 'holds',
    code: 'AnswerNotJson',
  },
  { title: 'answers 64 MB', behaviour: 'sends-huge', ending: 'holds', code: 'AnswerTooLarge' },
  {
    title: 'answers without `results`',
    behaviour: 'no-results',
    ending: 'holds',
    code: 'IdentityAnswerMalformed',
  },
  {
    title: 'answers with `results` that are no list',
    behaviour: 'results-not-a-list',
    ending: 'holds',
    code: 'IdentityAnswerMalformed',
  },
  {
    title: 'leaves out the `suid` of a patient',
    behaviour: 'no-suid',
    ending: 'holds',
    code: 'IdentityAnswerLacksPseudonym',
  },
  {
    title: 'leaves out the `suid` of an accession',
    behaviour: 'no-item-suid',
    ending: 'holds',
    code: 'IdentityAnswerLacksPseudonym',
  },
  {
    title: 'gives half an answer',
    behaviour: 'half',
    ending: 'holds',
    code: 'IdentityAnswerIncomplete',
  },
  {
    title: 'answers about somebody else',
    behaviour: 'for-another',
    ending: 'holds',
    code: 'IdentityAnswerForOthers',
  },
  {
    title: 'answers about somebody else as well',
    behaviour: 'extra-entry',
    ending: 'holds',
    code: 'IdentityAnswerForOthers',
  },
  { title: 'answers twice', behaviour: 'repeats', ending: 'holds', code: 'IdentityAnswerRepeats' },
  {
    title: 'gives a `jitter` of 0',
    behaviour: 'jitter-zero',
    ending: 'holds',
    code: 'IdentityAnswerShiftUnusable',
  },
  {
    title: 'gives a `jitter` of half a day',
    behaviour: 'jitter-fraction',
    ending: 'holds',
    code: 'IdentityAnswerShiftUnusable',
  },
  {
    title: 'gives a `jitter` of centuries',
    behaviour: 'jitter-absurd',
    ending: 'holds',
    code: 'IdentityAnswerShiftUnusable',
  },
  {
    title: 'gives no `jitter`',
    behaviour: 'jitter-missing',
    ending: 'holds',
    code: 'IdentityAnswerShiftUnusable',
  },
  {
    title: 'gives an accession another `jitter` than its patient',
    behaviour: 'jitter-of-item',
    ending: 'holds',
    code: 'IdentityAnswerShiftUnusable',
  },
  {
    title: 'gives a `suid` that has the patient id in it',
    behaviour: 'leaks-id',
    ending: 'holds',
    code: 'IdentityAnswerLeaks',
  },
  {
    title: 'gives a `suid` that is no name',
    behaviour: 'bad-suid',
    ending: 'holds',
    code: 'IdentityAnswerPseudonymUnusable',
  },
];
