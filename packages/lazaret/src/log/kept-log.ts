/** Log events in the store: WARN and above, and the life of runs and steps. */
import { isLogEvent } from './kept-event.ts';
import type { LogEvent } from '@lazaret/faults';
import type { Db } from '../store/open.ts';

export interface KeptLog {
  readonly keep: (event: LogEvent) => void;
  /** Writes what has gathered. Called at every heartbeat and at the end. */
  flush(db: Db): Promise<void>;
}

/** Events that wait for the store at most; beyond that the count of what was left out is kept. */
const MAX_WAITING = 10_000;
const ROWS_AT_ONCE = 500;

export function createKeptLog(): KeptLog {
  let waiting: LogEvent[] = [];
  let leftOut = 0;
  return {
    keep(event) {
      if (waiting.length < MAX_WAITING) waiting.push(event);
      else leftOut += 1;
    },
    async flush(db) {
      const events = waiting;
      waiting = [];
      const last = events.at(-1);
      if (leftOut > 0 && last !== undefined) {
        events.push({
          time: last.time,
          level: 'warn',
          logger: 'lazaret.log',
          message: 'Events were left out of the stored log, because it could not keep up.',
          parameters: { events: leftOut },
        });
        leftOut = 0;
      }
      for (let from = 0; from < events.length; from += ROWS_AT_ONCE) {
        const some = events.slice(from, from + ROWS_AT_ONCE);
        await db
          .insertInto('lazaret.log')
          .values(
            some.map((event) => ({
              at: new Date(event.time),
              level: event.level,
              run: event.run ?? null,
              incident: event.incident ?? null,
              event: JSON.stringify(event),
            })),
          )
          .execute()
          .catch((error: unknown) => {
            // They wait for the next time: the store is away at the very moments that matter.
            waiting = [...events.slice(from), ...waiting].slice(0, MAX_WAITING);
            throw error;
          });
      }
    },
  };
}

export interface LogQuery {
  readonly run?: string;
  readonly incident?: string;
  /** Only events behind this id. */
  readonly after?: number;
  readonly limit: number;
}

/** Stored events, oldest first. */
export async function readLog(
  db: Db,
  query: LogQuery,
): Promise<readonly { readonly id: number; readonly event: LogEvent }[]> {
  let select = db.selectFrom('lazaret.log').select(['id', 'event']);
  if (query.run !== undefined) select = select.where('run', '=', query.run);
  if (query.incident !== undefined) select = select.where('incident', '=', query.incident);
  if (query.after !== undefined) select = select.where('id', '>', query.after);
  const rows = await select
    .orderBy('id', query.after === undefined ? 'desc' : 'asc')
    .limit(query.limit)
    .execute();
  if (query.after === undefined) rows.reverse();
  return rows.flatMap(({ id, event }) => (isLogEvent(event) ? [{ id, event }] : []));
}
