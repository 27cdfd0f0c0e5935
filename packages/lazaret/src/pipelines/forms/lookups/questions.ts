/** What has to be fetched and asked before some records can be judged. */
import { drugCode } from '../drugs/drug-answer.ts';
import { nameOf, readParticipant } from '../identifiers/participant.ts';
import type { FormRecord } from '../record.ts';
import type { LotHeader, Participant } from '../record-lot.ts';
import { bucketOf, subjectOf } from '../subject.ts';
import type { FormsTools } from '../tools.ts';

/** Collects the questions of records, each once. */
export class Questions {
  readonly #tools: FormsTools;
  readonly #buckets = new Set<number>();
  readonly #participants = new Map<string, Participant>();
  readonly #drugs = new Set<string>();

  constructor(tools: FormsTools) {
    this.#tools = tools;
  }

  /** @param bucket of the subject, where somebody knows it already */
  add({ module, values }: Pick<FormRecord, 'module' | 'values'>, bucket?: number): void {
    const { configuration, drugFields } = this.#tools;
    const { keys } = configuration.study;
    this.#buckets.add(bucket ?? bucketOf(subjectOf(values[keys.centre], values[keys.participant])));
    // The table is fetched by its buckets; only a service has to be told who is meant.
    if (configuration.lookUps.identifiers?.mode === 'http') {
      const { participant } = readParticipant(values, keys);
      if (participant !== null) this.#participants.set(nameOf(participant), participant);
    }
    for (const field of drugFields.get(module) ?? []) {
      const code = drugCode(values[field]);
      if (code !== null) this.#drugs.add(code);
    }
  }

  /** Adds the questions of others. */
  join({ buckets, participants, drugs }: LotHeader): void {
    for (const bucket of buckets) this.#buckets.add(bucket);
    for (const one of participants) this.#participants.set(nameOf(one), one);
    for (const drug of drugs) this.#drugs.add(drug);
  }

  get header(): LotHeader {
    return {
      buckets: [...this.#buckets],
      participants: [...this.#participants.values()],
      drugs: [...this.#drugs],
    };
  }
}
