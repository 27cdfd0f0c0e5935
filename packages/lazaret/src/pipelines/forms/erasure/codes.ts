/** What can go wrong when somebody has to be forgotten. Ids are never reused. */
import { defineCodes } from '@lazaret/faults';

export const erasureCodes = defineCodes({
  DeliveryAltered: {
    id: 'FRM-090',
    kind: 'fault',
    type: 'error',
    title: 'A delivered file is not as it was delivered',
    blame: 'operator',
    level: 'error',
    severity: 'error',
    issue: 'conflict',
    status: 409,
    parameters: { key: 'public' },
    message: '{key} was changed since it was delivered, so that nobody can say whose its rows are.',
    log: '{key} was changed since it was delivered.',
    action:
      'Put the file back as it was delivered, or take the erased rows out by hand and remove it.',
    runbook: {
      check: 'Who has access to the folder of deliveries, and what was changed.',
      fix: 'Restore the file from a backup, or remove it; then run any command that erases.',
      escalate: 'Ask whoever takes the deliveries.',
    },
    retry: 'no',
    release: 'none',
    example: { key: 'default/Forms/UDS_0f3a9c1b22d4e5f6.ndjson' },
    since: '0.2.0',
  },
  RecordErased: {
    id: 'FRM-091',
    kind: 'fault',
    type: 'error',
    title: 'What is asked about was erased',
    blame: 'caller',
    level: 'warn',
    severity: 'error',
    issue: 'deleted',
    status: 410,
    parameters: { what: 'public', at: 'public' },
    message: '{what} was erased on {at}: nothing is kept of what it said.',
    log: '{what} was asked about, and was erased on {at}.',
    action: 'Do nothing: it is as it should be.',
    runbook: {
      check: 'The decision: who erased it, when and why (lazaret held show, of an item).',
      fix: 'None is needed.',
      escalate: 'None is needed.',
    },
    retry: 'no',
    release: 'none',
    example: { what: 'r_8k2f3d/17', at: '2026-05-03' },
    since: '0.2.0',
  },
});
