/** `lazaret logs`: the stored log, WARN and above and the life of runs and steps. */
import { readLog } from '../log/kept-log.ts';
import { EXIT, type Execute } from './command.ts';

export interface LogsInput {
  readonly run?: string;
  readonly incident?: string;
  readonly after?: number;
  readonly limit: number;
}

export const logs: Execute<LogsInput> = async ({ engine, store }, input) => {
  const events = await readLog(store.db, {
    limit: input.limit,
    ...(input.run === undefined ? {} : { run: (await engine.find(input.run)).id }),
    ...(input.incident === undefined ? {} : { incident: input.incident }),
    ...(input.after === undefined ? {} : { after: input.after }),
  });
  return {
    document: events.map(({ event }) => event),
    extra: { last: events.at(-1)?.id ?? input.after ?? 0 },
    exit: EXIT.complete,
  };
};
