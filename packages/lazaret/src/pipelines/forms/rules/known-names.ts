import { nearestName } from '@lazaret/faults';
import { refuse, type RulePlace } from './rule.ts';
import { pointTo, type RuleMapping } from './rule-json.ts';

/** Refuses every name in a mapping that is not known, with the nearest one that is. */
export function refuseUnknownNames(
  given: RuleMapping,
  known: readonly string[],
  place: RulePlace,
  pointer = place.pointer,
): boolean {
  const unknown = Object.keys(given).filter((name) => !known.includes(name));
  for (const name of unknown) {
    const nearest = nearestName(name, known);
    const hint = nearest === null ? `Known are ${known.join(', ')}.` : `Did you mean "${nearest}"?`;
    refuse(place, `"${name}" has no meaning here. ${hint}`, pointTo(pointer, name));
  }
  return unknown.length > 0;
}
