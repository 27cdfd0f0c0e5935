/** The record of a look at what may name a patient: written before the look is taken. */
import type { Application } from '../main.ts';

export interface Reveal {
  readonly project: string;
  readonly user: string;
  readonly reason: string | null;
  /** What was looked at, without anything of it. */
  readonly selection: unknown;
  readonly items: readonly { readonly run: string; readonly no: number }[];
}

/** Records the look as a decision. Returns the decision's id. */
export async function recordReveal(
  { store, clock }: Application,
  { project, user, reason, selection, items }: Reveal,
): Promise<string> {
  const decision = crypto.randomUUID();
  await store.db.transaction().execute(async (trx) => {
    await trx
      .insertInto('lazaret.decision')
      .values({
        id: decision,
        project,
        kind: 'reveal',
        by: user,
        at: new Date(clock.now()),
        reason,
        selection: JSON.stringify(selection),
        run: null,
      })
      .execute();
    if (items.length === 0) return;
    await trx
      .insertInto('lazaret.decision_item')
      .values(items.map(({ run, no }) => ({ decision, run, no, code: null })))
      .execute();
  });
  return decision;
}
