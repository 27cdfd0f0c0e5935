import { toFault, type Catalogue, type Clock, type Fault } from '@lazaret/faults';
import type { Log } from '../log/log.ts';
import type { Store } from '../store/open.ts';
import { transition, type RunRow, type Transition } from '../store/runs.ts';
import type { DependencyOptions } from './dependencies.ts';
import { patiently } from './patience.ts';
import { reasonOf } from './reason.ts';
import type { Progress } from './run-context.ts';

/** Keeps the run's status true to its gates: paused while any of them is open. */
export function pauseKeeper(
  options: {
    readonly store: Pick<Store, 'db'>;
    readonly catalogue: Catalogue;
    readonly clock: Clock;
    readonly log: Log;
  },
  run: Pick<RunRow, 'id'>,
  progress: Progress,
): { readonly onGate: DependencyOptions['onGate']; settled(): Promise<void> } {
  const open = new Set<string>();
  let last = Promise.resolve();
  let broken: Fault | null = null;
  const onGate: DependencyOptions['onGate'] = (dependency, event, cause) => {
    if (event.type === 'opened') open.add(dependency.name);
    else if (event.type === 'closed') open.delete(dependency.name);
    else return;
    const paused = open.size > 0;
    progress.status(paused ? 'paused' : 'running', paused ? dependency.name : undefined);
    options.log
      .about('engine.gate', { run: run.id })
      .tell(paused ? 'Paused: a dependency is down.' : 'Going on: the dependency is back.', {
        dependency: dependency.name,
      });
    const change: Transition = {
      to: paused ? 'paused' : 'running',
      from: paused ? ['running'] : ['paused'],
      causedBy: `gate ${dependency.name}`,
      reason: paused && cause !== null ? reasonOf(options.catalogue, cause) : null,
      at: new Date(options.clock.now()),
    };
    last = last
      .then(() => patiently(null, () => transition(options.store.db, run.id, change)))
      .then(
        () => undefined,
        (error: unknown) => {
          broken ??= toFault(error);
        },
      );
  };
  return {
    onGate,
    async settled() {
      await last;
      if (broken !== null) throw broken;
    },
  };
}
