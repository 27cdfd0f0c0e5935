/**
 * Every subschema of a schema and of the files beside it, and where references lead. The validator
 * resolves references for itself; this index is for what it does not tell: all that is missing at
 * once, what type a referred-to column has, which error belongs to which choice.
 */
import { isKeywords } from './plain-words.ts';
import { escapeName, namesOf } from './pointer.ts';

/** Where the schema itself is said to lie, so that names of files beside it can be resolved. */
export const SCHEMA_HOME = 'file:///schema.json';

/** Deepest nesting of a schema, and most subschemas in all. */
const DEEPEST_SCHEMA = 100;
const MOST_SUBSCHEMAS = 200_000;

const SINGLE = [
  ...['additionalItems', 'additionalProperties', 'contains', 'contentSchema', 'else', 'if'],
  ...['items', 'not', 'propertyNames', 'then', 'unevaluatedItems', 'unevaluatedProperties'],
];
const LISTS = ['allOf', 'anyOf', 'oneOf', 'prefixItems', 'items'];
const MAPS = [
  ...['$defs', 'definitions', 'properties', 'patternProperties', 'dependentSchemas'],
  'dependencies',
];
const REFERENCES = ['$ref', '$dynamicRef', '$recursiveRef'];

/** Keywords whose schemas see the same value: a circle of them never ends. */
const IN_PLACE = new Set(['allOf', 'anyOf', 'oneOf', 'not', 'if', 'then', 'else']);

type Node = Readonly<Record<string, unknown>>;

interface Standing {
  /** Pointer within its file, with the file's name before it where it is not the schema itself. */
  readonly place: string;
  readonly base: string;
}

export interface Subschema {
  readonly keyword: string;
  readonly path: string;
  readonly schema: unknown;
}

/** The schemas directly within a schema, with the pointer that leads to each. */
export function subschemasOf(node: Node): Subschema[] {
  const found: Subschema[] = [];
  for (const keyword of SINGLE) {
    const schema = node[keyword];
    if (isKeywords(schema)) found.push({ keyword, path: `/${keyword}`, schema });
  }
  for (const keyword of LISTS) {
    const list = node[keyword];
    if (!Array.isArray(list)) continue;
    list.forEach((schema: unknown, at) =>
      found.push({ keyword, path: `/${keyword}/${at}`, schema }),
    );
  }
  for (const keyword of MAPS) {
    const map = node[keyword];
    if (!isKeywords(map)) continue;
    for (const [name, schema] of Object.entries(map)) {
      if (!Array.isArray(schema))
        found.push({ keyword, path: `/${keyword}/${escapeName(name)}`, schema });
    }
  }
  return found;
}

export class SchemaIndex {
  readonly #standings = new Map<object, Standing>();
  readonly #targets = new Map<string, Node>();
  readonly #reachable = new WeakMap<object, ReadonlySet<object>>();
  readonly #names = new Set<string>();
  readonly #problems: string[] = [];
  #mostFields = 0;

  /** @param files the files beside the schema, by the name that a reference gives them. */
  constructor(root: Node, files: ReadonlyMap<string, Node>) {
    this.#add(root, '', SCHEMA_HOME);
    const home = this.baseOf(root);
    for (const [name, file] of files) this.#add(file, name, resolveUri(name, home) ?? name);
  }

  /** Limits that the schema is over. */
  get problems(): readonly string[] {
    return this.#problems;
  }

  /** Names of fields that the schema gives anywhere. */
  get names(): ReadonlySet<string> {
    return this.#names;
  }

  /** Fields of the schema that has most. */
  get mostFields(): number {
    return this.#mostFields;
  }

  get nodes(): Iterable<readonly [object, Standing]> {
    return this.#standings;
  }

