/**
 * The columns of PS3.15 Annex E, Table E.1-1, as the facts file writes them: the action of the
 * Basic Profile, then one `letter=code` for each option that says something else.
 */

/** Letter in the facts file, by the column's key in published renderings of the table. */
export const OPTION_COLUMNS = {
  rtnSafePrivOpt: 'P',
  rtnUIDsOpt: 'U',
  rtnDevIdOpt: 'V',
  rtnInstIdOpt: 'I',
  rtnPatCharsOpt: 'H',
  rtnLongFullDatesOpt: 'F',
  rtnLongModifDatesOpt: 'M',
  cleanDescOpt: 'D',
  cleanStructContOpt: 'S',
  cleanGraphOpt: 'G',
} as const;

export type OptionLetter = (typeof OPTION_COLUMNS)[keyof typeof OPTION_COLUMNS];

/** Tag pattern, attribute name, action of the Basic Profile, `letter=code` of the options. */
export type ProfileLine = readonly [tag: string, name: string, basic: string, options: string];

/** One attribute as published renderings of the table give it. */
export type PublishedAttribute = Readonly<Record<string, string>>;

/**
 * Brings a published entry into the form of the facts file.
 *
 * @param entry - with `tag`, `name`, `basicProfile` and the option columns that are filled.
 * @returns the line; its tag has eight hexadecimal digits, or `x` in a repeating group, or is
 *   `odd` for the rule about private attributes.
 */
export function toProfileLine(entry: PublishedAttribute): ProfileLine {
  const published = entry['tag'] ?? '';
  const tag = /ODD$/i.test(published)
    ? 'odd'
    : published.replace(/[(),]/g, '').toUpperCase().replaceAll('X', 'x');
  // Footnote marks and line breaks belong to the page and not to the attribute's name.
  const name = (entry['name'] ?? '').split(/\s*[\r\n(]\s*see note/i)[0]?.replace(/\s+/g, ' ') ?? '';
  const options = Object.entries(OPTION_COLUMNS).flatMap(([key, letter]) => {
    const code = entry[key];
    return code === undefined ? [] : [`${letter}=${code}`];
  });
  return [tag, name.trim(), entry['basicProfile'] ?? '', options.join(' ')];
}
