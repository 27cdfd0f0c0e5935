/**
 * Centre and participant as identifier services compare them: the ADCID is a whole number, the PTID
 * has 1 to 10 printable ASCII characters behind the zeros that it begins with, and no blank.
 */
import type { Finding } from '@lazaret/faults';
import type { FormValue, FormValues } from '../record.ts';
import type { Participant } from '../record-lot.ts';
import type { SubjectKeys } from '../study.ts';
import { identifierCodes } from './codes.ts';

const CENTRE = /^\d{1,9}$/;
const PARTICIPANT = /^[!-~]{1,10}$/;
const MAX_LENGTH = 10;

/** An id of a subject: `NACC` or, for trials of the system, `TEST`, and six digits. */
const SUBJECT_ID = /^(?:NACC|TEST)\d{6}$/;

/** Whom a record is about, or why that cannot be asked. */
export type ReadParticipant =
  | { readonly participant: Participant; readonly problems: null }
  | { readonly participant: null; readonly problems: readonly Finding[] };

/** The place of a problem is the column alone. */
export function readParticipant(
  values: FormValues,
  keys: Pick<SubjectKeys, 'centre' | 'participant'>,
): ReadParticipant {
  const centre = textOf(values[keys.centre]);
  const participant = textOf(values[keys.participant]);
  const normal: Participant = [normaliseCentre(centre), normaliseParticipant(participant)];
  const problems: Finding[] = [];
  const centreIs = centreProblem(normal[0]);
  if (centreIs !== null) {
    const about = { column: keys.centre, problem: centreIs, value: centre, expected: 'a number' };
    problems.push(identifierCodes.finding('CentreIdUnusable', about, { column: keys.centre }));
  }
  const participantIs = participantProblem(participant);
  if (participantIs !== null) {
    const expected = '1 to 10 printable characters, no blanks';
    const about = {
      column: keys.participant,
      problem: participantIs,
      value: participant,
      expected,
    };
    problems.push(
      identifierCodes.finding('ParticipantIdUnusable', about, { column: keys.participant }),
    );
  }
  return problems.length > 0
    ? { participant: null, problems }
    : { participant: normal, problems: null };
}

/** `017` and `17` are one centre. */
export function normaliseCentre(text: string): string {
  const trimmed = text.trim();
  return CENTRE.test(trimmed) ? trimmed.replace(/^0+(?=\d)/, '') : trimmed;
}

/** Without blanks around it, then without the zeros that it begins with. */
export function normaliseParticipant(text: string): string {
  return text.trim().replace(/^0+/, '');
}

/** What is wrong with a centre's number, or null. */
export function centreProblem(text: string): string | null {
  if (text.trim() === '') return 'it is blank';
  return CENTRE.test(text.trim()) ? null : 'it is no whole number';
}

/** What is wrong with a participant's id, or null. */
export function participantProblem(text: string): string | null {
  const normal = normaliseParticipant(text);
  if (PARTICIPANT.test(normal)) return null;
  if (text.trim() === '') return 'it is blank';
  if (normal === '') return 'it is nothing but zeros';
  if (/^[!-~]+$/.test(normal)) return `it has more than ${MAX_LENGTH} characters`;
  return /\s/.test(normal) ? 'it has a blank in it' : 'it has a character outside printable ASCII';
}

export function isSubjectId(text: unknown): text is string {
  return typeof text === 'string' && SUBJECT_ID.test(text);
}

/** One text for both: a centre has digits only, so the first stroke ends it. */
export function nameOf([centre, participant]: Participant): string {
  return `${centre}|${participant}`;
}

function textOf(value: FormValue | undefined): string {
  return value === undefined || value === null || typeof value === 'object' ? '' : String(value);
}
