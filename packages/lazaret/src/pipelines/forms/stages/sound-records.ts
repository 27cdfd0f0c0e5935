/**
 * Records that go on, brought together by group and part of their subjects.
 *
 * Sound records of a stretch share its numbers out among themselves, group by group, in the order
 * of the file within each. So a group's items are a few ranges and not as many as it has items,
 * which is what the ledger's proof over a million rows costs. Where a record lies is in its place.
 */
import type { OnwardLot } from '../../../engine/lot.ts';
import { Questions } from '../lookups/questions.ts';
import type { Origin } from '../reading/value-places.ts';
import { packRecords, RecordPart } from '../record-lot.ts';
import type { FormRecord } from '../record.ts';
import { nameGroup, partOf, partsOf } from '../subject-groups.ts';
import { bucketOf, subjectOf } from '../subject.ts';
import type { FormsTools } from '../tools.ts';

/** Records of subjects that are judged together. */
interface Group {
  readonly parts: readonly RecordPart[];
  /** What has to be known before they are judged. */
  readonly questions: Questions;
}

export class SoundRecords {
  readonly #tools: FormsTools;
  readonly #groups: (Group | undefined)[] = [];
  /** Of the stretch that is being read: ascending. */
  #items: number[] = [];

  constructor(tools: FormsTools) {
    this.#tools = tools;
  }

  /** @param record of the stretch that is being read, behind all that came before */
  add(record: FormRecord): void {
    const { groups, study } = this.#tools.configuration;
    const { centre, participant } = study.keys;
    const bucket = bucketOf(subjectOf(record.values[centre], record.values[participant]));
    const group = this.#groupOf(bucket % groups);
    group.parts[partOf(bucket, groups)]?.add(record);
    group.questions.add(record, bucket);
    this.#items.push(record.item);
  }

  /** Gives the records of a stretch their items. */
  endStretch(): void {
    let given = 0;
    for (const group of this.#groups) {
      for (const part of group?.parts ?? []) {
        const open = part.length - part.items.length;
        for (const item of this.#items.slice(given, given + open)) part.items.push(item);
        given += open;
      }
    }
    this.#items = [];
  }

  /** @param origins the files that the records are from */
  lots(origins: readonly Origin[]): OnwardLot[] {
    const { groups } = this.#tools.configuration;
    return this.#groups.flatMap((group, number) =>
      group === undefined
        ? []
        : [packRecords(group.parts, origins, group.questions.header, nameGroup(number, groups))],
    );
  }

  #groupOf(number: number): Group {
    const known = this.#groups[number];
    if (known !== undefined) return known;
    const parts = partsOf(this.#tools.configuration.groups);
    const group = {
      parts: Array.from({ length: parts }, () => new RecordPart()),
      questions: new Questions(this.#tools),
    };
    this.#groups[number] = group;
    return group;
  }
}
