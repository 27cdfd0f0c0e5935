/**
 * How much of a file is looked at in one piece. A record has to fit into memory, and a file that is
 * none (one cell of 100 MB, a quote that is never closed) must not decide how much that is.
 */

/** A stretch has at most so many bytes: some thousand records. Twice the largest record, or more. */
export const MAX_STRETCH_BYTES = 2 * 1024 * 1024;

/** A longer record is rejected unread. */
export const MAX_RECORD_BYTES = 1024 * 1024;

/** A longer cell, or text in JSON, is no entry of a form. Eight times what a spreadsheet takes. */
export const MAX_CELL_BYTES = 256 * 1024;

/** As many as a spreadsheet has. */
export const MAX_COLUMNS = 16_384;

/** How far objects and lists may be nested in a record of JSON. */
export const MAX_DEPTH = 32;

/** What is wrong with one record is told up to so many findings. */
export const MAX_FINDINGS_A_RECORD = 100;
