/** What people decided about alerts, as documents tell it: whether they are cleared, and by whom. */
import { sql } from 'kysely';
import type { Db } from '../../../store/open.ts';
import { standingOf } from '../alerts/alert.ts';

export interface AlertClearance {
  /** Whether a person has judged the alert, as it stands now, and let it pass. */
  readonly cleared: boolean;
  /** The first decision first. */
  readonly provenance: readonly {
    readonly by: string;
    readonly clear: boolean;
    readonly at: Date;
  }[];
}

const NOBODY: AlertClearance = { cleared: false, provenance: [] };
const KEYS_AT_ONCE = 1_000;

export async function findClearances(
  db: Db,
  project: string,
  keys: readonly string[],
): Promise<(key: string) => AlertClearance> {
  const found = new Map<string, AlertClearance>();
  for (let from = 0; from < keys.length; from += KEYS_AT_ONCE) {
    await addClearances(db, project, keys.slice(from, from + KEYS_AT_ONCE), found);
  }
  return (key) => found.get(key) ?? NOBODY;
}

async function addClearances(
  db: Db,
  project: string,
  keys: readonly string[],
  found: Map<string, AlertClearance>,
): Promise<void> {
  const decided = await sql<{ key: string; by: string; clear: boolean; at: Date }>`
    select key, by, clear, at from lazaret_forms.clearance
    where project = ${project} and key = any(${[...keys]}::text[])
    order by key, version`.execute(db);
  if (decided.rows.length === 0) return;
  const judged = await sql<{
    key: string;
    state: string;
    rule_digest: string;
    clear: boolean;
    cleared_state: string;
    cleared_rule: string;
  }>`
    select key, state, rule_digest, clear, cleared_state, cleared_rule from lazaret_forms.alert
    where project = ${project} and key = any(${[...keys]}::text[])
      and clear is not null`.execute(db);
  const standing = new Map(
    judged.rows.map(({ key, state, rule_digest, clear, cleared_state, cleared_rule }) => {
      const clearance = {
        ...{ clear, state: cleared_state, ruleDigest: cleared_rule },
        ...{ decision: '', reason: '', by: '', at: '' },
      };
      return [key, standingOf(clearance, state, rule_digest) === 'cleared'];
    }),
  );
  for (const [key, some] of Map.groupBy(decided.rows, (row) => row.key)) {
    const provenance = some.map(({ by, clear, at }) => ({ by, clear, at }));
    found.set(key, { cleared: standing.get(key) ?? false, provenance });
  }
}
