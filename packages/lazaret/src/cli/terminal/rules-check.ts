/** What there is to say to the author of rules, file by file, in the order of the lines. */
import { escapeText } from '@lazaret/faults';
import type { CheckedRules, PlacedRemark, RulesCheckDocument } from '../rules-check.ts';
import { countOf } from './number.ts';
import type { Style } from './style.ts';
import { renderTable, type Cell } from './table.ts';

export function renderRulesCheck({ checked }: RulesCheckDocument, style: Style): string {
  if (checked.length === 0) return 'No module of the study has rules.\n';
  return `${checked.map((one) => block(one, style)).join('\n\n')}\n`;
}

function block({ module, rules, codes, fields, remarks }: CheckedRules, style: Style): string {
  const errors = remarks.filter(({ level }) => level === 'error').length;
  const files = codes === undefined ? rules : `${rules} and ${codes}`;
  const name = `${module === null ? '' : `${module}: `}${escapeText(files)}`;
  const warnings = countOf(remarks.length - errors, 'warning');
  const [sign, verdict] =
    errors > 0
      ? [style.sign('rejected'), `cannot be used: ${countOf(errors, 'error')}, ${warnings}`]
      : [
          style.sign('delivered'),
          `${countOf(fields, 'field')} with rules, ${remarks.length === 0 ? 'nothing to say' : warnings}`,
        ];
  const head = `${sign} ${style.paint('bold', name)}   ${verdict}`;
  if (remarks.length === 0) return head;
  const table = renderTable(
    [
      { title: 'where' },
      { title: 'place', least: 16 },
      { title: '' },
      { title: 'what', wraps: true },
    ],
    remarks.map((remark): Cell[] => [
      whereText(remark),
      remark.pointer,
      { text: remark.level, colour: remark.level === 'error' ? 'red' : 'yellow' },
      remark.message,
    ]),
    style,
  );
  return `${head}\n\n${table.trimEnd()}`;
}

/** `line 14`; in the codes `codes, line 14`. */
function whereText({ file, line }: PlacedRemark): string {
  const place = line === null ? '' : `line ${line}`;
  return file === 'codes' ? ['codes', place].filter((part) => part !== '').join(', ') : place;
}
