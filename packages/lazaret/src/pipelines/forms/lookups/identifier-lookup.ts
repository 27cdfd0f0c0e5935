/** *Identifier-lookup*: the records of a batch get the ids of their subjects, or are rejected. */
import type { ToldItem } from '../../../engine/lot.ts';
import type { ValuePlaces } from '../reading/value-places.ts';
import type { FormRecord } from '../record.ts';
import { placeOfValue } from '../record-place.ts';
import type { Answers } from './answers.ts';

export const IDENTIFIER_LOOKUP = 'identifier-lookup';

export class IdentifierLookup {
  readonly #answers: Answers;
  readonly #column: string;
  readonly #places: ValuePlaces;
  /** Items whose records have got a column more than they came with. */
  readonly #extended = new Set<number>();
  readonly #rejected: ToldItem[] = [];

  /** @param column the one that ids are written to */
  constructor(answers: Answers, column: string, places: ValuePlaces) {
    this.#answers = answers;
    this.#column = column;
    this.#places = places;
  }

  /** Gives the record its subject's id; false where it is rejected. */
  apply(record: FormRecord): boolean {
    const { item, values } = record;
    const identified = this.#answers.identify(values);
    if (identified.findings === null) {
      if (identified.isExtended) this.#extended.add(item);
      return true;
    }
    const located = this.#places.locate(record);
    this.#rejected.push({
      item,
      findings: identified.findings.map((finding) => ({
        step: IDENTIFIER_LOOKUP,
        finding: { ...finding, place: placeOfValue(located, finding.place.column ?? '') },
        decision: null,
      })),
      stopped: {
        disposition: 'rejected',
        code: identified.findings[0]?.code ?? '',
        step: IDENTIFIER_LOOKUP,
      },
      arrival: located,
    });
    return false;
  }

  /**
   * What there is to tell of a batch: of what was rejected here, and of what stopped later on with
   * its record as it came, because the schema of a form may know no column more.
   */
  tell(later: readonly ToldItem[]): readonly ToldItem[] {
    return [...this.#rejected, ...later.map((told) => this.#asItCame(told))];
  }

  #asItCame(told: ToldItem): ToldItem {
    if (!this.#extended.has(told.item) || told.arrival === undefined) return told;
    const record = told.arrival as FormRecord;
    const values = Object.fromEntries(
      Object.entries(record.values).filter(([name]) => name !== this.#column),
    );
    return { ...told, arrival: { ...record, values } };
  }
}
