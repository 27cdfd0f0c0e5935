/**
 * Staging: what an attempt arrived at is written in small chunks under (batch, attempt), each a
 * short statement of its own. None of it counts before the publishing commit.
 */
import { fieldOf, fingerprint, withoutIndexes, type Parameters } from '@lazaret/faults';
import { insertMany, type ColumnsOf } from '../store/insert-many.ts';
import { toMultirange } from '../store/item-set.ts';
import type { Db } from '../store/open.ts';
import type { BatchRow } from '../store/batches.ts';
import type { FinalDisposition } from '../store/tables.ts';
import { onwardItems, type Attempt, type ItemFinding, type Stopped } from './attempt.ts';
import type { OnwardLot } from './lot.ts';
import { packLot, packParcels, type Traveller } from './members.ts';
import { hashCut } from './rivals.ts';
import type { RunContext } from './run-context.ts';
import { splitByPrivacy } from './privacy.ts';
import { hashOfSubject, subjectHash } from './erased.ts';

/** Findings of one code that a batch keeps in full. The tally counts them all. */
export const MAX_FINDINGS_PER_CODE = 1_000;

const ROWS_AT_ONCE = 1_000;
const ARRIVAL_CONTEXT = 'item';
const FINDING_CONTEXT = 'finding';

export interface StagedCounts {
  readonly dispositions: ReadonlyMap<FinalDisposition, number>;
  readonly onward: number;
  readonly hasError: boolean;
}

/** Writes all rows of an attempt, and says what they add up to. */
export async function stageAttempt(
  context: RunContext,
  batch: BatchRow,
  attempt: Attempt,
): Promise<StagedCounts> {
  const isLast = batch.stage === context.pipeline.stages.length - 1;
  const sets = new Map<FinalDisposition, number[]>();
  for (const { disposition, traveller } of attempt.stopped) {
    const items = sets.get(disposition);
    if (items === undefined) sets.set(disposition, [traveller.item]);
    else items.push(traveller.item);
  }
  const onward = onwardItems(attempt);
  if (isLast && onward.length > 0) sets.set('delivered', onward);
  await stageOutcomes(context.db, batch, sets);
  await stageItems(context, batch, attempt.stopped);
  await stageFindings(context, batch, attempt.findings);
  await stageTally(context.db, batch, attempt.findings);
  await stageDeliveries(context, batch, attempt);
  if (!isLast) {
    await stageParcels(context, batch, attempt.onward);
    await stageLots(context, batch, attempt.lots);
  }
  const dispositions = new Map<FinalDisposition, number>();
  for (const [disposition, items] of sets) dispositions.set(disposition, items.length);
  return {
    dispositions,
    onward: onward.length,
    hasError: attempt.findings.some(({ finding }) => finding.type === 'error'),
  };
}

/** All items of a batch that ended in error are held, with the code of the fault. */
export async function stageOutcomes(
  db: Db,
  batch: BatchRow,
  sets: ReadonlyMap<FinalDisposition, readonly number[]>,
): Promise<void> {
  const rows = [...sets].map(([disposition, items]) => ({
    run: batch.run,
    batch: batch.id,
    attempt: batch.attempt,
    disposition,
    refs: toMultirange(items),
  }));
  if (rows.length > 0) await db.insertInto('lazaret.outcome').values(rows).execute();
}

export async function stageItems(
  context: RunContext,
  batch: BatchRow,
  stopped: readonly Stopped[],
): Promise<void> {
  const { pipeline, key, db } = context;
  const stage = pipeline.stages[batch.stage]?.name ?? '';
  const rows = stopped.map((one) => ({
    run: batch.run,
    no: one.traveller.item,
    batch: batch.id,
    attempt: batch.attempt,
    disposition: one.disposition,
    code: one.code,
    stage,
    step: one.step,
    digest:
      one.digest === undefined ? (pipeline.digestOf?.(one.traveller.value) ?? null) : one.digest,
    same_as_run: one.sameAs?.run ?? null,
    same_as_no: one.sameAs?.item ?? null,
    arrival: key.sealJson(one.traveller.arrival, ARRIVAL_CONTEXT),
    facts: one.facts ?? pipeline.factsOf?.(one.traveller.value) ?? {},
    subject:
      one.subject === undefined
        ? subjectHash(context, one.traveller.value)
        : hashOfSubject(key, one.subject),
  }));
  await insertMany(db, 'lazaret.item', ITEM_COLUMNS, rows);
}

const ITEM_COLUMNS: ColumnsOf<'lazaret.item'> = {
  ...{ run: 'uuid', no: 'bigint', batch: 'uuid', attempt: 'int' },
  ...{ disposition: 'text', code: 'text', stage: 'text', step: 'text', digest: 'text' },
  ...{ same_as_run: 'uuid', same_as_no: 'bigint' },
  ...{ arrival: 'bytea', facts: 'jsonb', subject: 'text' },
};

/** Opens the arrival of an item that was not delivered. @throws SealDamaged, SealKeyDiffers */
export function openArrival(key: RunContext['key'], sealed: Uint8Array): unknown {
  return key.unsealJson(sealed, ARRIVAL_CONTEXT);
}

/** Seals what a finding keeps of the data. */
export function sealFinding(key: RunContext['key'], phi: Parameters): Uint8Array {
  return key.sealJson(phi, FINDING_CONTEXT);
}

