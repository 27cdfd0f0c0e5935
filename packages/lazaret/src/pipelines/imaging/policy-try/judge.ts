/** What a policy would make of one file. Nothing is written, and nothing of the file is kept. */
import type { Disposition, Finding } from '@lazaret/faults';
import type { BatchFacts, ItemContext, ItemResult } from '../../../engine/pipeline.ts';
import type { DeidentificationRecord } from '../dicom/deidentify-record.ts';
import type { FileArrival, Image } from '../image.ts';
import { deidentify, verify } from '../steps/clean.ts';
import { importFile } from '../steps/import.ts';
import { screen } from '../steps/screen.ts';
import type { ImagingTools } from '../tools.ts';

export interface Judgement {
  readonly disposition: Disposition;
  /** The code that decided; null where the image would go out. */
  readonly code: Finding['code'] | null;
  /** What is done with its elements; null where it does not get as far as that. */
  readonly record: DeidentificationRecord | null;
}

/** None of the steps up to the verification writes anything, so there is no folder to write to. */
const NO_BATCH: BatchFacts = { run: '', batch: '', attempt: 0, staging: '' };

/**
 * Whose image it is does not change what becomes of it. The days are those of nobody, and not 0: a
 * date that is not moved would be found in the output as one that should have been.
 */
const NOBODY = { pseudonym: 'TRIAL-0000000000', shiftDays: -1_001 };
const ACCESSION = 'TRIAL-000000';

export async function importForTrial(
  arrival: FileArrival,
  tools: ImagingTools,
): Promise<ItemResult<Image>> {
  return importFile.apply(arrival, contextOf(tools));
}

/** @param imported - what the import made of the file, under the same limit for its size. */
export async function judge(imported: ItemResult<Image>, tools: ImagingTools): Promise<Judgement> {
  const context = contextOf(tools);
  if (imported.kind === 'stop') return stopped(imported);
  const screened = await screen.apply(imported.value, context);
  if (screened.kind === 'stop') return stopped(screened);
  const image = screened.value;
  const accession = image.header.accession === '' ? '' : ACCESSION;
  const identified = { ...image, identity: { ...NOBODY, accession } };
  const clean = await deidentify.apply(identified, context);
  if (clean.kind === 'stop') return stopped(clean);
  const { record } = clean.value.clean;
  // Closes the file itself where it does not pass the image on.
  const verified = await verify.apply(clean.value, context);
  if (verified.kind === 'stop') return { ...stopped(verified), record };
  verified.value.opened.close();
  return { disposition: 'delivered', code: null, record };
}

function stopped(result: ItemResult<unknown> & { readonly kind: 'stop' }): Judgement {
  return {
    disposition: result.disposition,
    code: result.findings[0]?.code ?? null,
    record: null,
  };
}

function contextOf(tools: ImagingTools): ItemContext<ImagingTools> {
  return { item: 1, batch: NO_BATCH, tools };
}
