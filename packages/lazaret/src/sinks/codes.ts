import { defineCodes } from '@lazaret/faults';

const failed = {
  kind: 'fault',
  type: 'error',
  level: 'error',
  severity: 'error',
  issue: 'exception',
  retry: 'no',
  release: 'replay',
  since: '0.1.0',
} as const;

/**
 * The codes of sinks (`SNK-`). A delivery key is made of coded identifiers, and is for operators
 * only all the same; a key that was refused may be anything and is no parameter at all.
 */
export const { entries, fault } = defineCodes({
  DeliveryKeyInvalid: {
    ...failed,
    id: 'SNK-001',
    title: 'A delivery key cannot name a file',
    blame: 'us',
    issue: 'value',
    status: 500,
    parameters: { reason: 'public', length: 'public' },
    message: 'The delivery has a key that cannot be used: {reason}.',
    log: 'delivery key of {length} characters refused: {reason}',
    action: 'Report this: delivery keys are made by the recipe and are always usable.',
    runbook: {
      check: 'How the recipe makes delivery keys, and from which values.',
      fix: 'Correct the recipe, then replay the batch.',
      escalate: 'The engineer of the pipeline.',
    },
    example: { reason: 'a part of it is empty', length: 40 },
  },
  DeliveryConflict: {
    ...failed,
    id: 'SNK-002',
    title: 'Something else has been delivered under this key',
    blame: 'operator',
    issue: 'conflict',
    status: 409,
    parameters: { key: 'internal', expected: 'public', found: 'public' },
    message:
      'Under the key of this delivery lies other content (SHA-256 {found}, not {expected}); it was left as it is.',
    log: 'delivery {key}: {found} is there, {expected} was to be delivered; nothing overwritten',
    action: 'Find out where the other content comes from, and move it away if it is not ours.',
    runbook: {
      check:
        'Who wrote the file, and when. Keys hold a digest over sources, recipe and key id, so two deliveries of ours do not meet; on a file system that ignores case, two keys may.',
      fix: 'Move the file out of the sink, then retry the batch. Nothing is ever overwritten.',
      escalate: 'The data manager, before anything is removed.',
    },
    example: {
      key: 'c/Entity/P1/P1_20200101_A1_0.tar.gz',
      expected: 'ab'.repeat(32),
      found: 'cd'.repeat(32),
    },
  },
  DeliveryContentDiffers: {
    ...failed,
    id: 'SNK-003',
    title: 'What was to be delivered is not what was announced',
    blame: 'us',
    issue: 'conflict',
    status: 500,
    parameters: { key: 'internal', expected: 'public', found: 'public' },
    message: 'The content of a delivery changed after its digest was taken; nothing was delivered.',
    log: 'delivery {key}: content has digest {found}, announced was {expected}',
    action: 'Retry the batch from packing; report it if it happens again.',
    runbook: {
      check: 'Whether two processes share the working folder.',
      fix: 'Retry the batch from its packing stage.',
      escalate: 'The engineer of Lazaret.',
    },
    example: {
      key: 'c/Entity/P1/P1_20200101_A1_0.tar.gz',
      expected: 'ab'.repeat(32),
      found: 'cd'.repeat(32),
    },
  },
  DeliveryReadBackDiffers: {
    ...failed,
    id: 'SNK-004',
    title: 'What was read back is not what was written',
    blame: 'dependency',
    status: 503,
    retry: 'dependency',
    parameters: { key: 'internal', expected: 'public', found: 'public' },
    message:
      'The folder gave back other content than was written to it; the delivery was not made.',
    log: 'delivery {key}: read back {found}, written {expected}',
    action: 'Look at the disk or the network share before anything more is delivered there.',
    runbook: {
      check: 'Kernel log, state of the disk, version and options of the network share.',
      fix: 'Mend or replace the storage, then retry the batch.',
      escalate: 'The administrator of the storage.',
    },
    example: {
      key: 'c/Entity/P1/P1_20200101_A1_0.tar.gz',
      expected: 'ab'.repeat(32),
      found: 'cd'.repeat(32),
    },
  },
  DeliveryBusy: {
    ...failed,
    id: 'SNK-005',
    title: 'Another delivery of this key is under way',
    blame: 'dependency',
    issue: 'lock-error',
    status: 503,
    retry: 'dependency',
    parameters: { key: 'internal' },
    message: 'Another process is just making this delivery.',
    log: 'delivery {key}: the lock of another attempt is there',
    action: 'Wait; the delivery is tried again by itself.',
    runbook: {
      check:
        'Whether another worker has the batch. A lock that its process did not live to remove is cleared away with other leftovers.',
      fix: 'Nothing, as a rule. The lock may be removed by hand when no process is running.',
      escalate: 'The engineer of Lazaret, if it lasts longer than a day.',
    },
    example: { key: 'c/Entity/P1/P1_20200101_A1_0.tar.gz' },
  },
  SinkFolderMissing: {
    ...failed,
    id: 'SNK-006',
    title: 'The folder for deliveries is not there',
    blame: 'operator',
    issue: 'not-found',
    status: 503,
    retry: 'dependency',
    parameters: {},
    message: 'The folder for deliveries is missing, or it is no folder.',
    log: 'The folder for deliveries is missing, or it is no folder.',
    action: 'Mount the volume, or create the folder; work goes on by itself.',
    runbook: {
      check: 'See whether the volume is mounted, and compare the path with the configuration.',
      fix: 'Mount the volume or correct the path. A delivery never creates this folder: where a volume is not mounted, it would fill the system disk.',
      escalate: 'To the administrator of the storage.',
    },
    example: {},
  },
});
