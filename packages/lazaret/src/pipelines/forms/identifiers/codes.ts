/** What can go wrong where the subject's id is looked up, and the codes of drugs. */
import { defineCodes } from '@lazaret/faults';

/** Something in a record that its sender has to mend. */
const found = {
  kind: 'finding',
  type: 'error',
  blame: 'data',
  level: 'warn',
  severity: 'error',
  status: 422,
  retry: 'no',
  release: 'none',
  since: '0.2.0',
} as const;

/** A service answered, and its answer is not used: as a whole or not at all. */
const answerUnusable = {
  kind: 'fault',
  type: 'error',
  blame: 'dependency',
  level: 'error',
  severity: 'error',
  status: 502,
  retry: 'no',
  release: 'replay',
  since: '0.2.0',
} as const;

/** What was asked for, or configured, cannot be done. */
const refused = {
  kind: 'fault',
  type: 'error',
  level: 'error',
  severity: 'error',
  status: 400,
  retry: 'no',
  release: 'none',
  since: '0.2.0',
} as const;

const REPLAY = 'Have the service mended, then replay the records that are held.';
const CONTACT = 'The contact of the identifier service.';

export const identifierCodes = defineCodes({
  ParticipantIdUnusable: {
    ...found,
    id: 'FRM-100',
    title: 'A participant id cannot be looked up',
    issue: 'value',
    parameters: { column: 'public', problem: 'public', value: 'phi', expected: 'phi' },
    message: 'The participant id in {column} cannot be looked up: {problem}.',
    log: 'A participant id cannot be looked up: {problem}.',
    action: 'Correct the participant id in the file and send the file again.',
    runbook: {
      check: 'Compare the id with the enrolment list of the centre.',
      fix: 'Mend the record at its source; blanks around the id and zeros before it do not matter.',
      escalate: 'Ask the centre that sent it.',
    },
    example: {
      column: 'ptid',
      problem: 'it has more than 10 characters',
      value: '11000100200300',
      expected: '1 to 10 printable characters, no blanks',
    },
  },
  CentreIdUnusable: {
    ...found,
    id: 'FRM-101',
    title: 'The number of a centre cannot be used',
    issue: 'value',
    parameters: { column: 'public', problem: 'public', value: 'phi', expected: 'phi' },
    message: 'The number of the centre in {column} cannot be used: {problem}.',
    log: 'The number of a centre cannot be used: {problem}.',
    action: 'Put the ADCID of the centre there and send the file again.',
    runbook: {
      check: 'Which number the study has given to the centre.',
      fix: 'Mend the record at its source.',
      escalate: 'Ask the centre that sent it.',
    },
    example: {
      column: 'adcid',
      problem: 'it is no whole number',
      value: 'x17',
      expected: 'a number',
    },
  },
  CentreUnknown: {
    ...found,
    id: 'FRM-102',
    title: 'A centre is none of the study',
    issue: 'code-invalid',
    parameters: { centre: 'public', value: 'phi', expected: 'phi' },
    message: 'There is no centre {centre} in this study.',
    log: 'There is no centre {centre} in this study.',
    action: 'Put the ADCID of the centre there and send the file again.',
    runbook: {
      check: 'Whether the number is that of a centre which has joined since.',
      fix: 'Mend the record, or add the centre to the configuration or to the identifier table.',
      escalate: 'Ask whoever runs the study.',
    },
    example: { centre: '71', value: '71', expected: '17, 18 or 23' },
  },
  ParticipantUnknown: {
    ...found,
    id: 'FRM-103',
    title: 'A participant has no id of the study',
    issue: 'not-found',
    parameters: { centre: 'public', source: 'public', value: 'phi', expected: 'phi' },
    message: 'Centre {centre} has no participant with this id in {source}.',
    log: 'Centre {centre} has no participant with an id that was sent, in {source}.',
    action:
      'Compare ADCID and PTID with the enrolment list of that centre: correct them in the file, or enrol the participant first; then send the file again.',
    runbook: {
      check:
        'Whether the participant is enrolled under this PTID at this centre, and not under another.',
      fix: 'Have the participant enrolled or the PTID mended; load the identifier table anew where it is older than the enrolment.',
      escalate: 'Ask the centre, then whoever gives out the ids of the study.',
    },
    example: {
      centre: '17 (Demo University)',
      source: 'the identifier table',
      value: '110001',
      expected: '',
    },
  },
  SubjectIdDiffers: {
    ...found,
    id: 'FRM-113',
    title: 'A record names another subject than its participant is',
    issue: 'conflict',
    parameters: { column: 'public', value: 'phi', expected: 'phi' },
    message:
      'The id in {column} is not that of the participant: one of the two is another person’s.',
    log: 'The id in {column} is not that of the participant.',
    action:
      'Find out which of the two is right, correct the other in the file, and send the file again.',
    runbook: {
      check: 'Whether rows have slipped against each other, or the id belongs to another centre.',
      fix: 'Mend the record at its source; the column may be left blank, it is filled in.',
      escalate: 'Ask the centre that sent it, then whoever gives out the ids of the study.',
    },
    example: { column: 'naccid', value: 'NACC000124', expected: 'NACC000123' },
  },
  IdentifierAnswerMalformed: {
    ...answerUnusable,
    id: 'FRM-104',
    title: 'The answer about identifiers is of another form',
    issue: 'structure',
    parameters: { expected: 'public', shape: 'public' },
    message: 'The identifier service answered with {shape} where {expected} was expected.',
    log: 'identifier service: {shape} in place of {expected}',
    action: 'Ask whoever runs the identifier service what it answers with.',
    runbook: {
      check: 'Whether the address is that of the service, and its interface that of the guide.',
      fix: REPLAY,
      escalate: CONTACT,
    },
    example: { expected: 'an object with a list `identifiers`', shape: '{error}' },
  },
  IdentifierAnswerIncomplete: {
    ...answerUnusable,
    id: 'FRM-105',
    title: 'Half an answer about identifiers',
    issue: 'incomplete',
    parameters: { asked: 'public', answered: 'public', shape: 'public' },
    message:
      'The identifier service answered about {answered} of {asked} participants; the batch does not go on. Its answer has the shape {shape}.',
    log: 'identifier service: {answered} of {asked} answered',
    action: 'Ask whoever runs the identifier service why answers are missing.',
    runbook: {
      check: 'Whether the service limits the length of a list, or leaves unknown participants out.',
      fix: REPLAY,
      escalate: CONTACT,
    },
    example: {
      asked: 500,
      answered: 250,
      shape: '{identifiers: 250 × {adcid: number, ptid, naccid}}',
    },
  },
  IdentifierAnswerForOthers: {
    ...answerUnusable,
    id: 'FRM-106',
    title: 'An answer about participants who were not asked about',
    issue: 'conflict',
    parameters: { foreign: 'public', shape: 'public' },
    message:
      'The answer of the identifier service has {foreign} entries that were not asked about, or twice; the batch does not go on. Its answer has the shape {shape}.',
    log: 'identifier service: {foreign} foreign or repeated entries',
    action: 'Ask whoever runs the identifier service; answers may be mixed up.',
    runbook: {
      check:
        'Whether something between here and the service keeps answers and gives them to others.',
      fix: REPLAY,
      escalate: CONTACT,
    },
    example: { foreign: 1, shape: '{identifiers: 2 × {adcid: number, ptid, naccid}}' },
  },
  IdentifierAnswerUnusable: {
    ...answerUnusable,
    id: 'FRM-107',
    title: 'The service gave an id that is none',
    issue: 'value',
    parameters: { unusable: 'public', shape: 'public' },
    message:
      'The identifier service gave {unusable} ids that are not of the form NACC or TEST and six digits; the batch does not go on. Its answer has the shape {shape}.',
    log: 'identifier service: {unusable} ids of another form',
    action: 'Ask whoever runs the identifier service which ids it gives out.',
    runbook: {
      check: 'Whether the address is that of another study or of a system for trials.',
      fix: REPLAY,
      escalate: CONTACT,
    },
    example: { unusable: 1, shape: '{identifiers: 1 × {adcid: number, ptid, naccid}}' },
  },
  IdentifierTableUnusable: {
    ...refused,
    id: 'FRM-108',
    title: 'The file of identifiers cannot be used',
    blame: 'caller',
    issue: 'invalid',
    parameters: { problems: 'public' },
    message: 'The file of identifiers cannot be used: {problems}. Nothing was loaded.',
    log: 'A file of identifiers was refused: {problems}.',
    action: 'Mend the lines that are named, and load the file again.',
    runbook: {
      check: 'Look at the lines: they are counted as they stand in the file, the header is line 1.',
      fix: 'Mend the file where it comes from; each participant of a centre has one line.',
      escalate: 'Ask whoever gives out the ids of the study.',
    },
    example: { problems: ['lines 3 and 17 are about the same participant'] },
  },
  IdentifierTableChanges: {
    ...refused,
    id: 'FRM-109',
    title: 'Participants would get another id',
    blame: 'caller',
    issue: 'conflict',
    status: 409,
    parameters: { changes: 'public', lines: 'public' },
    message:
      'Loading the file would give another id to {changes} participants (lines {lines}), whose records may be delivered under the present one. Nothing was loaded.',
    log: 'A file of identifiers would change {changes} ids.',
    action: 'Look at the lines; if the new ids are right, load the file with --accept-changes.',
    runbook: {
      check: 'Which of the two ids is right, with whoever gives them out.',
      fix: 'Mend the file, or load it with --accept-changes and send the records of these participants again.',
      escalate: 'Ask whoever gives out the ids of the study.',
    },
    example: { changes: 2, lines: '4, 9' },
  },
  IdentifierTableMissing: {
    ...refused,
    id: 'FRM-110',
    title: 'No identifiers are loaded',
    blame: 'operator',
    issue: 'not-found',
    status: 500,
    release: 'replay',
    parameters: { project: 'public' },
    message:
      'Records are to get the ids of their subjects from the identifier table, and none is loaded for project {project}.',
    log: 'No identifier table in project {project}.',
    action: 'Load the table with lazaret identifiers load, then replay the records that are held.',
    runbook: {
      check: 'Whether the table was loaded into another project or another data folder.',
      fix: 'Load it, then replay what is held.',
      escalate: 'Ask whoever gives out the ids of the study.',
    },
    example: { project: 'default' },
  },
  LookUpNotConfigured: {
    ...refused,
    id: 'FRM-111',
    title: 'Rules look something up that nothing is configured for',
    blame: 'operator',
    issue: 'invalid',
    parameters: { module: 'public', function: 'public', fields: 'public', setting: 'public' },
    message:
      'The rules of {module} use {function} ({fields}), and nothing is configured to answer it: {setting} is missing.',
    log: 'The rules of {module} use {function}; {setting} is not configured.',
    action: 'Add the setting to the configuration, or take the rule out.',
    runbook: {
      check: 'What the guide about identifiers says about the setting.',
      fix: 'Add the setting to lazaret.config.json.',
      escalate: 'Ask whoever wrote the rules.',
    },
    example: {
      module: 'UDS',
      function: 'check_rxcui',
      fields: ['rxnormid1'],
      setting: 'forms.drugs',
    },
  },
  IdentifiersNotConfigured: {
    ...refused,
    id: 'FRM-114',
    title: 'Nothing says where the ids of subjects come from',
    blame: 'operator',
    issue: 'invalid',
    parameters: {},
    message: 'The check identifier-lookup is to run, and nothing says where ids come from.',
    log: 'identifier-lookup is to run; forms.identifiers is not configured.',
    action: 'Add forms.identifiers to the configuration, or leave the check out.',
    runbook: {
      check: 'What the guide about identifiers says about the setting.',
      fix: 'Add the setting to lazaret.config.json.',
      escalate: 'Ask whoever gives out the ids of the study.',
    },
    example: {},
  },
  DrugAnswerUnusable: {
    ...answerUnusable,
    id: 'FRM-112',
    title: 'The answer about a drug cannot be used',
    issue: 'structure',
    parameters: { problem: 'public', shape: 'public' },
    message:
      'The answer of the drug service cannot be used: {problem}. It has the shape {shape}; the batch does not go on.',
    log: 'drug service: {problem}, {shape}',
    action: 'Ask whoever runs the drug service what it answers with.',
    runbook: {
      check:
        'Whether the address is that of the REST interface of RxNav, of whichever installation.',
      fix: REPLAY,
      escalate: 'The contact of the drug service.',
    },
    example: { problem: 'it has no status', shape: '{rxcuiStatusHistory: {}}' },
  },
});
