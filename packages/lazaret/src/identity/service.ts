/**
 * What an identifier service is asked and what it answers. The embedded one computes; one over
 * HTTP asks a hospital's service (patients with items, as DASHER has them) and translates. Every
 * caller passes what comes back through `checkAnswer` before anything is replaced with it.
 */
import { fault } from './codes.ts';

export type IdentifierKind = 'patient' | 'accession';

export interface PatientRequest {
  readonly id: string;
  /** Who gave the id out: IssuerOfPatientID, an assigning authority. */
  readonly issuer?: string;
  /** Civil date, `YYYY-MM-DD`. Some services ask for it to tell patients apart. */
  readonly birthDate?: string;
  readonly accessions: readonly string[];
  /** Accession number → civil date of its study, `YYYY-MM-DD`, where it is known. */
  readonly studyDates?: ReadonlyMap<string, string>;
}

export interface IdentityRequest {
  readonly patients: readonly PatientRequest[];
}

export interface PatientAnswer {
  /** The id asked about, and the issuer: an answer in another order is then seen, not applied. */
  readonly id: string;
  readonly issuer?: string;
  readonly pseudonym: string;
  /** Days to add to the patient's dates. Never 0. */
  readonly shiftDays: number;
  /** Accession number as asked → its pseudonym. Without a prototype. */
  readonly accessions: Readonly<Record<string, string>>;
}

/** One answer per patient of the request, in its order. */
export interface IdentityAnswer {
  readonly patients: readonly PatientAnswer[];
}

export interface IdentityService {
  /**
   * Pseudonyms for everything in the request, or a fault: there is no partial answer.
   *
   * @throws `IdentifierMissing`, `IdentifierTooLong`, `PseudonymCollision`, and what the service
   *   and its identity map throw
   */
  identify(request: IdentityRequest, signal: AbortSignal): Promise<IdentityAnswer>;
}

/** Pseudonyms become folder names and DICOM values (SH, 16 characters; LO, 64): nothing exotic. */
const PSEUDONYM = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
const MAX_SHIFT_DAYS = 36_525;

/** Shorter identifiers are in any pseudonym by chance, so only equality tells about them. */
const MIN_CONTAINED_LENGTH = 5;

/**
 * Checks that every patient and accession asked about has a usable answer of its own, and gives
 * the answer back with a type and with nothing in it that was not asked for.
 *
 * @throws `IdentityAnswerMalformed`, `IdentityAnswerIncomplete`, `IdentityAnswerLeaks`
 */
export function checkAnswer(request: IdentityRequest, answer: unknown): IdentityAnswer {
  if (!isRecord(answer)) throw malformedAnswer('an object', nameShape(answer));
  const given = answer['patients'];
  if (!Array.isArray(given)) throw malformedAnswer('a list of patients', nameShape(given));
  const entries: readonly unknown[] = given;
  const checked = request.patients.map((patient, at) => readPatient(patient, entries[at]));
  const accessions = request.patients.map((patient) => new Set(patient.accessions));
  const patientsAsked = request.patients.length;
  const patientsAnswered = checked.filter((entry) => entry.answer !== null).length;
  const accessionsAsked = accessions.reduce((sum, set) => sum + set.size, 0);
  const accessionsAnswered = checked.reduce((sum, entry) => sum + entry.accessions, 0);
  if (patientsAnswered !== patientsAsked || accessionsAnswered !== accessionsAsked) {
    throw fault('IdentityAnswerIncomplete', {
      patientsAsked,
      patientsAnswered,
      accessionsAsked,
      accessionsAnswered,
    });
  }
  const patients = checked.map((entry) => entry.answer).filter((entry) => entry !== null);
  patients.forEach((entry, at) => refuseLeak(entry, at + 1));
  return { patients };
}

/** Whether a text can stand for a patient or an accession in a path and in an image. */
export function isPseudonym(text: string): boolean {
  return PSEUDONYM.test(text);
}

/** Whether a value can be the days by which a patient's dates are moved. */
export function isShift(value: unknown): value is number {
  return (
    typeof value === 'number' &&
    Number.isInteger(value) &&
    value !== 0 &&
    Math.abs(value) <= MAX_SHIFT_DAYS
  );
}

/** @param found the shape of what was answered, without any value of it. */
export function malformedAnswer(expected: string, found: string): Error {
  return fault('IdentityAnswerMalformed', { expected, found });
}

/** A record without a prototype, so that an accession called `constructor` is only an accession. */
export function emptyRecord(): Record<string, string> {
  return Object.create(null) as Record<string, string>;
}

interface CheckedPatient {
  readonly answer: PatientAnswer | null;
  /** How many of its accessions have a usable answer. */
  readonly accessions: number;
}

function readPatient(asked: PatientRequest, entry: unknown): CheckedPatient {
  const unanswered = { answer: null, accessions: 0 };
  if (!isRecord(entry)) return unanswered;
  const { pseudonym, shiftDays } = entry;
  if (entry['id'] !== asked.id || entry['issuer'] !== asked.issuer) return unanswered;
  const items = isRecord(entry['accessions']) ? entry['accessions'] : {};
  const accessions = emptyRecord();
  for (const accession of asked.accessions) {
    const value = Object.hasOwn(items, accession) ? items[accession] : undefined;
    if (typeof value === 'string' && PSEUDONYM.test(value)) accessions[accession] = value;
  }
  const count = Object.keys(accessions).length;
  const usable = typeof pseudonym === 'string' && isPseudonym(pseudonym) && isShift(shiftDays);
  if (!usable) return { answer: null, accessions: count };
  const issuer = asked.issuer === undefined ? {} : { issuer: asked.issuer };
  return {
    answer: { id: asked.id, ...issuer, pseudonym, shiftDays, accessions },
    accessions: count,
  };
}

function refuseLeak(entry: PatientAnswer, position: number): void {
  const originals = [entry.id, ...Object.keys(entry.accessions)];
  const leaks = (pseudonym: string): boolean =>
    originals.some((original) => contains(pseudonym, original));
  if (leaks(entry.pseudonym)) throw fault('IdentityAnswerLeaks', { kind: 'patient', position });
  if (Object.values(entry.accessions).some(leaks)) {
    throw fault('IdentityAnswerLeaks', { kind: 'accession', position });
  }
}

function contains(pseudonym: string, original: string): boolean {
  const needle = original.trim().toLowerCase();
  const hay = pseudonym.toLowerCase();
  return hay === needle || (needle.length >= MIN_CONTAINED_LENGTH && hay.includes(needle));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The kind of a value and never its content: an answer that went wrong may hold anything. */
function nameShape(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  if (value === undefined) return 'nothing';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}
