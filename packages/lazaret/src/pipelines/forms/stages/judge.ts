/**
 * *Judge*: the records of a group of subjects, each beside the other visits of its subject.
 *
 * The main thread fetches what is kept of the subjects (`judge-store.ts`), a worker thread does all
 * the rest (`judging/`), and the main thread delivers what is sound, tells the sink what does not
 * hold any more, and keeps what there is to remember.
 */
import type { LotFinish, LotWork } from '../../../engine/lot.ts';
import { deliverFiles, deliverNotices } from '../deliver.ts';
import { keepFound } from '../documents/file-table.ts';
import type { Judged } from '../judging/judged.ts';
import { judgeBatch } from '../judging/judgement.ts';
import { prepareAnswers, type PreparedAnswers } from '../lookups/prepare.ts';
import { unpackRecords } from '../record-lot.ts';
import type { FormsTools } from '../tools.ts';
import { removeUncounted } from '../uncounted-deliveries.ts';
import { fetchKept, isSeen, keepJudged, type FetchedHistory } from './judge-store.ts';

/** For the worker thread: what is kept of the subjects, and what was looked up. */
export interface Prepared extends FetchedHistory {
  readonly lookedUp: PreparedAnswers;
}

export const judge: LotWork<FormsTools> = {
  async prepare(batch, context): Promise<Prepared> {
    // Asked first: while a service is down, nothing else is held for it.
    const lookedUp = await prepareAnswers(batch, context);
    return { ...(await fetchKept(batch, context)), lookedUp };
  },
  // Whoever was silent for long may find that another run has gone on in its place.
  isCurrent: (prepared, context, db) => isSeen((prepared as Prepared).seen, context, db),
  work: (batch, context) => Promise.resolve(judgeBatch(batch, context)),
  async finish(result, context): Promise<LotFinish> {
    const { files, notices, ...judged } = result.kept as Judged;
    await keepJudged(judged, context);
    await keepFound(result, context);
    const deliveries = await deliverFiles(files, context);
    if (notices.length > 0) deliveries.push(await deliverNotices(notices, context));
    await removeUncounted(deliveries, context);
    return { deliveries };
  },
  arrivalsOf: (lot) => unpackRecords(lot),
};
