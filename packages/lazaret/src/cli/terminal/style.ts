/**
 * Colours and signs. A colour means something and is never alone: whoever sees none reads the same
 * from the sign and the word.
 */
import type { FindingType, LogLevel } from '@lazaret/faults';
import type { BatchStatus, FinalDisposition, RunStatus } from '../../store/tables.ts';

export type Colour = 'green' | 'yellow' | 'red' | 'grey' | 'blue-grey' | 'bold' | 'plain';

/** How an item stands, `pending` included. */
export type Standing = FinalDisposition | 'pending';

/** The marks of the page, apart from the signs of dispositions. */
export interface Marks {
  readonly arrow: string;
  readonly dot: string;
  readonly ellipsis: string;
  readonly rule: string;
  /** From one eighth of a cell to the whole of it; a single mark where there are no eighths. */
  readonly bar: readonly string[];
}

export interface StyleOptions {
  readonly colour: boolean;
  readonly unicode: boolean;
  /** Columns; Infinity where the output is not a terminal. */
  readonly width: number;
}

export interface Style extends StyleOptions {
  readonly marks: Marks;
  paint(colour: Colour, text: string): string;
  /** The sign of a disposition, one column wide, in its colour. */
  sign(standing: Standing): string;
}

/**
 * Greys are of the fixed part of the 256 colours: "bright black" is the background itself in some
 * themes. Green, yellow and red are the theme's own, which are made to be read on its background.
 */
const CODES: Readonly<Record<Exclude<Colour, 'plain'>, readonly [string, string]>> = {
  green: ['32', '39'],
  yellow: ['33', '39'],
  red: ['31', '39'],
  grey: ['38;5;244', '39'],
  'blue-grey': ['38;5;67', '39'],
  bold: ['1', '22'],
};

const UNICODE_MARKS: Marks = {
  arrow: '→',
  dot: '·',
  ellipsis: '…',
  rule: '─',
  bar: ['▏', '▎', '▍', '▌', '▋', '▊', '▉', '█'],
};
const ASCII_MARKS: Marks = { arrow: '->', dot: '|', ellipsis: '...', rule: '-', bar: ['#'] };

const SIGNS: Readonly<Record<Standing, { unicode: string; ascii: string; colour: Colour }>> = {
  delivered: { unicode: '✓', ascii: '+', colour: 'green' },
  held: { unicode: '◼', ascii: '#', colour: 'yellow' },
  rejected: { unicode: '✕', ascii: 'x', colour: 'red' },
  skipped: { unicode: '–', ascii: '-', colour: 'grey' },
  duplicate: { unicode: '⧉', ascii: '=', colour: 'blue-grey' },
  pending: { unicode: '…', ascii: '.', colour: 'plain' },
};

export function createStyle({ colour, unicode, width }: StyleOptions): Style {
  const paint = (name: Colour, text: string): string => {
    if (!colour || name === 'plain' || text === '') return text;
    const [on, off] = CODES[name];
    return `\u001b[${on}m${text}\u001b[${off}m`;
  };
  return {
    colour,
    unicode,
    width,
    marks: unicode ? UNICODE_MARKS : ASCII_MARKS,
    paint,
    sign: (standing) => {
      const sign = SIGNS[standing];
      return paint(sign.colour, unicode ? sign.unicode : sign.ascii);
    },
  };
}

export function colourOfStanding(standing: Standing): Colour {
  return SIGNS[standing].colour;
}

export function colourOfType(type: FindingType): Colour {
  return type === 'error' ? 'red' : type === 'alert' ? 'yellow' : 'grey';
}

export function colourOfLevel(level: LogLevel): Colour {
  switch (level) {
    case 'fatal':
    case 'error':
      return 'red';
    case 'warn':
      return 'yellow';
    case 'info':
      return 'plain';
    case 'debug':
    case 'trace':
      return 'grey';
  }
}

/** Yellow is for what waits: for a person who resumes a run, or for a dependency that is down. */
export function colourOfRun(status: RunStatus): Colour {
  switch (status) {
    case 'complete':
      return 'green';
    case 'failed':
      return 'red';
    case 'paused':
    case 'interrupted':
    case 'stop-requested':
      return 'yellow';
    case 'new':
    case 'running':
      return 'plain';
  }
}

export function colourOfBatch(status: BatchStatus): Colour {
  switch (status) {
    case 'done':
      return 'green';
    case 'error':
      return 'red';
    case 'empty':
      return 'grey';
    case 'queued':
    case 'processing':
      return 'plain';
  }
}
