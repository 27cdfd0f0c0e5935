/**
 * Reads the text of a recipe of pydicom/deid: sections that begin with `%`, and within them one
 * action a line. Reading judges nothing but the form; `translate.ts` says what a line means here.
 *
 *     FORMAT dicom
 *     %header
 *     REMOVE endswith:Comments
 *     REPLACE StationName SCANNER
 */

/** A recipe is written by people. */
const MAX_LINES = 5_000;
const MAX_LINE_CHARACTERS = 2_000;

export interface RecipeAction {
  /** From 1. */
  readonly line: number;
  /** As it stands there, without comment. */
  readonly text: string;
  /** In capitals. */
  readonly action: string;
  /** Keyword, tag or expression. */
  readonly field: string;
  /** What stands behind the field; empty where nothing does. */
  readonly value: string;
}

/** A rule about whole images, with the criteria below it. */
export interface RecipeFilter {
  readonly line: number;
  readonly label: string;
  readonly criteria: readonly { readonly line: number; readonly text: string }[];
}

export interface DeidRecipe {
  readonly header: readonly RecipeAction[];
  /** Fields of each `%fields` section, by its name. */
  readonly fields: ReadonlyMap<string, readonly RecipeAction[]>;
  readonly filters: readonly RecipeFilter[];
  /** Lines that are not in the form of a recipe. */
  readonly problems: readonly string[];
}

const SECTIONS = ['header', 'filter', 'labels', 'fields', 'values'] as const;
type Section = (typeof SECTIONS)[number];

export function readDeidRecipe(text: string): DeidRecipe {
  const header: RecipeAction[] = [];
  const fields = new Map<string, RecipeAction[]>();
  const filters: { line: number; label: string; criteria: { line: number; text: string }[] }[] = [];
  const problems: string[] = [];
  let section: Section | null = null;
  let name = '';
  let format: string | null = null;
  const lines = text.replace(/^\uFEFF/, '').split(/\r\n|\r|\n/);
  if (lines.length > MAX_LINES) problems.push(`it has more than ${MAX_LINES} lines`);
  for (const [index, raw] of lines.slice(0, MAX_LINES).entries()) {
    const line = index + 1;
    if (raw.length > MAX_LINE_CHARACTERS) {
      problems.push(`line ${line}: is longer than ${MAX_LINE_CHARACTERS} characters`);
      continue;
    }
    const said = raw.replace(/(?:^|\s)#.*$/, '').trim();
    if (said === '') continue;
    const [word = '', ...rest] = said.split(/\s+/);
    if (/^format$/i.test(word) && section === null) {
      format = (rest[0] ?? '').toLowerCase();
      if (format !== 'dicom') problems.push(`line ${line}: only FORMAT dicom can be read`);
      continue;
    }
    if (word.startsWith('%')) {
      section = SECTIONS.find((known) => known === word.slice(1).toLowerCase()) ?? null;
      name = rest.join(' ');
      if (section === null) {
        problems.push(
          `line ${line}: ${shown(word)} is no section; there are %${SECTIONS.join(', %')}`,
        );
      }
      continue;
    }
    switch (section) {
      case null:
        if (problems.length === 0) problems.push(`line ${line}: stands before any section`);
        break;
      case 'filter':
        if (/^label$/i.test(word)) filters.push({ line, label: rest.join(' '), criteria: [] });
        else filters.at(-1)?.criteria.push({ line, text: said });
        if (filters.length === 0) problems.push(`line ${line}: stands before any LABEL`);
        break;
      case 'header':
        header.push({ line, text: said, ...actionOf(word, rest) });
        break;
      case 'fields':
        fields.set(name, [
          ...(fields.get(name) ?? []),
          { line, text: said, ...actionOf(word, rest) },
        ]);
        break;
      // Labels are notes to other programs; values count only where a header line asks for them.
      case 'labels':
      case 'values':
        break;
      default:
        section satisfies never;
    }
  }
  if (format === null) problems.unshift('it does not begin with FORMAT dicom');
  return { header, fields, filters, problems };
}

/** A tag may have a blank behind its comma: `(0008, 0050)`. */
function actionOf(
  action: string,
  rest: readonly string[],
): Pick<RecipeAction, 'action' | 'field' | 'value'> {
  const said = rest.join(' ');
  const tag = /^\([^)]*\)/.exec(said)?.[0];
  const field = tag ?? rest[0] ?? '';
  return {
    action: action.toUpperCase(),
    field: field.replace(/\s+/g, ''),
    value: said.slice(field.length).trim(),
  };
}

/** As far as anybody wants to see it. */
export function shown(text: string): string {
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