/** Opens what a finding keeps of the data. @throws SealDamaged, SealKeyDiffers */
export function openFinding(key: RunContext['key'], sealed: Uint8Array): Parameters {
  return key.unsealJson(sealed, FINDING_CONTEXT) as Parameters;
}

export async function stageFindings(
  context: RunContext,
  batch: BatchRow,
  findings: readonly ItemFinding[],
): Promise<void> {
  const stage = context.pipeline.stages[batch.stage]?.name ?? '';
  const kept = new Map<string, number>();
  const sample = findings.filter(({ finding }) => {
    const count = (kept.get(finding.code) ?? 0) + 1;
    kept.set(finding.code, count);
    return count <= MAX_FINDINGS_PER_CODE;
  });
  const at = context.now();
  const rows = sample.map(({ item, step, finding, decision }) => {
    const { open, phi } = splitByPrivacy(context.catalogue, finding);
    return {
      id: crypto.randomUUID(),
      run: batch.run,
      batch: batch.id,
      attempt: batch.attempt,
      item,
      stage,
      step,
      code: finding.code,
      code_id: finding.id,
      type: finding.type,
      parameters: open,
      sealed: phi === null ? null : sealFinding(context.key, phi),
      place: finding.place,
      fingerprint: fingerprint({ code: finding.code, step, field: fieldOf(finding.place) }),
      decision,
      at,
    };
  });
  await insertMany(context.db, 'lazaret.finding', FINDING_COLUMNS, rows);
}

const FINDING_COLUMNS: ColumnsOf<'lazaret.finding'> = {
  ...{ id: 'uuid', run: 'uuid', batch: 'uuid', attempt: 'int', item: 'bigint' },
  ...{ stage: 'text', step: 'text', code: 'text', code_id: 'text', type: 'text' },
  ...{ parameters: 'jsonb', sealed: 'bytea', place: 'jsonb', fingerprint: 'text' },
  ...{ decision: 'uuid', at: 'timestamptz' },
};

async function stageTally(
  db: Db,
  batch: BatchRow,
  findings: readonly ItemFinding[],
): Promise<void> {
  const counts = new Map<string, { step: string; code: string; field: string; count: number }>();
  for (const { step, finding } of findings) {
    const field = withoutIndexes(fieldOf(finding.place));
    const slot = JSON.stringify([step, finding.code, field]);
    const row = counts.get(slot) ?? { step, code: finding.code, field, count: 0 };
    row.count += 1;
    counts.set(slot, row);
  }
  for (const some of chunks([...counts.values()])) {
    await db
      .insertInto('lazaret.tally')
      .values(
        some.map((row) => ({ run: batch.run, batch: batch.id, attempt: batch.attempt, ...row })),
      )
      .execute();
  }
}

async function stageDeliveries(
  context: RunContext,
  batch: BatchRow,
  { deliveries }: Attempt,
): Promise<void> {
  for (const some of chunks(deliveries)) {
    await context.db
      .insertInto('lazaret.delivery')
      .values(
        some.map(({ sink, key, digest, bytes, items }) => ({
          id: crypto.randomUUID(),
          run: batch.run,
          batch: batch.id,
          attempt: batch.attempt,
          sink,
          key,
          digest,
          bytes,
          refs: toMultirange(items),
        })),
      )
      .execute();
  }
}

/** What goes on to the next stage, put together by its key where it re-cuts. */
async function stageParcels(
  context: RunContext,
  batch: BatchRow,
  onward: readonly Traveller[],
): Promise<void> {
  const next = context.pipeline.stages[batch.stage + 1];
  const groups = new Map<string | null, Traveller[]>();
  for (const traveller of onward) {
    const cut =
      next?.cut === undefined ? null : hashCut(context.key, next.cut(traveller.value as never));
    const group = groups.get(cut);
    if (group === undefined) groups.set(cut, [traveller]);
    else group.push(traveller);
  }
  for (const [cut, travellers] of groups) {
    for (const { refs, payload } of packParcels(context.key, travellers)) {
      await context.db
        .insertInto('lazaret.parcel')
        .values({
          run: batch.run,
          stage: batch.stage + 1,
          maker: batch.id,
          attempt: batch.attempt,
          cut,
          target: null,
          refs,
          payload,
        })
        .execute();
    }
  }
}

async function stageLots(
  context: RunContext,
  batch: BatchRow,
  lots: readonly OnwardLot[],
): Promise<void> {
  for (let from = 0; from < lots.length; from += LOTS_AT_ONCE) {
    await context.db
      .insertInto('lazaret.parcel')
      .values(
        lots.slice(from, from + LOTS_AT_ONCE).map((lot) => ({
          run: batch.run,
          stage: batch.stage + 1,
          maker: batch.id,
          attempt: batch.attempt,
          cut: lot.cut === null ? null : hashCut(context.key, lot.cut),
          target: null,
          lot: true,
          ...packLot(context.key, lot),
        })),
      )
      .execute();
  }
}

/** A lot may be large: few enough of them for one statement. */
const LOTS_AT_ONCE = 16;

function* chunks<Row>(rows: readonly Row[]): Generator<readonly Row[]> {
  for (let from = 0; from < rows.length; from += ROWS_AT_ONCE) {
    yield rows.slice(from, from + ROWS_AT_ONCE);
  }
}
