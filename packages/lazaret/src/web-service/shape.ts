/**
 * The shape of a JSON value: types, counts and the names of keys that the interface has, and never a
 * value. An answer that went wrong may hold a patient anywhere, also as the name of a key, so other
 * keys are only counted.
 */

/** Characters: it is read by a person, in one line, and messages are cut at this length. */
const MAX_SHAPE_LENGTH = 200;
const MAX_DEPTH = 6;
/** Values in one place that are looked at; answers can have hundreds of thousands. */
const MAX_LOOKED_AT = 10_000;

/**
 * Describes a value: `3 × {…}` is a list of three, `suid in 2 of 3` a key that one of three objects
 * lacks, and a key without a type is a text.
 *
 * @param knownKeys names that the interface defines, in the order in which they are told.
 * @example
 * describeShape({ results: [{ suid: '1', jitter: -3 }, {}] }, ['results', 'suid', 'jitter']);
 * // '{results: 2 × {suid in 1 of 2, jitter in 1 of 2: number}}'
 */
export function describeShape(value: unknown, knownKeys: readonly string[]): string {
  const text = describeAll([value], knownKeys, 0);
  return text.length <= MAX_SHAPE_LENGTH ? text : `${text.slice(0, MAX_SHAPE_LENGTH - 1)}…`;
}

/** What values that stand in the same place have in common. */
function describeAll(
  values: readonly unknown[],
  knownKeys: readonly string[],
  depth: number,
): string {
  if (depth > MAX_DEPTH) return '…';
  const byType = Map.groupBy(values.slice(0, MAX_LOOKED_AT), typeOf);
  return [...byType]
    .map(([type, some]) => {
      if (type === 'object') return describeObjects(some as object[], knownKeys, depth);
      if (type !== 'list') return type;
      const elements = some.flatMap((list) => (Array.isArray(list) ? (list as unknown[]) : []));
      const inner = elements.length === 0 ? '' : ` ${describeAll(elements, knownKeys, depth + 1)}`;
      return `${elements.length} ×${inner}`;
    })
    .join(' or ');
}

function describeObjects(
  objects: readonly object[],
  knownKeys: readonly string[],
  depth: number,
): string {
  const known = knownKeys.flatMap((key) => {
    const having = objects.filter((object) => Object.hasOwn(object, key));
    if (having.length === 0) return [];
    const all = having.length === objects.length;
    const share = all ? '' : ` in ${having.length} of ${objects.length}`;
    const values = having.map((object): unknown => Reflect.get(object, key));
    const type = describeAll(values, knownKeys, depth + 1);
    return [type === 'text' ? key + share : `${key}${share}: ${type}`];
  });
  const others = new Set(objects.flatMap((object) => Object.keys(object)));
  for (const key of knownKeys) others.delete(key);
  const rest =
    others.size === 0 ? [] : [`${others.size} other ${others.size === 1 ? 'key' : 'keys'}`];
  return `{${[...known, ...rest].join(', ')}}`;
}

function typeOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'list';
  if (typeof value === 'string') return 'text';
  return typeof value;
}
