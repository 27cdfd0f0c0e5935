/**
 * *Read*: the records of a stretch, checked against the schema. What is sound goes on, brought
 * together by subject; what is not is rejected, each mistake with its place.
 */
import { closeSync, openSync, readSync } from 'node:fs';
import type { LotContext, LotResult, LotWork, OnwardLot, ToldItem } from '../../../engine/lot.ts';
import type { StepFinding } from '../../../engine/settle.ts';
import { filePart, keepFileParts, keepFound, type FilePart } from '../documents/file-table.ts';
import { readRecords } from '../reading/csv.ts';
import type { Stretch } from '../reading/stretch.ts';
import type { FormRecord, FormValues } from '../record.ts';
import { Questions } from '../lookups/questions.ts';
import { packRecords } from '../record-lot.ts';
import { bucketOf, subjectOf } from '../subject.ts';
import { recordFindings } from '../schema/record-findings.ts';
import { moduleNamed, moduleOfFile } from '../study/module-of-file.ts';
import { NO_MODULE, noModule } from '../study/no-module.ts';
import type { FormsTools } from '../tools.ts';

interface StretchContent {
  readonly path: string;
  readonly stretch: Stretch;
}

export const read: LotWork<FormsTools> = {
  work({ lots, singles }, context) {
    const sorter = new Sorter(context);
    const parts: FilePart[] = [];
    for (const { items, content } of lots) {
      const given = JSON.parse(Buffer.from(content).toString('utf8')) as StretchContent;
      parts.push(filePart(given.stretch.file, given.path, items));
      let index = 0;
      for (const record of readStretch(given, context.tools)) {
        sorter.take({ ...record, item: items[index] ?? 0 });
        index += 1;
      }
    }
    for (const { item, value } of singles) sorter.take({ ...(value as FormRecord), item });
    return Promise.resolve({ ...sorter.result(), kept: parts });
  },
  async finish(result, context) {
    const parts = result.kept as readonly FilePart[];
    await keepFileParts(parts, context);
    await keepFound(result, context, parts[0]?.file);
    return {};
  },
  arrivalsOf({ items, content }) {
    const given = JSON.parse(Buffer.from(content).toString('utf8')) as StretchContent;
    return items.map((_, index) => ({ ...given, index }));
  },
};

function* readStretch(
  { path, stretch }: StretchContent,
  tools: FormsTools,
): Generator<Omit<FormRecord, 'item'>> {
  const { columns } = stretch.layout;
  const { study } = tools.configuration;
  const of = moduleOfFile(tools.configuration, path, stretch.file + 1);
  const moduleAt = of.kind === 'column' ? columns.indexOf(of.column) : -1;
  for (const { cells, record, line, offset } of readRecords(readText(path, stretch), stretch)) {
    const module = of.kind === 'module' ? of.name : moduleNamed(study, cells[moduleAt] ?? '');
    const schema = tools.schemas.get(module ?? '');
    const values: Record<string, FormValues[string]> = {};
    for (let at = 0; at < columns.length; at += 1) {
      const name = columns[at] ?? '';
      const cell = cells[at] ?? '';
      const isOwn = at !== moduleAt || schema === undefined || schema.columns.includes(name);
      if (!isOwn) continue;
      const value = schema === undefined ? cell : schema.cast(name, cell);
      if (value !== undefined && value !== '') values[name] = value;
    }
    const place = { file: stretch.file, record, line, offset };
    yield { module: module ?? NO_MODULE, place, values };
  }
}

function readText(path: string, { start, end }: Stretch): string {
  const descriptor = openSync(path, 'r');
  try {
    const bytes = Buffer.allocUnsafe(end - start);
    let done = 0;
    while (done < bytes.length) {
      const count = readSync(descriptor, bytes, done, bytes.length - done, start + done);
      if (count === 0) break;
      done += count;
    }
    return bytes.toString('utf8', 0, done);
  } finally {
    closeSync(descriptor);
  }
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
  readonly #groups = new Map<number, Group>();

  constructor(context: LotContext<FormsTools>) {
    this.#context = context;
  }

  take(record: FormRecord): void {
    const { tools } = this.#context;
    const schema = tools.schemas.get(record.module);
    const found =
      schema === undefined
        ? [noModule(record, tools.configuration.study)]
        : recordFindings(record, schema.check(record.values));
    if (found.length === 0) {
      this.#pass(record);
      return;
    }
    const findings: StepFinding[] = found.map((finding) => ({
      ...{ step: 'file-validator', finding, decision: null },
    }));
    const code = findings[0]?.finding.code ?? '';
    this.#told.push({
      item: record.item,
      findings,
      stopped: { disposition: 'rejected', code, step: 'file-validator' },
      arrival: record,
    });
  }

  #pass(record: FormRecord): void {
    const { tools } = this.#context;
    const { configuration } = tools;
    const { centre, participant } = configuration.study.keys;
    const bucket = bucketOf(subjectOf(record.values[centre], record.values[participant]));
    const number = bucket % configuration.groups;
    const group = this.#groups.get(number) ?? { records: [], questions: new Questions(tools) };
    group.records.push(record);
    group.questions.add(record);
    this.#groups.set(number, group);
  }

  result(): LotResult {
    const onward: OnwardLot[] = [];
    for (const [number, { records, questions }] of this.#groups) {
      onward.push(packRecords(records, questions.header, `group ${number}`));
    }
    return { told: this.#told, onward };
  }
}
