/** How fast work goes: by batch, by run, by day. Megabytes are millions of bytes received. */
import { sql } from 'kysely';
import type { Db } from '../store/open.ts';

const SECONDS_PER_HOUR = 3_600;
const BYTES_PER_MEGABYTE = 1_000_000;

/** Null where no bytes, or no time, would make a rate that says nothing. */
export function megabytesPerHour(bytes: number, seconds: number): number | null {
  if (bytes <= 0 || seconds <= 0) return null;
  return Math.round(((bytes / BYTES_PER_MEGABYTE) * SECONDS_PER_HOUR * 10) / seconds) / 10;
}

/** What is measured of every batch: instants in seconds since 1970, as floats. */
export interface BatchTimes {
  readonly StartTime: number;
  readonly FinishTime: number;
  /** Seconds. */
  readonly ElapsedTime: number;
  readonly SizeBytes: number;
}

export function batchTimes(
  batch: { readonly started_at: Date | null; readonly bytes: number },
  finished: Date,
): BatchTimes {
  const startMs = (batch.started_at ?? finished).getTime();
  return {
    StartTime: startMs / 1_000,
    FinishTime: finished.getTime() / 1_000,
    ElapsedTime: (finished.getTime() - startMs) / 1_000,
    SizeBytes: batch.bytes,
  };
}

/** What the runs that began on one day came to. */
export interface Day {
  /** Civil date, UTC. */
  readonly day: string;
  readonly runs: number;
  readonly items: number;
  readonly delivered: number;
  readonly held: number;
  readonly bytes: number;
  /** Time at work of all runs, pauses included; runs side by side count each. */
  readonly workSeconds: number;
  readonly megabytesPerHour: number | null;
}

/** Days with runs, the newest first. */
export async function throughputByDay(db: Db, project: string, limit: number): Promise<Day[]> {
  const { rows } = await sql<Omit<Day, 'megabytesPerHour'>>`
    select to_char(created_at at time zone 'UTC', 'YYYY-MM-DD') as day,
      count(*)::bigint as runs,
      sum(next_item - 1)::bigint as items,
      sum(coalesce((counters->>'delivered')::bigint, 0))::bigint as delivered,
      sum(coalesce((counters->>'held')::bigint, 0))::bigint as held,
      sum(bytes)::bigint as bytes,
      sum(elapsed_ms)::float8 / 1000 as "workSeconds"
    from lazaret.run where project = ${project}
    group by 1 order by 1 desc limit ${limit}`.execute(db);
  return rows.map((row) => ({
    ...row,
    megabytesPerHour: megabytesPerHour(row.bytes, row.workSeconds),
  }));
}
