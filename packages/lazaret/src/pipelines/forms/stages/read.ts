/**
 * *Read*: the records of a stretch, checked against the schema. What is sound goes on, brought
 * together by subject; what is not is rejected, each mistake with its place.
 */
import type { Finding } from '@lazaret/faults';
import {
  erasedBefore,
  erasedHashes,
  isErasureLetGo,
  type ErasedHashes,
} from '../../../engine/erased.ts';
import type { LotContext, LotResult, LotWork, SingleItem, ToldItem } from '../../../engine/lot.ts';
import type { StepFinding } from '../../../engine/settle.ts';
import { ErasedMarks } from '../erasure/erased-marks.ts';
import { filePart, keepFileParts, keepFound, type FilePart } from '../documents/file-table.ts';
import { fileFindings, neededColumnFindings } from '../reading/file-findings.ts';
import { formsOfFile, type FileForms } from '../reading/file-forms.ts';
import type { ReadItem } from '../reading/read-item.ts';
import { readStretch } from '../reading/read-stretch.ts';
import { locateIn, stretchOf, type RecordLocator } from '../reading/record-locator.ts';
import { originOf, type Origin } from '../reading/value-places.ts';
import type { StretchContent } from '../reading/stretch.ts';
import type { FormRecord, ValueOffsets } from '../record.ts';
import { IDENTIFIER_LOOKUP } from '../lookups/identifier-lookup.ts';
import { subjectOf } from '../subject.ts';
import { SoundRecords } from './sound-records.ts';
import { recordFindings } from '../schema/record-findings.ts';
import { CHECKS, type Check } from '../study.ts';
import { noModule } from '../study/no-module.ts';
import type { FormsTools } from '../tools.ts';

export const read: LotWork<FormsTools> = {
  /** How records of those who were erased are recognised; null where nobody was. */
  prepare: (_, { db, project }) => erasedHashes(db, project),
  work({ lots, singles }, context) {
    const sorter = new Sorter(context);
    const parts: FilePart[] = [];
    for (const { items, content } of lots) {
      const given = openContent(content);
      parts.push(filePart(given.stretch.file, given.path, items));
      sorter.takeStretch(given, items);
    }
    for (const single of singles) sorter.takeAgain(single);
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

/** Tells records apart: those that stop, and those that go on. */
class Sorter {
  readonly #context: LotContext<FormsTools>;
  readonly #told: ToldItem[] = [];
  readonly #ofFiles: StepFinding[] = [];
  /** The first of the checks that run: it is the one that says what cannot be read. */
  readonly #step: Check;
  /** Columns without which subjects cannot be looked up. */
  readonly #needed: readonly string[];
  readonly #sound: SoundRecords;
  /** By the number of the file. */
  readonly #origins = new Map<number, Origin>();
  /** Null: nobody was erased. */
  readonly #erased: ErasedMarks | null;

  constructor(context: LotContext<FormsTools>) {
    this.#context = context;
    this.#sound = new SoundRecords(context.tools);
    const { study, lookUps } = context.tools.configuration;
    const hashes = context.prepared as ErasedHashes | null;
    this.#erased = hashes === null ? null : new ErasedMarks(context.tools.key, study.keys, hashes);
    const { centre, participant } = study.keys;
    this.#step = CHECKS.find((check) => study.checks.includes(check)) ?? CHECKS[0];
    this.#needed = lookUps.identifiers === undefined ? [] : [centre, participant];
  }

  takeStretch(content: StretchContent, items: readonly number[]): void {
    const { stretch, path } = content;
    const forms = this.#formsOf(path);
    this.#origins.set(stretch.file, originOf(content));
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
    this.#sound.endStretch();
  }

  /** Takes an item that was sent in again: as the record that it was, or as it stands in its file. */
  takeAgain({ item, value, released }: SingleItem): void {
    // Two people have let it go: it comes in as if it had never been erased.
    const isLetGo = isErasureLetGo(released);
    if (!isLocator(value)) {
      const record = value as FormRecord;
      this.#check({ ...record, item }, [], () => record.offsets);
      this.#sound.endStretch();
      return;
    }
    const forms = this.#formsOf(value.path);
    const content = stretchOf(value, forms.known);
    this.#origins.set(value.file, originOf(content));
    const items = Array.from({ length: value.index + 1 }, () => item);
    let index = 0;
    for (const read of readStretch(content, forms, items)) {
      if (index === value.index) this.#take(read, item, () => value, isLetGo);
      index += 1;
    }
    this.#sound.endStretch();
  }

  #formsOf(path: string): FileForms {
    const { configuration, schemas } = this.#context.tools;
    return formsOfFile(configuration, schemas, path);
  }

  #take(read: ReadItem, item: number, locate: () => RecordLocator, isLetGo = false): void {
    if (read.kind === 'record') {
      const { module, place, isSound, findings } = read;
      const record: FormRecord = { item, module, place, values: read.values() };
      const mark = isLetGo ? null : (this.#erased?.of(record.values) ?? null);
      if (mark !== null) {
        this.#holdErased(record, mark, locate());
        return;
      }
      if (isSound) this.#sound.add(record);
      else this.#check(record, findings, () => read.offsets());
      return;
    }
    this.#stop(item, read.findings, read.disposition, locate());
  }

  /** Nothing of what it says is kept: only where it stands, for the case that it is let go. */
  #holdErased(
    { item, place, values }: FormRecord,
    mark: 'subject' | 'bytes',
    arrival: RecordLocator,
  ): void {
    const { line, record, offset, pointer } = place;
    const at = { item, line, record, offset, ...(pointer === undefined ? {} : { pointer }) };
    const { centre, participant } = this.#context.tools.configuration.study.keys;
    const subject = subjectOf(values[centre], values[participant]);
    this.#stop(item, [erasedBefore(mark, at)], 'held', arrival, subject);
  }

  /** @param offsets asked only where something is found */
  #check(
    record: FormRecord,
    findings: readonly Finding[],
    offsets: () => ValueOffsets | undefined,
  ): void {
    const { schemas, configuration } = this.#context.tools;
    const schema = schemas.get(record.module);
    const violations = schema?.check(record.values) ?? [];
    if (schema !== undefined && violations.length === 0 && findings.length === 0) {
      this.#sound.add(record);
      return;
    }
    const known = offsets();
    const located = known === undefined ? record : { ...record, offsets: known };
    const told =
      schema === undefined
        ? [noModule(located, configuration.study)]
        : recordFindings(located, violations);
    this.#stop(record.item, [...findings, ...told], 'rejected', located);
  }

  #stop(
    item: number,
    findings: readonly Finding[],
    disposition: 'rejected' | 'skipped' | 'held',
    arrival: unknown,
    subject?: string,
  ): void {
    const code = findings[0]?.code ?? '';
    this.#told.push({
      ...{ item, findings: stepFindings(this.#step, findings), arrival },
      ...(subject === undefined ? {} : { subject }),
      stopped: { disposition, code, step: this.#step },
    });
  }

  result(): LotResult {
    const onward = this.#sound.lots([...this.#origins.values()]);
    return { told: this.#told, onward, findings: this.#ofFiles };
  }
}

function isLocator(value: unknown): value is RecordLocator {
  return typeof value === 'object' && value !== null && 'path' in value && 'checksum' in value;
}

function stepFindings(step: string, findings: readonly Finding[]): StepFinding[] {
  return findings.map((finding) => ({ step, finding, decision: null }));
}
