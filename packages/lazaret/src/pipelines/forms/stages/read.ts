/**
 * *Read*: the records of a stretch, checked against the schema. What is sound goes on, brought
 * together by subject; what is not is rejected, each mistake with its place.
 */
import type { Finding } from '@lazaret/faults';
import type { LotContext, LotResult, LotWork, OnwardLot, ToldItem } from '../../../engine/lot.ts';
import type { StepFinding } from '../../../engine/settle.ts';
import { filePart, keepFileParts, keepFound, type FilePart } from '../documents/file-table.ts';
import { fileFindings, neededColumnFindings } from '../reading/file-findings.ts';
import { formsOfFile, type FileForms } from '../reading/file-forms.ts';
import type { ReadItem, ValuePlace } from '../reading/read-item.ts';
import { readStretch } from '../reading/read-stretch.ts';
import { locateIn, stretchOf, type RecordLocator } from '../reading/record-locator.ts';
import type { StretchContent } from '../reading/stretch.ts';
import type { FormRecord } from '../record.ts';
import { IDENTIFIER_LOOKUP } from '../lookups/identifier-lookup.ts';
import { Questions } from '../lookups/questions.ts';
import { packRecords } from '../record-lot.ts';
import { bucketOf, subjectOf } from '../subject.ts';
import { groupOf } from '../subject-groups.ts';
import { namesOf } from '../schema/pointer.ts';
import { recordFindings } from '../schema/record-findings.ts';
import { CHECKS, type Check } from '../study.ts';
import { noModule } from '../study/no-module.ts';
import type { FormsTools } from '../tools.ts';

export const read: LotWork<FormsTools> = {
  work({ lots, singles }, context) {
    const sorter = new Sorter(context);
    const parts: FilePart[] = [];
    for (const { items, content } of lots) {
      const given = openContent(content);
      parts.push(filePart(given.stretch.file, given.path, items));
      sorter.takeStretch(given, items);
    }
    for (const { item, value } of singles) sorter.takeAgain(value, item);
    return Promise.resolve({ ...sorter.result(), kept: parts });
  },
  async finish(result, context) {
    const parts = result.kept as readonly FilePart[];
    await keepFileParts(parts, context);
    await keepFound(result, context, parts[0]?.file);
    return {};
  },
  arrivalsOf({ items, content }) {
    const given = openContent(content);
    return items.map((_, index) => locateIn(given, index));
  },
};

function openContent(content: Uint8Array): StretchContent {
  return JSON.parse(Buffer.from(content).toString('utf8')) as StretchContent;
}

/** Records of subjects that are judged together. */
interface Group {
  readonly records: FormRecord[];
  /** What has to be known before they are judged. */
  readonly questions: Questions;
}

/** Tells records apart: those that stop, and those that go on in the group of their subject. */
class Sorter {
  readonly #context: LotContext<FormsTools>;
  readonly #told: ToldItem[] = [];
  readonly #ofFiles: StepFinding[] = [];
  /** The first of the checks that run: it is the one that says what cannot be read. */
  readonly #step: Check;
  /** Columns without which subjects cannot be looked up. */
  readonly #needed: readonly string[];
  readonly #groups = new Map<string, Group>();

  constructor(context: LotContext<FormsTools>) {
    this.#context = context;
    const { study, lookUps } = context.tools.configuration;
    const { centre, participant } = study.keys;
    this.#step = CHECKS.find((check) => study.checks.includes(check)) ?? CHECKS[0];
    this.#needed = lookUps.identifiers === undefined ? [] : [centre, participant];
  }

