/**
 * The identifier service of a hospital, asked over HTTP in the shape of DASHER (Stanford's
 * De-identification And Screening of Health REcords): every patient and each accession of a batch
 * are sent, and the answer is used as a whole or not at all.
 *
 * What it answers is kept in the identity map as well. The service is the authority on pseudonyms;
 * the map is what notices when it changes its mind about somebody whose data was delivered already.
 */
import { assert } from '@lazaret/faults';
import { fault } from '../codes.ts';
import type { IdentifierRules } from '../identifier-rules.ts';
import {
  answerMark,
  contradiction,
  identityContext,
  type IdentityEntry,
  type IdentityMap,
} from '../identity-map.ts';
import type { ProjectKey } from '../project-key.ts';
import {
  checkAnswer,
  emptyRecord,
  type IdentityAnswer,
  type IdentityService,
  type PatientAnswer,
} from '../service.ts';
import { readAnswer, type Reply } from './answer.ts';
import {
  cutQuestions,
  questionsOf,
  requestBody,
  type DasherSources,
  type Question,
} from './question.ts';

export interface DasherOptions {
  readonly key: ProjectKey;
  readonly map: IdentityMap;
  readonly rules: IdentifierRules;
  readonly sources: DasherSources;
  /** Sends one request and gives the JSON that was answered; repeats are its own affair. */
  readonly ask: (body: unknown) => Promise<unknown>;
}

const MAX_PATIENTS = 100_000;

export function dasherIdentityService(options: DasherOptions): IdentityService {
  const { key, map, rules, sources, ask } = options;
  return {
    async identify(request, signal): Promise<IdentityAnswer> {
      signal.throwIfAborted();
      assert(request.patients.length <= MAX_PATIENTS, 'an identity request has too many patients');
      const questions = questionsOf(request, rules, sources);
      const replies: Reply[][] = questions.map(() => []);
      for (const chunk of cutQuestions(questions)) {
        const read = readAnswer(chunk, await ask(requestBody(chunk)));
        for (const [question, reply] of read) {
          const at = questions.findIndex(({ patient }) => patient === question.patient);
          replies[at]?.push(reply);
        }
      }
      const answer = checkAnswer(request, {
        patients: questions.map((question, at) => joinReplies(question, replies[at] ?? [])),
      });
      refuseMerges(questions, answer);
      // Only what was checked is remembered, and nothing is answered that the map does not hold.
      await map.remember(entriesOf(key, questions, answer));
      signal.throwIfAborted();
      return answer;
    },
  };
}

/** What was answered about a patient, in one reply or in several; null where nothing was. */
function joinReplies(question: Question, replies: readonly Reply[]): PatientAnswer | null {
  const [first, ...others] = replies;
  const changed = (what: string): Error => contradiction('patient', what, 'in the same answer');
  if (first === undefined) return null;
  if (others.some(({ suid }) => suid !== first.suid)) throw changed('pseudonym');
  if (others.some(({ jitter }) => jitter !== first.jitter)) throw changed('date shift');
  const { id, issuer, accessions } = question.patient;
  const given = emptyRecord();
  const normal = new Map(question.items.map((item) => [item.accession, item.id]));
  for (const reply of replies) {
    for (const accession of accessions) {
      const suid = reply.items.get(normal.get(accession) ?? accession);
      if (suid !== undefined) given[accession] = suid;
    }
  }
  return {
    id,
    ...(issuer === undefined ? {} : { issuer }),
    pseudonym: first.suid,
    shiftDays: first.jitter,
    accessions: given,
  };
}

/** Two patients, or two accession numbers, that came back as one. */
function refuseMerges(questions: readonly Question[], answer: IdentityAnswer): void {
  const patients = new Map<string, string>();
  const accessions = new Map<string, string>();
  const claim = (
    owners: Map<string, string>,
    kind: 'patient' | 'accession',
    pseudonym: string,
    owner: string,
  ): void => {
    const known = owners.get(pseudonym);
    if (known !== undefined && known !== owner) throw fault('IdentityAnswerMerges', { kind });
    owners.set(pseudonym, owner);
  };
  answer.patients.forEach(({ pseudonym, accessions: given }, at) => {
    const question = questions[at];
    if (question === undefined) return;
    claim(patients, 'patient', pseudonym, question.identity);
    for (const { accession, id } of question.items) {
      claim(accessions, 'accession', given[accession] ?? '', id);
    }
  });
}

function entriesOf(
  key: ProjectKey,
  questions: readonly Question[],
  answer: IdentityAnswer,
): readonly IdentityEntry[] {
  const entries = new Map<string, IdentityEntry>();
  const add = (
    kind: 'patient' | 'accession',
    pseudonym: string,
    identity: string,
    shiftDays: number | null,
    original: Readonly<Record<string, unknown>>,
  ): void => {
    const context = identityContext(kind, pseudonym);
    if (entries.has(context)) return;
    const origin = Buffer.from(key.keyedBytes(kind, identity)).toString('hex');
    const sealed = key.sealJson(original, context);
    const mark = answerMark(key, origin, pseudonym, shiftDays);
    entries.set(context, { kind, pseudonym, sealed, keyId: key.keyId, origin, mark });
  };
  answer.patients.forEach(({ id, issuer, pseudonym, shiftDays, accessions }, at) => {
    const question = questions[at];
    if (question === undefined) return;
    const { identity, source, items } = question;
    const known = issuer === undefined ? {} : { issuer };
    // The origin is that of the embedded service, so that a project that changes from one service
    // to the other is found out at the first patient who has a pseudonym already.
    add('patient', pseudonym, identity, shiftDays, { id, ...known, source, shiftDays });
    for (const item of items) {
      // Not with the patient: the service's pseudonym is of the number and its source alone, so the
      // `2` that two patients have is one accession to it.
      const whole = JSON.stringify(['dasher', item.source, item.id]);
      const original = { id: item.accession, source: item.source };
      add('accession', accessions[item.accession] ?? '', whole, null, original);
    }
  });
  return [...entries.values()];
}
