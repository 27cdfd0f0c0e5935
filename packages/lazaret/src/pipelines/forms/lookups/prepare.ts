/** Asks, on the main thread, whatever has to be known before the records of a batch are judged. */
import type { LotBatch } from '../../../engine/lot.ts';
import type { BatchContext } from '../../../engine/pipeline.ts';
import { canonicalAddress } from '../../../web-service/address.ts';
import { createJsonService, type JsonService } from '../../../web-service/json-service.ts';
import type { ServiceSettings } from '../../../web-service/service-settings.ts';
import { AnswerCache } from '../drugs/answer-cache.ts';
import { findDrugs } from '../drugs/ask.ts';
import type { DrugAnswer } from '../drugs/drug-answer.ts';
import { DRUG_SERVICE } from '../drugs/settings.ts';
import { askForIds, type SubjectIds } from '../identifiers/ask.ts';
import { SUBJECT_SERVICE } from '../identifiers/settings.ts';
import { fetchTable, type SealedBucket } from '../identifiers/table.ts';
import type { FormRecord } from '../record.ts';
import { readHeader, type LotHeader } from '../record-lot.ts';
import type { FormsTools } from '../tools.ts';
import { Questions } from './questions.ts';

/** Answers as plain data, for the worker thread (`Answers`). */
export interface PreparedAnswers {
  /** Null: ids are not looked up. */
  readonly identifiers:
    | {
        readonly kind: 'table';
        readonly buckets: readonly SealedBucket[];
        readonly centres: readonly string[];
      }
    | { readonly kind: 'service'; readonly ids: SubjectIds }
    | null;
  readonly drugs: readonly DrugAnswer[];
}

/** 500 participants make some 50 kB; a drug's history some 10 kB. */
const MAX_ANSWER_BYTES = 8 * 1024 * 1024;

/** Remembered codes that go along where earlier visits may be judged again. */
const MAX_ALONG = 20_000;

/** @throws the faults of the services and of their answers; then no record of the batch goes on */
export async function prepareAnswers(
  { lots, singles }: LotBatch,
  context: BatchContext<FormsTools>,
): Promise<PreparedAnswers> {
  const questions = new Questions(context.tools);
  for (const { content } of lots) questions.join(readHeader(content));
  for (const { value } of singles) questions.add(value as FormRecord);
  return {
    identifiers: await prepareIdentifiers(questions.header, context),
    drugs: await prepareDrugs(questions.header, context),
  };
}

async function prepareIdentifiers(
  { buckets, participants }: LotHeader,
  context: BatchContext<FormsTools>,
): Promise<PreparedAnswers['identifiers']> {
  const settings = context.tools.configuration.lookUps.identifiers;
  if (settings === undefined) return null;
  if (settings.mode === 'embedded') {
    return { kind: 'table', ...(await fetchTable(context.db, context.project, buckets)) };
  }
  const service = open(SUBJECT_SERVICE, settings, context);
  const ids = await askForIds(participants, settings.atOnce, (body) =>
    context.call(SUBJECT_SERVICE, (signal) => service.post(body, signal)),
  );
  return { kind: 'service', ids };
}

async function prepareDrugs(
  { drugs }: LotHeader,
  context: BatchContext<FormsTools>,
): Promise<readonly DrugAnswer[]> {
  const { drugFields, configuration } = context.tools;
  const settings = configuration.lookUps.drugs;
  if (settings === undefined || drugFields.size === 0) return [];
  const limits = { days: settings.cacheDays, codes: settings.cacheCodes };
  const address = canonicalAddress(settings.url);
  const cache = new AnswerCache(context.db, address, limits, context.now);
  const service = open(DRUG_SERVICE, settings, context);
  const asked = await findDrugs(drugs, cache, settings.lanes, (path) =>
    context.call(DRUG_SERVICE, (signal) => service.get(path, signal)),
  );
  return [...(await cache.newest(MAX_ALONG)), ...asked];
}

function open(
  dependency: string,
  { url, scheme, tokenFile, tokenEnv }: ServiceSettings,
  { env }: BatchContext<FormsTools>,
): JsonService {
  const credential = { scheme, tokenFile, tokenEnv };
  return createJsonService({ dependency, url, credential, env, maxAnswerBytes: MAX_ANSWER_BYTES });
}
