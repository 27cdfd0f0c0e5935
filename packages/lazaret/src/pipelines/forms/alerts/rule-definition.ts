/** A rule as its author wrote it, from the configuration of a run. */
import { indexesOf } from '../rules/check-rules.ts';
import type { Alert } from './alert-selection.ts';

/**
 * The definition of an alert's rule; of a list of constraints the one that the alert is about. Null
 * where the run has no such rule.
 */
export function ruleDefinition(
  configuration: unknown,
  { module, field, rule }: Pick<Alert, 'module' | 'field' | 'rule'>,
): unknown {
  const study = at(configuration, 'study');
  const modules = at(study, 'modules');
  const known: readonly unknown[] = Array.isArray(modules) ? modules : [];
  const own = known.find((one) => at(one, 'name') === module);
  const [, name = '', index] = /^([^[]*)(?:\[(\d+)\])?/.exec(rule) ?? [];
  const definition = at(at(at(own, 'rules'), field), name);
  // Constraints carry an index of their own, or the next one.
  const one: unknown =
    index !== undefined && Array.isArray(definition)
      ? definition[indexesOf(definition).indexOf(Number(index))]
      : definition;
  return one ?? null;
}

function at(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  return Object.hasOwn(value, name) ? (value as Record<string, unknown>)[name] : undefined;
}