  /** A pointer into a record, up to the first name that the schema does not have. */
  knownPart(pointer: string): string {
    const parts = pointer.split('/');
    const end = namesOf(pointer).findIndex((name) => !/^\d+$/.test(name) && !this.#names.has(name));
    return end < 0 ? pointer : parts.slice(0, end + 1).join('/');
  }

  baseOf(node: object): string {
    return this.#standings.get(node)?.base ?? SCHEMA_HOME;
  }

  /** What a reference that stands in a schema leads to; undefined where nothing is there. */
  readonly resolve = (reference: string, from: object): unknown => {
    const uri = resolveUri(reference, this.baseOf(from));
    if (uri === null) return undefined;
    const [file = '', fragment = ''] = splitFragment(uri);
    const anchored = this.#targets.get(fragment === '' ? file : `${file}#${fragment}`);
    if (anchored !== undefined) return anchored;
    const start = this.#targets.get(file);
    return start === undefined || !fragment.startsWith('/') ? undefined : follow(start, fragment);
  };

  /** References that lead nowhere, each with its place. */
  missing(isKnown: (uri: string) => boolean): string[] {
    return [...this.#unresolved()]
      .filter(({ uri }) => uri === null || !isKnown(splitFragment(uri)[0] ?? ''))
      .map(({ place, keyword, reference }) => {
        return `${place}/${keyword} refers to ${reference}, which is not there`;
      });
  }

  /** Addresses of the files that references lead to, and that are not here. */
  missingFiles(): string[] {
    const uris = [...this.#unresolved()].map(({ uri }) => splitFragment(uri ?? '')[0] ?? '');
    return [...new Set(uris)].filter((uri) => uri !== '' && !this.#targets.has(uri));
  }

  *#unresolved() {
    for (const [node, { place, base }] of this.#standings) {
      for (const keyword of REFERENCES) {
        const reference = (node as Node)[keyword];
        if (typeof reference !== 'string' || this.resolve(reference, node) !== undefined) continue;
        yield { place, keyword, reference, uri: resolveUri(reference, base) };
      }
    }
  }

  /** Schemas that lead back to themselves without going on in the data. */
  circles(): string[] {
    const done = new Set<object>();
    const open = new Set<object>();
    const told: string[] = [];
    const visit = (node: object): void => {
      if (done.has(node)) return;
      if (open.has(node)) {
        told.push(`${this.#placeOf(node)} refers back to itself without an end`);
        return;
      }
      open.add(node);
      for (const next of this.#inPlace(node as Node)) visit(next);
      open.delete(node);
      done.add(node);
    };
    for (const node of this.#standings.keys()) visit(node);
    return told;
  }

  /** All schemas that can say something when this one is applied, itself among them. */
  reachableFrom(start: object): ReadonlySet<object> {
    const known = this.#reachable.get(start);
    if (known !== undefined) return known;
    const reached = new Set<object>([start]);
    for (const node of reached) {
      for (const next of this.#next(node as Node)) if (isKeywords(next)) reached.add(next);
    }
    this.#reachable.set(start, reached);
    return reached;
  }

  #next(node: Node): unknown[] {
    return [...subschemasOf(node).map(({ schema }) => schema), ...this.#referred(node)];
  }

  #inPlace(node: Node): object[] {
    return [
      ...subschemasOf(node)
        .filter(({ keyword }) => IN_PLACE.has(keyword))
        .map(({ schema }) => schema),
      // What a dynamic reference leads to is only known when data are there.
      ...(typeof node['$ref'] === 'string' ? [this.resolve(node['$ref'], node)] : []),
    ].filter((next): next is Node => isKeywords(next));
  }

  #referred(node: Node): unknown[] {
    return REFERENCES.flatMap((keyword) => {
      const reference = node[keyword];
      return typeof reference === 'string' ? [this.resolve(reference, node)] : [];
    });
  }

  #placeOf(node: object): string {
    const place = this.#standings.get(node)?.place ?? '';
    return place === '' ? 'the schema' : place;
  }

  #add(root: Node, file: string, uri: string): void {
    const waiting: { node: Node; place: string; base: string; depth: number }[] = [
      { node: root, place: file === '' ? '' : `${file}#`, base: uri, depth: 0 },
    ];
    this.#targets.set(uri, root);
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      const { node, place, depth } = next;
      if (this.#standings.has(node)) continue;
      if (depth > DEEPEST_SCHEMA || this.#standings.size >= MOST_SUBSCHEMAS) {
        const limit =
          depth > DEEPEST_SCHEMA
            ? `is nested more than ${DEEPEST_SCHEMA} deep`
            : `is one subschema too many: at most ${MOST_SUBSCHEMAS}`;
        this.#problems.push(`${place} ${limit}`);
        return;
      }
      const base = this.#register(node, next.base);
      this.#standings.set(node, { place, base });
      const names = namesIn(node);
      this.#mostFields = Math.max(this.#mostFields, names.length);
      for (const name of names) this.#names.add(name);
      for (const { path, schema } of subschemasOf(node).reverse()) {
        if (isKeywords(schema))
          waiting.push({ node: schema, place: `${place}${path}`, base, depth: depth + 1 });
      }
    }
  }

  /** Writes down under which addresses a schema can be referred to; returns its own base. */
  #register(node: Node, around: string): string {
    const { $id: id, $anchor: anchor, $dynamicAnchor: dynamic } = node;
    let base = around;
    if (typeof id === 'string') {
      const uri = resolveUri(id, around);
      const [file = '', fragment = ''] = splitFragment(uri ?? around);
      base = file;
      this.#targets.set(fragment === '' ? file : `${file}#${fragment}`, node);
    }
    for (const name of [anchor, dynamic]) {
      if (typeof name === 'string') this.#targets.set(`${base}#${name}`, node);
    }
    return base;
  }
}

/** Names of fields that a schema gives, whether it says anything else of them or not. */
function namesIn({ properties, required, dependentRequired, dependencies }: Node): string[] {
  const maps = [properties, dependentRequired, dependencies].filter((map) => isKeywords(map));
  return [
    ...maps.flatMap((map) => Object.keys(map)),
    ...[required, ...maps.slice(1).flatMap((map) => Object.values(map))]
      .filter((list) => Array.isArray(list))
      .flatMap((list: readonly unknown[]) => list)
      .filter((name) => typeof name === 'string'),
  ];
}

function follow(start: unknown, pointer: string): unknown {
  let at: unknown = start;
  for (const key of namesOf(decodePercent(pointer))) {
    if (Array.isArray(at)) at = at[Number(key)];
    else if (isKeywords(at) && Object.hasOwn(at, key)) at = at[key];
    else return undefined;
  }
  return at;
}

/** Text with its per cent signs resolved. */
export function decodePercent(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // A stray per cent sign is taken for itself, as browsers do.
    return text;
  }
}

export function splitFragment(uri: string): readonly string[] {
  const at = uri.indexOf('#');
  return at < 0 ? [uri, ''] : [uri.slice(0, at), uri.slice(at + 1)];
}

export function resolveUri(reference: string, base: string): string | null {
  return URL.parse(reference, base)?.href ?? null;
}
