import { defineCodes } from '@lazaret/faults';

/** What all faults of this room have in common: the call failed, and its items wait for a replay. */
const failed = {
  kind: 'fault',
  type: 'error',
  level: 'error',
  severity: 'error',
  retry: 'no',
  release: 'replay',
  status: 502,
  since: '0.1.0',
} as const;

/**
 * The codes of calls to a web service, beside those of the network and of HTTP statuses that every
 * dependency has (`GEN-020` to `GEN-035`). No parameter holds anything of a request or an answer.
 */
export const { entries, fault } = defineCodes({
  CredentialUnusable: {
    ...failed,
    id: 'WEB-001',
    title: 'The credential for another system cannot be used',
    blame: 'operator',
    issue: 'security',
    status: 500,
    parameters: { dependency: 'public', where: 'public', problem: 'public' },
    message: 'The credential for {dependency} cannot be taken from {where}: {problem}.',
    log: 'credential for {dependency} from {where} refused: {problem}',
    action: 'Put the credential in its place, then resume the run.',
    runbook: {
      check:
        'Look at the variable or file that the configuration names, as the user and on the machine that work on the run: a variable has to be set for that process.',
      fix: 'Set the variable, or write the file with mode 0600. Nothing was set aside: `lazaret resume` goes on.',
      escalate: 'Whoever gives out access to the service.',
    },
    example: {
      dependency: 'the identifier service',
      where: 'the environment variable DASHER_TOKEN',
      problem: 'it is not set',
    },
  },
  CredentialRefused: {
    ...failed,
    id: 'WEB-002',
    title: 'The credential was refused by another system',
    blame: 'operator',
    issue: 'login',
    parameters: { dependency: 'public', again: 'public' },
    message: 'The credential was refused by {dependency}; it was read again, and {again}.',
    log: '{dependency} answered 401; the credential was read again, and {again}',
    action: 'Renew the credential for {dependency}, then resume the run.',
    runbook: {
      check:
        'See whether the token has expired, and whether whatever renews it still writes to the place that the configuration names.',
      fix: 'Renew it. The run was interrupted and set nothing aside because of this: `lazaret resume` goes on.',
      escalate: 'Whoever gives out access to the service.',
    },
    example: { dependency: 'the identifier service', again: 'it had not changed' },
  },
  AnswerRedirects: {
    ...failed,
    id: 'WEB-003',
    title: 'Another system sends us elsewhere',
    blame: 'operator',
    issue: 'security',
    parameters: { dependency: 'public', answer: 'internal', target: 'public' },
    message:
      'A request to {dependency} was answered with a redirection to {target}, which is not followed.',
    log: '{dependency} answered {answer} with a redirection to {target}; not followed',
    action: 'Have the address of {dependency} checked.',
    runbook: {
      check:
        'Whether the service has moved, or a proxy or a VPN sends everybody to a log-in page first.',
      fix: 'Log in to the network, or correct the address in the configuration. What a request carries is only ever sent to the address that was configured.',
      escalate: 'The contact of the dependency.',
    },
    example: { dependency: 'the identifier service', answer: 302, target: 'another host' },
  },
  AnswerNotJson: {
    ...failed,
    id: 'WEB-004',
    title: 'The answer of another system is no JSON',
    blame: 'dependency',
    issue: 'structure',
    parameters: { dependency: 'public', mediaType: 'public', problem: 'public', bytes: 'public' },
    message: 'The answer of {dependency} ({mediaType}, {bytes} bytes) cannot be read: {problem}.',
    log: '{dependency} answered with {mediaType}, {bytes} bytes: {problem}',
    action: 'Ask whoever runs {dependency} what it answers with, then replay what is held.',
    runbook: {
      check:
        'A page of HTML is a log-in page or an error page of something in between; a JSON text that breaks off was cut by the service or by a proxy.',
      fix: 'Have the service or what stands before it mended, then replay the items that the batch holds.',
      escalate: 'The contact of the dependency.',
    },
    example: {
      dependency: 'the identifier service',
      mediaType: 'text/html',
      problem: 'it is not marked as JSON',
      bytes: 5120,
    },
  },
  AnswerTooLarge: {
    ...failed,
    id: 'WEB-005',
    title: 'The answer of another system is too large',
    blame: 'dependency',
    issue: 'too-long',
    parameters: { dependency: 'public', limitBytes: 'public' },
    message:
      'The answer of {dependency} has more than {limitBytes} bytes and was not read to its end.',
    log: '{dependency} answered with more than {limitBytes} bytes',
    action:
      'Ask whoever runs {dependency} why it answers at such length, then replay what is held.',
    runbook: {
      check: 'Whether the service answers about more than it was asked, or does not stop.',
      fix: 'Have the service mended, then replay the items that the batch holds.',
      escalate: 'The contact of the dependency.',
    },
    example: { dependency: 'the identifier service', limitBytes: 16777216 },
  },
  AnswerNotHttp: {
    ...failed,
    id: 'WEB-006',
    title: 'What answers at the address does not speak HTTP',
    blame: 'operator',
    issue: 'structure',
    parameters: { dependency: 'public', parserError: 'internal' },
    message: 'What answers at the address of {dependency} does not speak HTTP.',
    log: '{dependency} does not speak HTTP ({parserError})',
    action: 'Have the address and the port of {dependency} checked.',
    runbook: {
      check: 'Call the address with `curl -v` from this machine: another service has that port.',
      fix: 'Correct the address, then replay the items that the batch holds.',
      escalate: 'The contact of the dependency.',
    },
    example: { dependency: 'the identifier service', parserError: 'HTTPParserError' },
  },
});
