/**
 * The linter's plugin `house`: `rooms` (which room may import which) and `ambient` (time and
 * randomness come in as arguments). A plugin of our own because patterns on import paths cannot
 * tell `../http/x.ts` in a pipeline from one in the engine: what matters is where a path leads.
 */
import path from 'node:path';
import { complain, isTest, roomOf } from './house-rules.ts';

/** The part of the linter's interface that is used here. */
interface Node {
  readonly type: string;
  readonly source?: Node | null;
  readonly argument?: Node;
  readonly value?: unknown;
  readonly name?: string;
  readonly callee?: Node;
  readonly object?: Node;
  readonly property?: Node;
  readonly arguments?: readonly Node[];
}
interface Context {
  readonly filename: string;
  readonly cwd: string;
  report(complaint: { readonly node: Node; readonly message: string }): void;
}
type Visitor = Readonly<Record<string, (node: Node) => void>>;

function fileOf(context: Context): string {
  const file = path.relative(context.cwd, context.filename).replaceAll(path.sep, '/');
  // A checker of the rules lints snippets in a copy of the tree somewhere else.
  return file.replace(/^.*?(?=packages\/)/, '');
}

const rooms = {
  create(context: Context): Visitor {
    const file = fileOf(context);
    const check = (node: Node): void => {
      const specifier = node.source?.value;
      if (typeof specifier !== 'string') return;
      const message = complain(file, specifier);
      if (message !== null) context.report({ node, message });
    };
    return {
      ImportDeclaration: check,
      ExportNamedDeclaration: check,
      ExportAllDeclaration: check,
      ImportExpression: check,
      TSImportType: check,
    };
  },
};

/** Where a clock may be read and chance be asked: the edges that hand both inwards. */
const EDGES = new Set(['cli', 'main', 'lazaret.js']);

/** And the files that make the clock, or chance, that everything else is handed. */
const SOURCES = /\/(?:clock|random)\.ts$/;

const ambient = {
  create(context: Context): Visitor {
    const file = fileOf(context);
    const room = roomOf(file);
    if (room === null || EDGES.has(room) || isTest(file) || SOURCES.test(file)) return {};
    const report = (node: Node, what: string): void => {
      context.report({ node, message: `${what} is taken from the air; take it as an argument.` });
    };
    return {
      NewExpression(node) {
        if (node.callee?.name === 'Date' && node.arguments?.length === 0)
          report(node, 'The time (new Date())');
      },
      CallExpression(node) {
        const { object, property } = node.callee ?? {};
        if (object?.name === 'Date' && property?.name === 'now')
          report(node, 'The time (Date.now())');
        if (object?.name === 'Math' && property?.name === 'random')
          report(node, 'Chance (Math.random())');
      },
    };
  },
};

export default { meta: { name: 'house' }, rules: { rooms, ambient } };
