/** Visits that are judged beside each other: what is checked again when one of them changes. */
import type { VisitNeighbours } from '../../pipelines/forms/history/dependency.ts';
import { countOf } from './number.ts';
import { VISIT_WORDS } from './read-values.ts';

const STANDS: Readonly<Record<VisitNeighbours['standing'], string>> = {
  delivered: 'delivered',
  held: 'in review',
  recalled: 'recalled',
  failed: 'in review, with errors now',
};

/** More of them are counted only. */
const MOST_NAMED = 10;

export function neighbourFacts({ lookedAt, lookedAtBy }: VisitNeighbours): [string, string][] {
  return [
    ...lookedAt.map(({ which, module, item }): [string, string] => [
      VISIT_WORDS[which] ?? `the same visit of ${module}`,
      item === null
        ? 'there is none; when one comes, this visit is checked again'
        : `${item}; when it changes, this visit is checked again`,
    ]),
    ...(lookedAtBy.length === 0 ? [] : [lookedAtByFact(lookedAtBy)]),
  ];
}

function lookedAtByFact(by: VisitNeighbours['lookedAtBy']): [string, string] {
  const named = by
    .slice(0, MOST_NAMED)
    .map(({ item, module, standing }) => `${item} of ${module} (${STANDS[standing]})`)
    .join(', ');
  const more = by.length > MOST_NAMED ? ' and more' : '';
  const [are, they] = by.length === 1 ? ['is', 'it'] : ['are', 'they'];
  return [
    'looked at by',
    `${countOf(by.length, 'visit')}: ${named}${more}; when this one changes, ${they} ${are} checked again`,
  ];
}
