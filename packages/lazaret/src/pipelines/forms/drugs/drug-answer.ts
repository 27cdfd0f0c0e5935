/**
 * The status of a drug's code, as RxNav answers it (RxNorm API, `getRxcuiHistoryStatus`):
 *
 *     GET <url>/rxcui/197361/historystatus.json
 *     {"rxcuiStatusHistory": {
 *       "metaData": {"status": "Active", "activeStartDate": "042005", "activeEndDate": "", …},
 *       "attributes": {"rxcui": "197361", …}, …}}
 *
 * Dates are months, `MMYYYY`. A code that was never given out has the status `UNKNOWN`, and no
 * attributes.
 */
import { describeShape } from '../../../web-service/shape.ts';
import { identifierCodes } from '../identifiers/codes.ts';

const STATUSES = ['active', 'obsolete', 'remapped', 'quantified', 'notcurrent', 'unknown'] as const;

type DrugStatus = (typeof STATUSES)[number];

export interface DrugAnswer {
  readonly code: string;
  readonly status: DrugStatus;
  /** Months, `YYYY-MM`, in which it was active; null where that is open, or never was. */
  readonly activeFrom: string | null;
  readonly activeTo: string | null;
}

const KNOWN_KEYS = [
  ...['rxcuiStatusHistory', 'metaData', 'status', 'source', 'isCurrent', 'remappedDate'],
  ...['releaseStartDate', 'releaseEndDate', 'activeStartDate', 'activeEndDate'],
  ...['attributes', 'rxcui', 'name', 'tty', 'error', 'message'],
];

const MONTH = /^(0[1-9]|1[0-2])(\d{4})$/;

/** An RXCUI has at most 8 digits. */
const CODE = /^\d{1,8}$/;

/**
 * A value of a record as the service knows it, `0197361` and 197361 being one; null where it is no
 * code in form, so that nobody has to be asked.
 */
export function drugCode(value: unknown): string | null {
  if (typeof value !== 'string' && typeof value !== 'number') return null;
  const text = String(value).trim().replace(/^0+/, '');
  return CODE.test(text) ? text : null;
}

export function pathOf(code: string): string {
  return `/rxcui/${code}/historystatus.json`;
}

/** @throws `DrugAnswerUnusable` where it is no answer, or one about another code */
export function readDrugAnswer(code: string, answer: unknown): DrugAnswer {
  const unusable = (problem: string): Error =>
    identifierCodes.fault('DrugAnswerUnusable', {
      problem,
      shape: describeShape(answer, KNOWN_KEYS),
    });
  const history = partOf(answer, 'rxcuiStatusHistory');
  const facts = partOf(history, 'metaData');
  if (facts === null) throw unusable('it has no status');
  const { status: given } = facts;
  const status = STATUSES.find((one) => typeof given === 'string' && one === given.toLowerCase());
  if (status === undefined) throw unusable('its status is none that is known');
  const about = partOf(history, 'attributes')?.['rxcui'];
  // Without attributes nothing says what it is about, which only an unknown code has no more of.
  if (about === undefined ? status !== 'unknown' : about !== code && about !== Number(code)) {
    throw unusable('it is about another code');
  }
  const month = (name: string): string | null => {
    const text = facts[name] ?? '';
    if (text === '') return null;
    const parts = typeof text === 'string' ? MONTH.exec(text) : null;
    if (parts === null) throw unusable('one of its dates is no month');
    return `${parts[2]}-${parts[1]}`;
  };
  return { code, status, activeFrom: month('activeStartDate'), activeTo: month('activeEndDate') };
}

/**
 * Whether a code may stand in a record. Without a date it has to be active now. With one it has to
 * have been active in that month, whatever became of it since.
 *
 * @param month `YYYY-MM`
 */
export function isValidDrug(
  { status, activeFrom, activeTo }: DrugAnswer,
  month: string | null,
): boolean {
  if (month === null) return status === 'active';
  return activeFrom !== null && activeFrom <= month && (activeTo === null || month <= activeTo);
}

function partOf(value: unknown, name: string): Readonly<Record<string, unknown>> | null {
  const part = isRecord(value) ? value[name] : null;
  return isRecord(part) ? part : null;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
