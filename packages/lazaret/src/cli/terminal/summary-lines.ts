/** The lines of the summary: sign, word, count and notes, aligned over all of them. */
import { formatCount } from './number.ts';
import { colourOfStanding, type Colour, type Standing, type Style } from './style.ts';
import { displayWidth, pad, wrap } from './text-width.ts';

export interface Line {
  readonly sign: string;
  readonly label: string;
  readonly colour: Colour;
  /** Right-aligned with the counts of the other lines. */
  readonly count: string;
  readonly notes: readonly string[];
}

/** Where the counts begin: indent, sign, space, the longest label, gap. */
const LABEL_WIDTH = 9;
export const COUNT_AT = 2 + 2 + LABEL_WIDTH + 2;

/** Room that notes need beside the counts; with less they go below. */
const LEAST_NOTES = 24;

export function plainLine(label: string, count: string): Line {
  return { sign: ' ', label, colour: 'plain', count, notes: [] };
}

export function standingLine(
  standing: Standing,
  count: number,
  notes: readonly string[],
  style: Style,
): Line {
  return {
    sign: style.sign(standing),
    label: standing,
    colour: count === 0 ? 'plain' : colourOfStanding(standing),
    count: formatCount(count),
    notes,
  };
}

export function countWidth(lines: readonly Line[]): number {
  return Math.max(0, ...lines.map(({ count }) => count.length));
}

export function layLines(lines: readonly Line[], style: Style): string[] {
  return layEach(lines, style).flat();
}

/** The lines as texts, each of them one or more. Counts and notes begin at the same columns. */
export function layEach(lines: readonly Line[], style: Style): string[][] {
  const width = countWidth(lines);
  const notesAt = COUNT_AT + (width === 0 ? 0 : width + 3);
  const isNarrow = style.width - notesAt < LEAST_NOTES;
  const indent = isNarrow ? 4 : notesAt;
  return lines.map((line) => {
    const label = style.paint(line.colour, line.label);
    const gap = ' '.repeat(LABEL_WIDTH - line.label.length);
    const head = `  ${line.sign} ${label}${gap}  ${pad(line.count, width, 'right')}`;
    const notes = joinNotes(line.notes, style, style.width - indent);
    const [first = ''] = notes;
    if (isNarrow && (notes.length > 1 || displayWidth(bare(first)) > style.width - notesAt)) {
      return [head.trimEnd(), ...notes.map((note) => `${' '.repeat(indent)}${note}`)];
    }
    return notes.map((note, at) =>
      (at === 0
        ? `${head}${width === 0 ? '' : '   '}${note}`
        : `${' '.repeat(indent)}${note}`
      ).trimEnd(),
    );
  });
}

/** Notes one after the other; a line that is full ends between two of them where it can. */
function joinNotes(notes: readonly string[], style: Style, width: number): string[] {
  const separator = ` ${style.marks.dot} `;
  const lines: string[] = [];
  let line = '';
  for (const note of notes) {
    const joined = line === '' ? note : `${line}${separator}${note}`;
    if (line !== '' && displayWidth(bare(joined)) > width) {
      lines.push(line);
      line = note;
    } else line = joined;
    if (displayWidth(bare(line)) > width) {
      // Breaking loses the colour of what is broken, and nothing that is not in the words.
      const broken = wrap(bare(line), width);
      lines.push(...broken.slice(0, -1));
      line = broken.at(-1) ?? '';
    }
  }
  return [...lines, line];
}

/** A text without the colours that `paint` gave it. Data has none: it was escaped before. */
function bare(text: string): string {
  return text.replace(/\u001b\[[\d;]*m/g, '');
}
