/** What a policy would change, on a terminal: first how items would stand, then their elements. */
import type { Disposition } from '@lazaret/faults';
import type { Standing } from '../../pipelines/imaging/policy-try/differences.ts';
import type { TrialDocument } from '../policy-try.ts';
import { countOf, formatCount } from './number.ts';
import type { ListContext } from './rows.ts';
import { renderTable, type Cell } from './table.ts';
import { wrap } from './text-width.ts';
import { codeInWords } from './words.ts';

/** More rows nobody reads on a terminal; `--json` has all. */
const MAX_ROWS = 60;

const DISPOSITIONS: readonly Disposition[] = [
  'delivered',
  'held',
  'rejected',
  'skipped',
  'duplicate',
];

export function renderTrial(trial: TrialDocument, context: ListContext): string {
  const { style } = context;
  const { before, after } = trial.policies;
  const subject = trial.run === null ? 'a folder' : `run ${trial.run}`;
  const names = `${before.name} ${before.version} ${style.marks.arrow} ${after.name} ${after.version}`;
  return `${[
    `${style.paint('bold', names)}   on ${subject}`,
    ...basis(trial, context),
    '',
    ...dispositions(trial, context),
    '',
    ...elements(trial, context),
    '',
    'Nothing was changed.',
  ].join('\n')}\n`;
}

/** What was looked at, and what was not. */
function basis({ files, every }: TrialDocument, { style }: ListContext): readonly string[] {
  const { listed, tried, vanished, changed } = files;
  const said = [
    every === 1
      ? `${countOf(tried, 'file')} tried.`
      : `${countOf(tried, 'file')} tried, one in ${formatCount(every)} of ${formatCount(listed)}: the figures are those of this sample.`,
    ...(vanished === 0 ? [] : [`${countOf(vanished, 'file')} not there any more.`]),
    ...(changed === 0
      ? []
      : [`${countOf(changed, 'file')} left out: changed since the run, or not part of it.`]),
    'Repeats and conflicts between images are not looked for.',
  ];
  return wrap(said.join(' '), style.width);
}

function dispositions(trial: TrialDocument, context: ListContext): string[] {
  const { style } = context;
  const rows = DISPOSITIONS.flatMap((disposition): Cell[][] => {
    const before = trial.before[disposition] ?? 0;
    const after = trial.after[disposition] ?? 0;
    if (before + after === 0) return [];
    const difference = after - before;
    const sign = difference > 0 ? '+' : '';
    return [
      [disposition, before, after, difference === 0 ? '' : `${sign}${formatCount(difference)}`],
    ];
  });
  const counts = renderTable(
    [
      { title: 'images' },
      { title: 'before', align: 'right' },
      { title: 'after', align: 'right' },
      { title: '', align: 'right' },
    ],
    rows,
    style,
  ).trimEnd();
  if (trial.changed.length === 0) return [counts, '', 'Every image would stand as it does.'];
  const changed = renderTable(
    [{ title: 'before' }, { title: 'after' }, { title: 'images', align: 'right' }],
    trial.changed.map(({ before, after, items }): Cell[] => [
      standing(before, context),
      standing(after, context),
      items,
    ]),
    style,
  ).trimEnd();
  return [counts, '', style.paint('bold', 'Would stand otherwise'), changed];
}

function standing({ disposition, code }: Standing, { catalogue }: ListContext): string {
  if (code === null) return disposition;
  const { id, words } = codeInWords(catalogue, code);
  return `${disposition}: ${words} (${id})`;
}

function elements(trial: TrialDocument, { style }: ListContext): string[] {
  const { elements: all, imagesChanged, elementsLeftOff } = trial;
  if (all.length === 0) return ['No element of an image that goes out would change.'];
  const rows = all
    .toSorted((a, b) => b.images - a.images)
    .slice(0, MAX_ROWS)
    .map(({ tag, keyword, vr, before, after, images, example }): Cell[] => [
      tag,
      keyword,
      vr,
      `${before} ${style.marks.arrow} ${after}`,
      images,
      example.modality,
    ]);
  const left = all.length - rows.length + elementsLeftOff;
  return [
    style.paint('bold', `Would go out with other content: ${countOf(imagesChanged, 'image')}`),
    renderTable(
      [
        { title: 'tag' },
        { title: 'element', least: 12 },
        { title: 'vr', leaves: 1 },
        { title: 'what is done', least: 12 },
        { title: 'images', align: 'right' },
        { title: 'such as', leaves: 2 },
      ],
      rows,
      style,
    ).trimEnd(),
    ...(left === 0 ? [] : [`and ${formatCount(left)} more, which --json has`]),
  ];
}
