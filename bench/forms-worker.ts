/** One thread of `forms-threads.ts`: checks the stretches that it is given, until it is given null. */

import { parentPort, workerData } from 'node:worker_threads';

import { formsOfFile } from '../packages/lazaret/src/pipelines/forms/reading/file-forms.ts';
import { readStretch } from '../packages/lazaret/src/pipelines/forms/reading/read-stretch.ts';
import type { StretchContent } from '../packages/lazaret/src/pipelines/forms/reading/stretch.ts';
import { compileSchema } from '../packages/lazaret/src/pipelines/forms/schema/record-schema.ts';
import type { Study } from '../packages/lazaret/src/pipelines/forms/study.ts';

export interface FormsWorkerSetup {
  readonly study: Study;
  readonly csv: string;
}

/** Some records of a file, and how many they are. */
export interface StretchOrder {
  readonly content: Uint8Array;
  readonly items: number;
}

/** Sent for each stretch. */
export interface StretchReport {
  readonly records: number;
  readonly rejected: number;
}

const { study, csv } = workerData as FormsWorkerSetup;
const [module] = study.modules;
if (module === undefined) throw new Error('A bench of forms has one module.');
const schema = compileSchema(module);
const forms = formsOfFile({ study }, new Map([[module.name, schema]]), csv);

parentPort?.on('message', (order: StretchOrder | null) => {
  if (order === null) {
    parentPort?.close();
    return;
  }
  parentPort?.postMessage(checkStretch(order));
});

function checkStretch({ content, items }: StretchOrder): StretchReport {
  const stretch = JSON.parse(Buffer.from(content).toString('utf8')) as StretchContent;
  const numbers = Array.from({ length: items }, (_, index) => index + 1);
  let records = 0;
  let rejected = 0;
  for (const read of readStretch(stretch, forms, numbers)) {
    records += 1;
    const isSound =
      read.kind === 'record' &&
      read.findings.length === 0 &&
      (read.isSound || schema.check(read.values()).length === 0);
    if (!isSound) rejected += 1;
  }
  return { records, rejected };
}
