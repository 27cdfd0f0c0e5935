/**
 * The queue: pg-boss says who works when, and nothing else. A job names a batch and the attempt
 * that it expects; whether the batch still waits for that attempt is the batch row's to say.
 */
import { fromKysely, PgBoss } from 'pg-boss';
import { sql, type Kysely } from 'kysely';
import type { Store } from '../store/open.ts';
import type { Trx } from '../store/runs.ts';
import type { Tables } from '../store/tables.ts';

export interface BatchJob {
  readonly batch: string;
  /** The attempt that the batch has reached; the job is stale when it has another. */
  readonly attempt: number;
}

export interface ClaimedJob extends BatchJob {
  readonly job: string;
}

export interface Queue {
  /** Makes the queue of a run. */
  open(run: string): Promise<void>;
  /** Enqueues within the caller's transaction. */
  send(trx: Trx, run: string, jobs: readonly BatchJob[]): Promise<void>;
  claim(run: string): Promise<ClaimedJob | null>;
  complete(run: string, job: string): Promise<void>;
  /** Removes what is left of a run's queue. */
  close(run: string): Promise<void>;
  stop(): Promise<void>;
}

/**
 * An attempt has no time limit of its own: a large batch may take hours, and giving its job to a
 * second worker too early is the worse mistake. A dead worker's batches are taken up by resuming.
 */
const EXPIRE_SECONDS = 24 * 60 * 60 - 1;

export async function openQueue(store: Store, onError: (error: unknown) => void): Promise<Queue> {
  const db: Kysely<Tables> = store.db;
  const boss = new PgBoss({
    db: {
      executeSql: async (text: string, values?: unknown[]) => {
        // pg-boss installs its schema with several statements in one query.
        const result = await fromKysely(db).executeSql(text, values);
        return result;
      },
    },
    backend: store.kind,
    schema: 'lazaret_queue',
    schedule: false,
    supervise: false,
    persistWarnings: false,
    persistQueueStats: false,
  });
  boss.on('error', onError);
  await boss.start();
  return {
    async open(run) {
      await boss.createQueue(queueName(run), { retryLimit: 0, expireInSeconds: EXPIRE_SECONDS });
      // pg-boss looks a queue up beside the caller's transaction the first time, and the embedded
      // store has one session: within a transaction it would wait for itself. So it looks now.
      await boss.insert(queueName(run), []);
    },
    async send(trx, run, jobs) {
      for (let from = 0; from < jobs.length; from += SEND_AT_ONCE) {
        const some = jobs.slice(from, from + SEND_AT_ONCE);
        await boss.insert(
          queueName(run),
          some.map(({ batch, attempt }) => ({ data: { batch, attempt } })),
          { db: fromKysely(trx) },
        );
      }
    },
    async claim(run) {
      const [job] = await boss.fetch<BatchJob>(queueName(run), { batchSize: 1 });
      return job === undefined ? null : { ...job.data, job: job.id };
    },
    async complete(run, job) {
      await boss.complete(queueName(run), job);
    },
    async close(run) {
      const { rows } =
        await sql`select 1 from lazaret_queue.queue where name = ${queueName(run)}`.execute(db);
      if (rows.length > 0) await boss.deleteQueue(queueName(run));
    },
    async stop() {
      await boss.stop({ graceful: false, close: false });
    },
  };
}

const SEND_AT_ONCE = 500;

function queueName(run: string): string {
  return `run-${run}`;
}
