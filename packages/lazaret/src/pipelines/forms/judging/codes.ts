/** What can go wrong where rules are applied and histories kept. */
import { defineCodes } from '@lazaret/faults';

export const judgingCodes = defineCodes({
  RulesInvalid: {
    id: 'FRM-070',
    kind: 'fault',
    type: 'error',
    title: 'The rules cannot be used',
    blame: 'operator',
    level: 'error',
    severity: 'error',
    issue: 'invalid',
    status: 400,
    parameters: { module: 'public', problems: 'public' },
    message: 'The rules of {module} cannot be used: {problems}.',
    log: 'The rules of {module} cannot be used.',
    action: 'Mend what is named, in the rules or in their codes, and run the command again.',
    runbook: {
      check: 'Look at each place in the file; it is named as a JSON pointer.',
      fix: 'Mend the rule; lazaret explains no rule that it does not know.',
      escalate: 'Ask whoever wrote the rules.',
    },
    retry: 'no',
    release: 'none',
    example: {
      module: 'UDS',
      problems: ['rules, /age/max: "max" must be a number'],
    },
    since: '0.2.0',
  },
});
