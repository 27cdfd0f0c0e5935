/**
 * The shape of a JSON value: types, counts and the names of keys that the interface has, and never a
 * value. An answer that went wrong may hold a patient anywhere, also as the name of a key, so other
 * keys are only counted.
 */

/** Characters: it is to be read by a person, in one line. */
const MAX_SHAPE_LENGTH = 400;
const MAX_DEPTH = 6;
/** Values of one kind that are looked at; answers can have hundreds of thousands. */
const MAX_LOOKED_AT = 10_000;

/**
 * Describes a value.
 *
 * @param knownKeys names that the interface defines, in the order in which they are told.
 * @example
 * describeShape({ results: [{ suid: '1' }, {}] }, ['results', 'suid']);
 * // '{results: list of 2 {suid in 1 of 2: text}}'
 */
export function describeShape(value: unknown, knownKeys: readonly string[]): string {
  const text = describeAll([value], knownKeys, 0);
  return text.length <= MAX_SHAPE_LENGTH ? text : `${text.slice(0, MAX_SHAPE_LENGTH - 1)}…`;
}

/** What values that stand in the same place have in common, and how often. */
function describeAll(
  values: readonly unknown[],
  knownKeys: readonly string[],
  depth: number,
): string {
  if (values.length === 0) return 'nothing';
  if (depth > MAX_DEPTH) return '…';
  const byType = Map.groupBy(values.slice(0, MAX_LOOKED_AT), typeOf);
  return [...byType]
    .map(([type, some]) => {
      const share = byType.size === 1 ? '' : ` ×${some.length}`;
      switch (type) {
        case 'list': {
          const elements = some.flatMap((list) => (Array.isArray(list) ? (list as unknown[]) : []));
          const inner =
            elements.length === 0 ? '' : ` ${describeAll(elements, knownKeys, depth + 1)}`;
          return `${some.length === 1 ? 'list' : 'lists'} of ${elements.length}${inner}${share}`;
        }
        case 'object':
          return `${describeObjects(some as object[], knownKeys, depth)}${share}`;
        default:
          return `${type}${share}`;
      }
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
    const share =
      having.length === objects.length ? '' : ` in ${having.length} of ${objects.length}`;
    const values = having.map((object): unknown => Reflect.get(object, key));
    return [`${key}${share}: ${describeAll(values, knownKeys, depth + 1)}`];
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
  switch (typeof value) {
    case 'string':
      return 'text';
    case 'boolean':
      return 'yes-or-no';
    default:
      return typeof value;
  }
}
