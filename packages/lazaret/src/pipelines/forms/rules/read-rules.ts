import { isAlias, LineCounter, parseAllDocuments, visit, type YAMLError } from 'yaml';
import { isRuleJson, type RuleJson, type RuleProblem } from './rule-json.ts';

/** Largest rule file that is read, characters. */
export const LARGEST_RULE_FILE = 20_000_000;

/** Most aliases (`*name`) in one file. Each repeats what it names, and repeats can be nested. */
const MOST_ALIASES = 100;

export type RuleReading =
  | { readonly ok: true; readonly content: RuleJson }
  | { readonly ok: false; readonly problems: readonly RuleProblem[] };

/**
 * Reads a rule file or a codes file: YAML 1.2, of which JSON is a part. A name that stands twice
 * in one mapping is refused; most readers keep the last one without a word.
 *
 * @param text the file's content, with or without a byte order mark
 */
export function readRules(text: string): RuleReading {
  if (text.length > LARGEST_RULE_FILE)
    return refused([`The file has more than ${LARGEST_RULE_FILE} characters.`]);
  const lines = new LineCounter();
  const documents = parseAllDocuments(text.replace(/^\uFEFF/, ''), {
    lineCounter: lines,
    prettyErrors: false,
    strict: true,
    uniqueKeys: true,
    stringKeys: true,
    version: '1.2',
    schema: 'core',
    merge: false,
  });
  const [document, ...others] = Array.isArray(documents) ? documents : [];
  if (document === undefined) return refused(['The file is empty.']);
  if (others.length > 0) return refused(['The file holds more than one document.']);
  const sentences = [...document.errors, ...document.warnings].map((error) =>
    sentenceOf(error, lines),
  );
  if (sentences.length > 0) return refused(sentences);
  let aliases = 0;
  visit(document, (_, node) => {
    if (isAlias(node)) aliases += 1;
  });
  if (aliases > MOST_ALIASES)
    return refused([`The file has more than ${MOST_ALIASES} aliases (*name); write them out.`]);
  return toContent(() => document.toJS({ maxAliasCount: MOST_ALIASES }) as unknown);
}

function toContent(build: () => unknown): RuleReading {
  const problems: RuleProblem[] = [];
  let content: unknown;
  try {
    content = build();
  } catch (error) {
    // The reader throws where aliases would unfold into more than the limit.
    if (!(error instanceof ReferenceError)) throw error;
    return refused(['An alias (*name) names nothing, or the aliases unfold into too much.']);
  }
  return isRuleJson(content, problems) ? { ok: true, content } : { ok: false, problems };
}

function refused(messages: readonly string[]): RuleReading {
  return { ok: false, problems: messages.map((message) => ({ pointer: '', message })) };
}

const SENTENCES: Readonly<Partial<Record<YAMLError['code'], string>>> = {
  DUPLICATE_KEY: 'The name that stands here stands twice in one mapping.',
  BAD_INDENT: 'The indentation does not fit what is around it.',
  TAB_AS_INDENT: 'A tab is used to indent; YAML wants spaces.',
  MISSING_CHAR: 'A character is missing, often a quote, a bracket or a comma.',
  UNEXPECTED_TOKEN: 'What stands here was not expected.',
};

function sentenceOf(error: YAMLError, lines: LineCounter): string {
  const { line, col } = lines.linePos(error.pos[0]);
  const sentence = SENTENCES[error.code] ?? `This is neither JSON nor YAML (${error.code}).`;
  return `Line ${line}, column ${col}: ${sentence}`;
}
