/** Visits that people have judged otherwise than they stand: they are looked at again. */
import type { ProjectKey } from '../../../identity/keys.ts';
import type { KeptVisit } from '../history/kept-visit.ts';
import { standingOf, visitHash, type KnownAlert } from './alert.ts';

/**
 * Delivered, and a clearance of an alert was taken back; or waiting, recalled even, and all alerts
 * are cleared. Hardly any visit is asked for its hash: delivered ones only where somebody has taken
 * anything back at all.
 *
 * @param alerts what is known of the subjects at hand, by visit
 */
export function judgedOtherwise(
  key: ProjectKey,
  alerts: ReadonlyMap<string, readonly KnownAlert[]>,
): (kept: KeptVisit) => boolean {
  const isTakenBack = [...alerts.values()].some((some) => some.some(wasTakenBack));
  return (kept) => {
    const { standing } = kept;
    if (standing === 'failed' || (standing === 'delivered' && !isTakenBack)) return false;
    const raised = (alerts.get(visitHash(key, kept)) ?? []).filter(isRaised);
    return standing === 'delivered'
      ? raised.some(wasTakenBack)
      : raised.length > 0 && raised.every(isCleared);
  };
}

function isRaised({ standing }: KnownAlert): boolean {
  return standing === 'raised';
}

function wasTakenBack({ standing, clearance }: KnownAlert): boolean {
  return standing === 'raised' && clearance?.clear === false;
}

function isCleared({ clearance, state, ruleDigest }: KnownAlert): boolean {
  return standingOf(clearance, state, ruleDigest) === 'cleared';
}
