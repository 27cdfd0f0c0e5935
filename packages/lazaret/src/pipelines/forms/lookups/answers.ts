/** What was looked up for a batch, as its records are judged with it on a worker thread. */
import type { Finding } from '@lazaret/faults';
import type { ProjectKey } from '../../../identity/keys.ts';
import { drugCode, isValidDrug, type DrugAnswer } from '../drugs/drug-answer.ts';
import { identifierCodes } from '../identifiers/codes.ts';
import { nameOf, normaliseCentre, readParticipant } from '../identifiers/participant.ts';
import type { Centre } from '../identifiers/settings.ts';
import { bucketOfParticipant, openBucket, type SealedBucket } from '../identifiers/table.ts';
import type { FormValue } from '../record.ts';
import type { Participant } from '../record-lot.ts';
import { Unevaluable } from '../rules/python/arithmetic.ts';
import type { CivilDate } from '../rules/python/civil-date.ts';
import type { Value } from '../rules/python/value.ts';
import type { CheckContext } from '../rules/run.ts';
import type { FormsTools } from '../tools.ts';
import type { PreparedAnswers } from './prepare.ts';

/** Whether it is known who a record is about, or why not. */
export interface Identified {
  /** The values have got the subject's id, which they did not come with. */
  readonly isExtended: boolean;
  /** Null: it is known, or ids are not looked up. */
  readonly findings: readonly Finding[] | null;
}

const AS_IT_CAME: Identified = { isExtended: false, findings: null };
const EXTENDED: Identified = { isExtended: true, findings: null };

function refused(finding: Finding): Identified {
  return { isExtended: false, findings: [finding] };
}

/** Centres told to whoever named another one. */
const MAX_CENTRES_TOLD = 10;

export class Answers {
  readonly #tools: FormsTools;
  readonly #prepared: PreparedAnswers;
  readonly #ids: (participant: Participant) => string | null;
  /** Null: nothing says which centres there are. */
  readonly #centres: ReadonlySet<string> | null;
  readonly #drugs: ReadonlyMap<string, DrugAnswer>;

  constructor(prepared: PreparedAnswers, tools: FormsTools) {
    const { identifiers, drugs } = prepared;
    const { centres } = tools.configuration.lookUps;
    this.#tools = tools;
    this.#prepared = prepared;
    this.#ids = idsOf(identifiers, tools.key);
    this.#centres =
      centres !== undefined
        ? new Set(centres.map(({ adcid }) => String(adcid)))
        : identifiers?.kind === 'table'
          ? new Set(identifiers.centres)
          : null;
    this.#drugs = new Map(drugs.map((answer) => [answer.code, answer]));
  }

  /**
   * *Identifier-lookup*: gives the values of a record its subject's id, by the centre and the
   * participant. The place of a finding is the column alone: where that stands is looked up for
   * records that have one.
   *
   * @param values are changed, and not copied: it is done for every record
   */
  identify(values: Record<string, FormValue>): Identified {
    const { identifiers } = this.#prepared;
    if (identifiers === null) return AS_IT_CAME;
    const { configuration } = this.#tools;
    const { keys } = configuration.study;
    const { participant, problems } = readParticipant(values, keys);
    if (participant === null) return { isExtended: false, findings: problems };
    const [centre, ptid] = participant;
    if (this.#centres?.has(centre) === false) {
      const expected = this.#centresTold();
      const about = { centre, value: centre, expected };
      const at = { column: keys.centre };
      return refused(identifierCodes.finding('CentreUnknown', about, at));
    }
    const id = this.#ids(participant);
    if (id !== null) return this.#withId(values, id);
    const source = identifiers.kind === 'table' ? 'the identifier table' : 'the identifier service';
    const about = { centre: this.#titleOf(centre), source, value: ptid, expected: '' };
    const at = { column: keys.participant };
    return refused(identifierCodes.finding('ParticipantUnknown', about, at));
  }

  /** A record that names its subject itself has to name the same one. */
  #withId(values: Record<string, FormValue>, id: string): Identified {
    const { subject } = this.#tools.configuration.study.keys;
    const given = values[subject] ?? null;
    if (given === null) {
      values[subject] = id;
      return EXTENDED;
    }
    if (given === id) return AS_IT_CAME;
    const value = typeof given === 'object' ? JSON.stringify(given) : String(given);
    const at = { column: subject };
    const about = { column: subject, value, expected: id };
    return refused(identifierCodes.finding('SubjectIdDiffers', about, at));
  }

  /** What rules may ask; see `CheckContext`. */
  readonly forRules: Required<Pick<CheckContext, 'isValidAdcid' | 'isValidRxcui'>> = {
    isValidAdcid: (adcid, own) => this.#isValidCentre(adcid, own),
    isValidRxcui: (rxcui, on) => this.#isValidDrug(rxcui, on),
  };

  /** Whether somebody has asked about a code, whatever the answer was. */
  knowsDrug(code: string): boolean {
    return this.#drugs.has(code);
  }

  #isValidCentre(adcid: Value, own: boolean): boolean {
    const { lookUps, site } = this.#tools.configuration;
    const centre = normaliseCentre(typeof adcid === 'object' ? '' : String(adcid));
    if (!own) {
      if (this.#centres === null) throw new Unevaluable('service');
      return this.#centres.has(centre);
    }
    const ours = lookUps.centres?.find((one) => one.site === site);
    if (ours === undefined) throw new Unevaluable('service');
    return String(ours.adcid) === centre;
  }

  #isValidDrug(rxcui: Value, on: CivilDate | null): boolean {
    const code = drugCode(rxcui);
    if (code === null) return false;
    const answer = this.#drugs.get(code);
    // Of an earlier visit that is judged again so late that its code is forgotten.
    if (answer === undefined) throw new Unevaluable('service');
    const month =
      on === null
        ? null
        : `${String(on.year).padStart(4, '0')}-${String(on.month).padStart(2, '0')}`;
    return isValidDrug(answer, month);
  }

  #titleOf(centre: string): string {
    const centres: readonly Centre[] = this.#tools.configuration.lookUps.centres ?? [];
    const name = centres.find(({ adcid }) => String(adcid) === centre)?.name;
    return name === undefined ? centre : `${centre} (${name})`;
  }

  #centresTold(): string {
    const known = [...(this.#centres ?? [])];
    const told = known.slice(0, MAX_CENTRES_TOLD).join(', ');
    return known.length > MAX_CENTRES_TOLD ? `one of ${known.length}: ${told}, …` : told;
  }
}

function idsOf(
  identifiers: PreparedAnswers['identifiers'],
  key: ProjectKey,
): (participant: Participant) => string | null {
  if (identifiers === null) return () => null;
  if (identifiers.kind === 'service') {
    const { ids } = identifiers;
    return (participant) => {
      const id = ids.get(nameOf(participant));
      if (id === undefined) throw new Error('Nobody has asked about a participant.');
      return id;
    };
  }
  const sealed = new Map(identifiers.buckets.map((one: SealedBucket) => [one.bucket, one.payload]));
  const opened = new Map<number, ReadonlyMap<string, string>>();
  return (participant) => {
    const bucket = bucketOfParticipant(participant);
    let ids = opened.get(bucket);
    if (ids === undefined) {
      const payload = sealed.get(bucket);
      ids = payload === undefined ? new Map<string, string>() : openBucket(key, payload);
      opened.set(bucket, ids);
    }
    return ids.get(nameOf(participant)) ?? null;
  };
}