  takeStretch(content: StretchContent, items: readonly number[]): void {
    const { stretch, path } = content;
    const forms = this.#formsOf(path, stretch.file);
    if (stretch.isFirst) {
      this.#ofFiles.push(...stepFindings(this.#step, fileFindings(stretch, forms.known)));
      const needed = neededColumnFindings(stretch, this.#needed);
      this.#ofFiles.push(...stepFindings(IDENTIFIER_LOOKUP, needed));
    }
    let index = 0;
    for (const read of readStretch(content, forms, items)) {
      this.#take(read, items[index] ?? 0, () => locateIn(content, index));
      index += 1;
    }
  }

  /** Takes an item that was sent in again: as the record that it was, or as it stands in its file. */
  takeAgain(value: unknown, item: number): void {
    if (!isLocator(value)) {
      this.#check({ ...(value as FormRecord), item }, [], () => null);
      return;
    }
    const forms = this.#formsOf(value.path, value.file);
    const content = stretchOf(value, forms.known);
    const items = Array.from({ length: value.index + 1 }, () => item);
    let index = 0;
    for (const read of readStretch(content, forms, items)) {
      if (index === value.index) this.#take(read, item, () => value);
      index += 1;
    }
  }

  #formsOf(path: string, file: number): FileForms {
    const { configuration, schemas } = this.#context.tools;
    return formsOfFile(configuration, schemas, path, file + 1);
  }

  #take(read: ReadItem, item: number, locate: () => RecordLocator): void {
    if (read.kind === 'record') {
      const { module, place, isSound, findings } = read;
      const record: FormRecord = { item, module, place, values: read.values() };
      if (isSound) this.#pass(record);
      else this.#check(record, findings, (name) => read.locate(name));
      return;
    }
    this.#stop(item, read.findings, read.disposition, locate());
  }

  #check(
    record: FormRecord,
    findings: readonly Finding[],
    locate: (property: string) => ValuePlace | null,
  ): void {
    const violations = this.#violationsOf(record);
    if (violations.length === 0 && findings.length === 0) {
      this.#pass(record);
      return;
    }
    const located = violations.map((finding) => {
      const { column, pointer = '' } = finding.place;
      const [name = ''] = namesOf(pointer.slice(record.place.pointer?.length ?? 0));
      const at = locate(column ?? name) ?? {};
      return { ...finding, place: { ...finding.place, ...at } };
    });
    this.#stop(record.item, [...findings, ...located], 'rejected', record);
  }

  #violationsOf(record: FormRecord): readonly Finding[] {
    const { schemas, configuration } = this.#context.tools;
    const schema = schemas.get(record.module);
    if (schema === undefined) return [noModule(record, configuration.study)];
    const errors = schema.check(record.values);
    return errors.length === 0 ? [] : recordFindings(record, errors);
  }

  #stop(
    item: number,
    findings: readonly Finding[],
    disposition: 'rejected' | 'skipped' | 'held',
    arrival: unknown,
  ): void {
    const code = findings[0]?.code ?? '';
    this.#told.push({
      ...{ item, findings: stepFindings(this.#step, findings), arrival },
      stopped: { disposition, code, step: this.#step },
    });
  }

  #pass(record: FormRecord): void {
    const { tools } = this.#context;
    const { configuration } = tools;
    const { centre, participant } = configuration.study.keys;
    const bucket = bucketOf(subjectOf(record.values[centre], record.values[participant]));
    const name = groupOf(bucket, configuration.groups);
    const group = this.#groups.get(name) ?? { records: [], questions: new Questions(tools) };
    group.records.push(record);
    group.questions.add(record);
    this.#groups.set(name, group);
  }

  result(): LotResult {
    const onward: OnwardLot[] = [];
    for (const [name, { records, questions }] of this.#groups) {
      onward.push(packRecords(records, questions.header, name));
    }
    return { told: this.#told, onward, findings: this.#ofFiles };
  }
}

function isLocator(value: unknown): value is RecordLocator {
  return typeof value === 'object' && value !== null && 'path' in value && 'checksum' in value;
}

function stepFindings(step: string, findings: readonly Finding[]): StepFinding[] {
  return findings.map((finding) => ({ step, finding, decision: null }));
}
