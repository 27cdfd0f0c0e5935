/** What an erasure does in this room: histories, alerts, files that hold many subjects, documents. */
import type { Erasing } from '../../engine/pipeline.ts';
import { cleanAside } from '../../sinks/folder.ts';
import { removeDelivered } from '../../sinks/removal.ts';
import type { FormsConfiguration } from './configure.ts';
import { isRecord } from './documents/record-about.ts';
import { findAlike } from './erasure/find-alike.ts';
import { findSubject } from './erasure/find-subject.ts';
import { forget } from './erasure/forget.ts';
import { settleRewriting } from './erasure/settle-rewriting.ts';
import { visitOf } from './subject.ts';

/** Centre and participant, where a record has neither. */
const NOBODY = '|';

export const erasing: Erasing<FormsConfiguration> = {
  subjectOf(value, { study }) {
    if (!isRecord(value)) return null;
    const { subject } = visitOf(value, study.keys);
    return subject === NOBODY ? null : subject;
  },
  shared: { find: findSubject, alike: findAlike, settle: settleRewriting },
  removeDelivery: ({ out }, key) => removeDelivered({ folder: out, key }),
  tidy: ({ out }, olderThan) => cleanAside({ folder: out, olderThan }),
  forget,
};
