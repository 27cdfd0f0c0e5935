/** What can be wrong with a line. */
import { defineCodes, type Entry } from '@lazaret/faults';

const COMMON = {
  kind: 'finding',
  type: 'error',
  blame: 'data',
  level: 'info',
  severity: 'error',
  issue: 'value',
  status: 200,
  parameters: {},
  action: 'Look at the line.',
  runbook: { check: 'Look at the line.', fix: 'Mend it.', escalate: 'Ask the sender.' },
  retry: 'no',
  release: 'none',
  example: {},
  since: '0.1.0',
} as const satisfies Partial<Entry>;

export const linesCodes = defineCodes({
  LineBad: {
    ...COMMON,
    id: 'LIN-001',
    title: 'The line is bad',
    message: 'The line does not have its three parts.',
    log: 'Bad line.',
  },
  LineNeedsLook: {
    ...COMMON,
    id: 'LIN-002',
    type: 'alert',
    title: 'The line needs a look',
    message: 'A person has to look at the line.',
    log: 'Line needs a look.',
    release: 'reason',
  },
  LineOdd: {
    ...COMMON,
    id: 'LIN-003',
    type: 'warning',
    title: 'The line is odd',
    parameters: { length: 'public', text: 'phi' },
    message: 'The line is odd, with {length} characters.',
    log: 'Odd line of {length} characters.',
    example: { length: 3, text: 'abc' },
  },
  LineUnwanted: {
    ...COMMON,
    id: 'LIN-004',
    type: 'warning',
    title: 'The line is not wanted',
    message: 'Policy does not want the line.',
    log: 'Unwanted line.',
  },
  FileVanished: {
    ...COMMON,
    id: 'LIN-005',
    type: 'warning',
    title: 'The file vanished',
    message: 'The file is not there any more.',
    log: 'File vanished.',
  },
});
