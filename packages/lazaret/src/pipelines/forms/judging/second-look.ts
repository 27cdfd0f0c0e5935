/** What becomes of a visit that is kept and was looked at again, because another one changed. */
import type { Finding } from '@lazaret/faults';
import type { SubjectKeys } from '../study.ts';
import { judgingCodes } from './codes.ts';
import type { RecallNotice } from './judged.ts';
import type { VisitCase } from './settle-visits.ts';

export interface SecondLook {
  /** About the run that found it: the run that brought the visit is closed. */
  readonly finding: Finding | null;
  /** For the sink that has the visit. */
  readonly notice: RecallNotice | null;
}

const NOTHING: SecondLook = { finding: null, notice: null };

/** @param item the item that brought the visit, as commands name it. */
export function looksAgain(
  { kept, version, evaluation }: VisitCase,
  keys: SubjectKeys,
  item: string,
): SecondLook {
  if (kept === null || version === null || evaluation === null) return NOTHING;
  const { module, id, digest, values } = version;
  const about = { item, module };
  const broken = evaluation.rules
    .filter(({ alert }) => alert === null || alert.decision === null)
    .map((rule) => rule.broken);
  const rules = [...new Set(broken.map(({ code }) => code))];
  const notice = (what: RecallNotice['what']): RecallNotice => ({
    ...{ what, module, item: id, digest: digest.text },
    record: Object.fromEntries(
      [keys.centre, keys.participant, keys.subject, keys.visit, keys.date].flatMap((name) => {
        const value = values[name];
        return value === undefined ? [] : [[name, value]];
      }),
    ),
    why: broken.map(({ code, type, field, text }) => ({ code, type, field, text })),
    beside: evaluation.reads.map((read) => ({
      visit: read.visit === 'same' ? read.module : read.visit,
      item: read.id,
    })),
  });
  const at = `${kept.standing} ${version.standing}`;
  switch (at) {
    case 'delivered recalled':
      return {
        finding: judgingCodes.finding('VisitRecalled', { ...about, rules }),
        notice: notice('recalled'),
      };
    case 'recalled delivered':
      return { finding: judgingCodes.finding('VisitRestored', about), notice: notice('restored') };
    case 'held failed':
      return { finding: judgingCodes.finding('VisitFails', { ...about, rules }), notice: null };
    case 'held held':
    case 'failed held':
      return evaluation.verdict === 'pass'
        ? { finding: judgingCodes.finding('VisitFree', about), notice: null }
        : NOTHING;
    default:
      return NOTHING;
  }
}
