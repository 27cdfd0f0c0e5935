import { defineCodes } from '@lazaret/faults';

/** What all faults of this room have in common: an operation failed, and its items wait for a replay. */
const failed = {
  kind: 'fault',
  type: 'error',
  level: 'error',
  severity: 'error',
  retry: 'no',
  release: 'replay',
  since: '0.1.0',
} as const;

/** Faults of the key: the set-up of this installation is wrong, and work must not begin. */
const keyFailed = { ...failed, blame: 'operator', severity: 'fatal', status: 500 } as const;

/** The service did answer, and what it answered is not used. */
const answerUnusable = { ...failed, blame: 'dependency', status: 502 } as const;

/**
 * The codes of keys (`KEY-`) and of identifier services (`IDN-`). No parameter holds an
 * identifier, a secret or anything made from one: counts, key ids, modes and reasons only.
 */
export const { entries, fault } = defineCodes({
  ProjectKeyMissing: {
    ...keyFailed,
    id: 'KEY-001',
    title: 'The project key is missing',
    issue: 'not-found',
    parameters: { project: 'public', keyId: 'public', path: 'internal' },
    message:
      'Project {project} has worked with key {keyId}, and that key is not where it should be. Without it known patients cannot get the pseudonyms that they have, and neither the identity map nor held items can be opened. What was delivered stays usable, and runs, findings and logs can still be read.',
    log: 'project {project}: no key file at {path}, the store knows key {keyId}',
    action:
      'Restore the key file from its backup, with mode 0600, then start again; without a backup, begin a new project.',
    runbook: {
      check:
        'Look for the key file in the configuration folder of the user who runs Lazaret, and at LAZARET_CONFIG_DIR and XDG_CONFIG_HOME: another user or another variable means another folder.',
      fix: 'Put the backed-up file in its place with mode 0600. No new key is made, because outputs under a new key could never be linked to the earlier ones.',
      escalate:
        'Without a backup the link to earlier pseudonyms is lost: the data manager decides whether to begin a new project.',
    },
    example: { project: 'lung', keyId: '3f1c9a5b7d20e846', path: '<config>/keys/lung.key.json' },
  },
  ProjectKeyMismatch: {
    ...keyFailed,
    id: 'KEY-002',
    title: 'The project key is another one than before',
    issue: 'conflict',
    parameters: { project: 'public', expected: 'public', found: 'public' },
    message:
      'Project {project} has worked with key {expected}, and the key found is {found}. Under another key every patient would get a second pseudonym, so nothing is begun. What was delivered stays usable.',
    log: 'project {project}: key {found} found, the store knows key {expected}',
    action: 'Put the key file with the expected id back in its place.',
    runbook: {
      check:
        'Compare the key id in the file with the one the store names. Two projects of one name on one machine, or a data folder copied from elsewhere, lead to this.',
      fix: 'Restore the right key file, or point LAZARET_CONFIG_DIR to the folder that holds it.',
      escalate: 'Ask the data manager which machine the project was begun on.',
    },
    example: { project: 'lung', expected: '3f1c9a5b7d20e846', found: '90ab12cd34ef5678' },
  },
  ProjectKeyDamaged: {
    ...keyFailed,
    id: 'KEY-003',
    title: 'The project key file is damaged',
    issue: 'invalid',
    parameters: { project: 'public', reason: 'public', path: 'internal' },
    message: 'The key file of project {project} cannot be used: {reason}.',
    log: 'project {project}: key file {path} cannot be used: {reason}',
    action: 'Restore the key file from its backup.',
    runbook: {
      check: 'Look at the size and the date of the file; do not print its content.',
      fix: 'Replace it by the backup. Do not edit it: its id is computed from the secret.',
      escalate:
        'Where no run has used the key yet, the file may be deleted and a new key is made. Otherwise ask the data manager.',
    },
    example: {
      project: 'lung',
      reason: 'it is not JSON',
      path: '<config>/keys/lung.key.json',
    },
  },
  ProjectKeyExposed: {
    ...keyFailed,
    id: 'KEY-004',
    title: 'The project key can be read or replaced by others',
    issue: 'security',
    parameters: { project: 'public', what: 'public', mode: 'public', path: 'internal' },
    message:
      'Other users of the machine can get at the key of project {project}: the {what} has mode {mode}.',
    log: 'project {project}: {what} {path} has mode {mode}',
    action: 'Find out who could read the key, then set the file to 0600 and its folder to 0700.',
    runbook: {
      check:
        'List the users and groups that had access, and since when. A restored backup often has the mode of its archive.',
      fix: 'Run `chmod 600` on the file and `chmod 700` on the folder, as the user who runs Lazaret.',
      escalate:
        'Tell the data protection officer when somebody else may have read it: with the key, pseudonyms can be computed from identifiers.',
    },
    example: {
      project: 'lung',
      what: 'file',
      mode: '0644',
      path: '<config>/keys/lung.key.json',
    },
  },
  ProjectKeyUnreadable: {
    ...keyFailed,
    id: 'KEY-005',
    title: 'The project key file cannot be read',
    issue: 'exception',
    parameters: { project: 'public', errno: 'public', path: 'internal' },
    message: 'The key file of project {project} is there but cannot be read ({errno}).',
    log: 'project {project}: reading key file {path} failed: {errno}',
    action: 'Run Lazaret as the user who owns the key file, or mend the disk it lies on.',
    runbook: {
      check: 'EACCES and EPERM: owner and mode of the file and its folders. EIO: the disk.',
      fix: 'Give the file back to the user who runs Lazaret, or restore it from its backup.',
      escalate: 'The administrator of the machine.',
    },
    example: { project: 'lung', errno: 'EACCES', path: '<config>/keys/lung.key.json' },
  },
  ProjectKeyNotStored: {
    ...keyFailed,
    id: 'KEY-006',
    title: 'A new project key could not be stored',
    issue: 'no-store',
    parameters: { project: 'public', errno: 'public', path: 'internal' },
    message: 'The key for the new project {project} could not be stored ({errno}).',
    log: 'project {project}: storing key file {path} failed: {errno}',
    action:
      'Make the configuration folder writable, on a disk with room, or name another in LAZARET_CONFIG_DIR.',
    runbook: {
      check:
        'Owner, mode and free space of the folder. EPERM or ENOTSUP at linking: the file system has no hard links and could not keep the key private either.',
      fix: 'Choose a folder on a local file system that the user owns.',
      escalate: 'The administrator of the machine.',
    },
    example: { project: 'lung', errno: 'ENOSPC', path: '<config>/keys/lung.key.json' },
  },
  ProjectNameUnusable: {
    ...keyFailed,
    id: 'KEY-007',
    title: 'The name of the project cannot name a key file',
    blame: 'caller',
    issue: 'value',
    status: 400,
    parameters: { allowed: 'public' },
    message: 'A project is named by {allowed}.',
    log: 'project name refused, allowed: {allowed}',
    action: 'Choose another name for the project.',
    runbook: {
      check: 'The value of --project or of `project` in the configuration.',
      fix: 'Use lower-case letters, digits and hyphens.',
      escalate: 'Nobody: the person who starts the run can mend it.',
    },
    example: { allowed: '1 to 64 letters, digits, hyphens, underscores and dots, no dot first' },
  },
  SealDamaged: {
    ...failed,
    id: 'KEY-008',
    title: 'A sealed value cannot be opened',
    blame: 'operator',
    issue: 'exception',
    status: 500,
    parameters: { reason: 'public', sizeBytes: 'public' },
    message: 'A value that was stored sealed cannot be opened: {reason}.',
    log: 'unseal failed: {reason}, {sizeBytes} bytes',
    action: 'Restore the store from a backup, and report what was found.',
    runbook: {
      check:
        'One value or many? One points to a damaged or altered row; many point to a store restored from elsewhere.',
      fix: 'Restore the rows in question. The value cannot be opened without its exact bytes and the place it was sealed for.',
      escalate:
        'The data manager: a sealed value that was altered or moved to another row is refused here too, which may mean tampering.',
    },
    example: { reason: 'its bytes or its place were changed', sizeBytes: 85 },
  },
  SealKeyDiffers: {
    ...failed,
    id: 'KEY-009',
    title: 'A sealed value belongs to another key',
    blame: 'operator',
    issue: 'conflict',
    status: 500,
    parameters: { expected: 'public', found: 'public' },
    message: 'A stored value was sealed with key {found}, and this project has key {expected}.',
    log: 'unseal failed: sealed with key {found}, project key is {expected}',
    action: 'Open the store with the key it was written with.',
    runbook: {
      check: 'Whether two stores were merged, or the store was copied from another project.',
      fix: 'Restore the key file whose id the value names.',
      escalate: 'The data manager.',
    },
    example: { expected: '3f1c9a5b7d20e846', found: '90ab12cd34ef5678' },
  },
  IdentifierMissing: {
    ...failed,
    id: 'IDN-001',
    title: 'A pseudonym was asked for without an identifier',
    blame: 'us',
    issue: 'required',
    status: 500,
    parameters: { kind: 'public', position: 'public' },
    message:
      'No pseudonym can be given: the {kind} number {position} of the request has no identifier.',
    log: 'identity request refused: blank {kind} identifier at position {position}',
    action: 'Report this: items without an identifier are to be held before they are asked about.',
    runbook: {
      check: 'Which pipeline asked, and why its check for blank identifiers let the item pass.',
      fix: 'The items stay held; a corrected source or a new version lets them be replayed.',
      escalate: 'The engineer of the pipeline.',
    },
    example: { kind: 'patient', position: 3 },
  },
  IdentifierTooLong: {
    ...failed,
    id: 'IDN-002',
    title: 'An identifier is too long to be one',
    blame: 'data',
    issue: 'too-long',
    status: 422,
    parameters: { kind: 'public', position: 'public', length: 'public', limit: 'public' },
    message:
      'The {kind} number {position} of the request has an identifier of {length} characters; {limit} is the limit.',
    log: 'identity request refused: {kind} identifier at position {position} has {length} characters, limit {limit}',
    action: 'Look at the source: another field was probably read as the identifier.',
    runbook: {
      check: 'Whether the source file is damaged, so that a whole text was taken for an id.',
      fix: 'Have the sender mend the source, then replay.',
      escalate: 'The site that sent it.',
    },
    example: { kind: 'patient', position: 3, length: 4096, limit: 1024 },
  },
  IdentityAnswerIncomplete: {
    ...failed,
    id: 'IDN-003',
    title: 'The identifier service left some questions without an answer',
    blame: 'dependency',
    issue: 'incomplete',
    status: 502,
    parameters: {
      patientsAsked: 'public',
      patientsAnswered: 'public',
      accessionsAsked: 'public',
      accessionsAnswered: 'public',
    },
    message:
      'The identifier service answered for {patientsAnswered} of {patientsAsked} patients and {accessionsAnswered} of {accessionsAsked} accessions; the batch does not go on.',
    log: 'identity answer incomplete: patients {patientsAnswered}/{patientsAsked}, accessions {accessionsAnswered}/{accessionsAsked}',
    action: 'Ask the operator of the identifier service why, then retry the batch.',
    runbook: {
      check:
        'Whether patients are unknown to the service, or its answers lack a pseudonym, a date shift other than zero, or an item.',
      fix: 'Retry the batch once the service answers in full. Nothing left the station.',
      escalate: 'The contact of the identifier service.',
    },
    example: { patientsAsked: 4, patientsAnswered: 3, accessionsAsked: 9, accessionsAnswered: 7 },
  },
  IdentityAnswerMalformed: {
    ...failed,
    id: 'IDN-004',
    title: 'The answer of the identifier service has the wrong shape',
    blame: 'dependency',
    issue: 'structure',
    status: 502,
    parameters: { expected: 'public', found: 'public' },
    message: 'The identifier service answered with {found} where {expected} was expected.',
    log: 'identity answer malformed: expected {expected}, found {found}',
    action: 'Ask the operator of the identifier service whether its interface has changed.',
    runbook: {
      check: 'Version and address of the service; a log-in page instead of an answer is common.',
      fix: 'Correct the configuration or the adapter, then retry the batch.',
      escalate: 'The contact of the identifier service.',
    },
    example: { expected: 'an object with a list `results`', found: '{error}' },
  },
  IdentityAnswerLeaks: {
    ...failed,
    id: 'IDN-005',
    title: 'The identifier service gave an identifier back as its own pseudonym',
    blame: 'dependency',
    issue: 'security',
    status: 502,
    parameters: { kind: 'public', position: 'public' },
    message:
      'The pseudonym given for the {kind} number {position} contains the identifier itself; the batch does not go on.',
    log: 'identity answer leaks: the pseudonym of {kind} {position} contains its identifier',
    action: 'Stop using the identifier service until its operator has explained this.',
    runbook: {
      check: 'Whether the service runs in a test or pass-through mode.',
      fix: 'Correct the service, then retry the batch. Nothing left the station.',
      escalate: 'The contact of the identifier service and the data protection officer.',
    },
    example: { kind: 'patient', position: 1 },
  },
  PseudonymCollision: {
    ...failed,
    id: 'IDN-006',
    title: 'Two identifiers have the same pseudonym',
    blame: 'us',
    issue: 'conflict',
    status: 500,
    parameters: { kind: 'public', keyId: 'public' },
    message:
      'Two different {kind} identifiers came to the same pseudonym; the batch does not go on, because they would be merged.',
    log: 'pseudonym collision: two {kind} identifiers under key {keyId}',
    action: 'Hold the items of the later one, and report it.',
    runbook: {
      check:
        'A pseudonym has 60 bits: below ten million patients an honest collision is less likely than one in ten thousand. Suspect an identity map that was merged or altered.',
      fix: 'Restore the identity map; an honest collision needs a longer pseudonym in a new project.',
      escalate: 'The engineer of Lazaret.',
    },
    example: { kind: 'patient', keyId: '3f1c9a5b7d20e846' },
  },
  IdentityAnswerLacksPseudonym: {
    ...answerUnusable,
    id: 'IDN-007',
    title: 'The identifier service left pseudonyms out',
    issue: 'required',
    parameters: {
      entriesWithout: 'public',
      entries: 'public',
      itemsWithout: 'public',
      shape: 'public',
    },
    message:
      'The identifier service gave no `suid` in {entriesWithout} of {entries} entries and in {itemsWithout} items; the batch does not go on. Its answer has the shape {shape}.',
    log: 'identity answer lacks suid: {entriesWithout}/{entries} entries, {itemsWithout} items; {shape}',
    action: 'Ask the operator of the identifier service why, then replay what is held.',
    runbook: {
      check:
        'Whether it is one entry or all: one points to a patient whom the service does not know, all to a request that it does not understand.',
      fix: 'Replay the items once the service answers in full. Nothing left the station.',
      escalate: 'The contact of the identifier service.',
    },
    example: {
      entriesWithout: 1,
      entries: 3,
      itemsWithout: 0,
      shape: '{results: 3 × {id, id_source, suid in 2 of 3, jitter: number}}',
    },
  },
  IdentityAnswerForOthers: {
    ...answerUnusable,
    id: 'IDN-008',
    title: 'The identifier service answered about somebody else',
    issue: 'conflict',
    parameters: { foreign: 'public', shape: 'public' },
    message:
      'The answer of the identifier service has {foreign} entries or items that were not asked about; the batch does not go on. Its answer has the shape {shape}.',
    log: 'identity answer has {foreign} foreign entries or items; {shape}',
    action: 'Ask the operator of the identifier service whether answers are being mixed up.',
    runbook: {
      check:
        'Whether the service, or a cache before it, gives one caller the answer to another one, or writes ids otherwise than they were sent (case, leading zeros, blanks).',
      fix: 'Have the service mended, or set the rules of `patientId` in the policy to how it writes ids; then replay the items.',
      escalate: 'The contact of the identifier service.',
    },
    example: { foreign: 1, shape: '{results: 1 × {id, id_source, suid, jitter: number}}' },
  },
  IdentityAnswerRepeats: {
    ...answerUnusable,
    id: 'IDN-009',
    title: 'The identifier service answered twice about the same identifier',
    issue: 'duplicate',
    parameters: { repeated: 'public', shape: 'public' },
    message:
      'The answer of the identifier service has {repeated} entries or items for an identifier that it had answered already; the batch does not go on. Its answer has the shape {shape}.',
    log: 'identity answer repeats {repeated} entries or items; {shape}',
    action: 'Ask the operator of the identifier service which of the answers is the right one.',
    runbook: {
      check: 'Whether the repeated entries agree; an identifier may be twice in the service.',
      fix: 'Have the service mended, then replay the items. Nothing left the station.',
      escalate: 'The contact of the identifier service.',
    },
    example: {
      repeated: 1,
      shape: '{results: 2 × {id, id_source, suid, jitter: number}}',
    },
  },
  IdentityAnswerPseudonymUnusable: {
    ...answerUnusable,
    id: 'IDN-010',
    title: 'A pseudonym of the identifier service cannot be used',
    issue: 'value',
    parameters: { kind: 'public', problem: 'public', shape: 'public' },
    message:
      'The identifier service gave a {kind} pseudonym that cannot be used: {problem}. The batch does not go on. Its answer has the shape {shape}.',
    log: 'identity answer has an unusable {kind} pseudonym: {problem}; {shape}',
    action: 'Ask the operator of the identifier service for pseudonyms that fit DICOM.',
    runbook: {
      check:
        'A pseudonym has letters, digits, dots, hyphens and underscores, begins with a letter or digit, and has at most 64 characters; that of an accession number at most 16.',
      fix: 'Have the service configured for such pseudonyms, then replay the items.',
      escalate: 'The contact of the identifier service.',
    },
    example: {
      kind: 'accession',
      problem: 'it is longer than 16 characters',
      shape: '{results: 1 × {id, id_source, suid, jitter: number}}',
    },
  },
  IdentityAnswerShiftUnusable: {
    ...answerUnusable,
    id: 'IDN-011',
    title: 'A date shift of the identifier service cannot be used',
    issue: 'value',
    parameters: { problem: 'public', shape: 'public' },
    message:
      'The identifier service gave a `jitter` that cannot be used: {problem}. The batch does not go on. Its answer has the shape {shape}.',
    log: 'identity answer has an unusable jitter: {problem}; {shape}',
    action: 'Ask the operator of the identifier service why, then replay what is held.',
    runbook: {
      check: 'Whether the service shifts dates for this study at all: some do only when asked to.',
      fix: 'Have date shifting turned on at the service, then replay the items. Nothing left the station.',
      escalate: 'The contact of the identifier service.',
    },
    example: {
      problem: 'it is missing',
      shape: '{results: 1 × {id, id_source, suid, jitter: number}}',
    },
  },
  IdentityAnswerMerges: {
    ...answerUnusable,
    id: 'IDN-012',
    title: 'The identifier service gave two identifiers one pseudonym',
    issue: 'conflict',
    parameters: { kind: 'public' },
    message:
      'The identifier service gave the same pseudonym to two different {kind} identifiers of a batch, which would merge them; the batch does not go on.',
    log: 'identity answer merges two {kind} identifiers',
    action: 'Ask the operator of the identifier service whether the two are the same.',
    runbook: {
      check:
        'Whether the two have the same number from two issuers: then `issuerSources` in the configuration tells them apart. Or whether the service takes spellings together that the rules of `patientId` keep apart.',
      fix: 'Correct the configuration or the service, then begin a new run or replay the items.',
      escalate: 'The contact of the identifier service.',
    },
    example: { kind: 'patient' },
  },
  IdentityContradiction: {
    ...answerUnusable,
    id: 'IDN-013',
    title: 'An identifier has another answer than before',
    issue: 'conflict',
    parameters: { kind: 'public', what: 'public', when: 'public' },
    message:
      'A {kind} of this batch has another {what} than it had {when}; the batch does not go on, because data that was delivered already would no longer link.',
    log: 'identity contradiction: a {kind} has another {what} than {when}',
    action: 'Find out what has changed before anything else of this project is delivered.',
    runbook: {
      check:
        'What changed: the identifier service lost its memory or was moved to another study; the project was configured with another kind of service; or the prefixes of pseudonyms in the policy were changed.',
      fix: 'Change it back, then replay the items. Where the new answers are to stay, begin a new project: pseudonyms of a project never change.',
      escalate: 'The contact of the identifier service and the data manager.',
    },
    example: { kind: 'patient', what: 'pseudonym', when: 'before' },
  },
  IdentityMapTooLarge: {
    ...failed,
    id: 'IDN-014',
    title: 'The identity map is too large for one file',
    blame: 'us',
    issue: 'too-long',
    status: 500,
    parameters: { entries: 'public', limit: 'public' },
    message: 'The identity map has {entries} entries; a file holds at most {limit}.',
    log: 'identity export refused: {entries} entries, limit {limit}',
    action: 'Back the database up instead, and the key apart from it.',
    runbook: {
      check: 'Run `lazaret identity key`: it counts the entries.',
      fix: 'A dump of the schema `lazaret_identity` holds the same, sealed with the key of the project.',
      escalate: 'The engineer of Lazaret.',
    },
    release: 'none',
    example: { entries: 1200000, limit: 1000000 },
  },
  IdentityFileNotWritten: {
    ...failed,
    id: 'IDN-015',
    title: 'The identity map could not be written to the file',
    blame: 'caller',
    issue: 'conflict',
    status: 409,
    parameters: { problem: 'public' },
    message: 'The identity map was not exported: {problem}.',
    log: 'identity export not written: {problem}',
    action: 'Name a file that is not there yet, in a folder that you may write to.',
    runbook: {
      check: 'Whether the file is an earlier export that somebody needs: none is overwritten.',
      fix: 'Choose another name.',
      escalate: 'The administrator of the machine.',
    },
    release: 'none',
    example: { problem: 'there is a file of that name already' },
  },
  IdentityFileUnusable: {
    ...failed,
    id: 'IDN-016',
    title: 'The file is no identity map that can be brought in',
    blame: 'caller',
    issue: 'invalid',
    status: 422,
    parameters: { problem: 'public' },
    message: 'The file cannot be brought in: {problem}.',
    log: 'identity import refused: {problem}',
    action: 'Check the file and its secret, then try again.',
    runbook: {
      check: 'The first line of an export says of which project and key it is, and since when.',
      fix: 'Copy the file again from where it was made; only sealed exports can be brought in.',
      escalate: 'Whoever made the export.',
    },
    release: 'none',
    example: { problem: 'its secret is another one, or its bytes were changed' },
  },
  IdentityFileForOtherKey: {
    ...failed,
    id: 'IDN-017',
    title: 'The identity map belongs to another key',
    blame: 'caller',
    issue: 'conflict',
    status: 409,
    parameters: { project: 'public', expected: 'public', found: 'public' },
    message:
      'The file is of key {found}, and project {project} works with key {expected}; its pseudonyms mean something else here.',
    log: 'identity import refused: file of key {found}, project {project} has key {expected}',
    action:
      'Name the project that the file belongs to, or put the key of that project in its place.',
    runbook: {
      check:
        'The first line of the file names its project; `lazaret identity key` names the key here.',
      fix: 'Use --project, or restore the key file with the id that the file names, before anything is run.',
      escalate: 'The data manager.',
    },
    release: 'none',
    example: { project: 'lung', expected: '3f1c9a5b7d20e846', found: '90ab12cd34ef5678' },
  },
  IdentityImportContradicts: {
    ...failed,
    id: 'IDN-018',
    title: 'The identity map of the file contradicts the one that is here',
    blame: 'data',
    issue: 'conflict',
    status: 409,
    parameters: { added: 'public', alreadyThere: 'public', refused: 'public' },
    message:
      '{refused} entries of the file contradict the identity map that is here, so none was brought in; {added} others are new, and {alreadyThere} are here already.',
    log: 'identity import refused: {refused} contradict, {added} new, {alreadyThere} known',
    action: 'Find out which of the two maps is right before anything else is delivered.',
    runbook: {
      check:
        'Two stores of one project that asked an identifier service at different times, or one that was brought in from elsewhere, can hold two answers for one patient.',
      fix: 'Keep the map under which data was delivered; begin a new project for the rest.',
      escalate: 'The data manager and the contact of the identifier service.',
    },
    release: 'none',
    example: { added: 12, alreadyThere: 340, refused: 1 },
  },
  IdentitySecretUnusable: {
    ...failed,
    id: 'IDN-019',
    title: 'The secret for the file cannot be used',
    blame: 'caller',
    issue: 'security',
    status: 400,
    parameters: { problem: 'public' },
    message: 'The secret for the file cannot be used: {problem}.',
    log: 'secret of an identity map file refused: {problem}',
    action: 'Give a file with a long passphrase, with --secret-file.',
    runbook: {
      check: 'Whether the file is there, and holds the passphrase and nothing else.',
      fix: 'Write a passphrase of at least 12 characters to a file with mode 0600.',
      escalate: 'Nobody: the person who exports or imports can mend it.',
    },
    release: 'none',
    example: { problem: 'it has fewer than 12 characters' },
  },
});
