import { createCatalogue } from '@lazaret/faults';
import { catalogueDefects } from '@lazaret/faults/testing';
import { expect, it } from 'vitest';
import { entries } from './codes.ts';

it('has texts for the codes of sinks that follow the rules of the catalogue', () => {
  expect(catalogueDefects(createCatalogue(entries))).toEqual([]);
});
