/** Deepest nesting and most errors that are looked at; a chain of causes can be a circle. */
const DEEPEST = 8;
const MOST = 64;

/**
 * A thrown value and what it was caused by, outermost first: `cause` and the `errors` of an
 * AggregateError, followed breadth first, each error once.
 */
export function failureChain(thrown: unknown): readonly unknown[] {
  const chain: unknown[] = [];
  const seen = new Set<unknown>();
  let level: readonly unknown[] = [thrown];
  for (let depth = 0; depth < DEEPEST && level.length > 0; depth += 1) {
    const next: unknown[] = [];
    for (const failure of level) {
      if (seen.has(failure) || chain.length >= MOST) continue;
      seen.add(failure);
      chain.push(failure);
      const cause = propertyOf(failure, 'cause');
      if (cause !== undefined) next.push(cause);
      const errors: unknown = propertyOf(failure, 'errors');
      if (isList(errors)) next.push(...errors.slice(0, MOST));
    }
    level = next;
  }
  return chain;
}

/** `Array.isArray` would say `any[]`. */
function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value);
}

/**
 * A property of a foreign value. Getters that throw and revoked proxies count as absent: the
 * translation of an error must not fail with another one.
 */
export function propertyOf(value: unknown, name: string): unknown {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) {
    return undefined;
  }
  try {
    return Reflect.get(value, name);
  } catch {
    return undefined;
  }
}

/** A property that is a text, or null. */
export function textOf(value: unknown, name: string): string | null {
  const property = propertyOf(value, name);
  return typeof property === 'string' ? property : null;
}
