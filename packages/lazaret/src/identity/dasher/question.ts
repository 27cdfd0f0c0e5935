/**
 * What a service in the shape of DASHER is asked: patients with their accessions as items, each by
 * its id and the source of that id.
 */
import { normaliseIdentifier, normaliseIssuer, type IdentifierRules } from '../identifier-rules.ts';
import type { IdentityRequest, PatientRequest } from '../service.ts';

/** Under which names of sources identifiers are asked about. */
export interface DasherSources {
  readonly patient: string;
  readonly accession: string;
  /** By issuer, for issuers whose ids the service knows under another source. */
  readonly byIssuer: Readonly<Record<string, string>>;
}

/** One patient of a request, as the project's rules write the id. */
export interface Question {
  readonly id: string;
  readonly source: string;
  /** Of the normalised id and issuer: what the identity map knows the patient by. */
  readonly identity: string;
  /** As the request wrote it: what the map keeps as the way back. */
  readonly patient: PatientRequest;
  readonly items: readonly ItemQuestion[];
}

export interface ItemQuestion {
  readonly id: string;
  readonly source: string;
  /** As the request wrote it. */
  readonly accession: string;
  /** Civil date, `YYYY-MM-DD`. */
  readonly studyDate?: string;
}

/** Most patients and items of one HTTP request: its answer has to come within one time-out. */
const MAX_PATIENTS = 200;
const MAX_ITEMS = 1_000;

/**
 * The questions of a request, in its order: one for each patient, without repeated accessions.
 *
 * @throws `IdentifierMissing`, `IdentifierTooLong`
 */
export function questionsOf(
  request: IdentityRequest,
  rules: IdentifierRules,
  sources: DasherSources,
): readonly Question[] {
  return request.patients.map((patient, at) => {
    const id = normaliseIdentifier(patient.id, rules, 'patient', at + 1);
    const issuer = normaliseIssuer(patient.issuer, rules);
    const known = issuer !== null && Object.hasOwn(sources.byIssuer, issuer);
    const items = new Map<string, ItemQuestion>();
    for (const [number, accession] of patient.accessions.entries()) {
      const normal = normaliseIdentifier(accession, rules, 'accession', number + 1);
      const studyDate = patient.studyDates?.get(accession);
      const item = { id: normal, source: sources.accession, accession };
      items.set(normal, studyDate === undefined ? item : { ...item, studyDate });
    }
    return {
      id,
      source: (known ? sources.byIssuer[issuer] : undefined) ?? sources.patient,
      identity: JSON.stringify([issuer, id]),
      patient,
      items: [...items.values()],
    };
  });
}

/**
 * Cuts questions into requests of a bounded size. The items of a patient who has more than one
 * request may hold are spread over several, the patient being asked about in each.
 */
export function cutQuestions(questions: readonly Question[]): readonly (readonly Question[])[] {
  const chunks: Question[][] = [];
  let current: Question[] = [];
  let items = 0;
  for (const whole of questions) {
    for (let from = 0; from === 0 || from < whole.items.length; from += MAX_ITEMS) {
      const part = { ...whole, items: whole.items.slice(from, from + MAX_ITEMS) };
      const isFull = current.length >= MAX_PATIENTS || items + part.items.length > MAX_ITEMS;
      // The same id twice in one request could not be told apart in its answer.
      const isThere = current.some(({ id, source }) => id === part.id && source === part.source);
      if (current.length > 0 && (isFull || isThere)) {
        chunks.push(current);
        current = [];
        items = 0;
      }
      current.push(part);
      items += part.items.length;
    }
  }
  if (current.length > 0) chunks.push(current);
  return chunks;
}

/** The body of one HTTP request. */
export function requestBody(questions: readonly Question[]): unknown {
  return {
    identifiers: questions.map(({ id, source, patient, items }) => ({
      id,
      id_source: source,
      ...timestamp(patient.birthDate),
      items: items.map((item) => ({
        id: item.id,
        id_source: item.source,
        ...timestamp(item.studyDate),
      })),
    })),
  };
}

function timestamp(date: string | undefined): { readonly id_timestamp?: string } {
  return date === undefined ? {} : { id_timestamp: `${date}T00:00:00Z` };
}
