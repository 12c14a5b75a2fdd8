import { describe, expect, it } from 'vitest';
import { pluralOf, singularOf } from './words.ts';

describe('words', () => {
  it.each([
    ['Album', 'Albums'],
    ['invoice_line', 'invoice_lines'],
    ['MediaType', 'MediaTypes'],
    ['category', 'categories'],
    ['Day', 'Days'],
    ['address', 'addresses'],
    ['OrderStatus', 'OrderStatuses'],
    ['box', 'boxes'],
    ['movie', 'movies'],
    ['house', 'houses'],
    ['person', 'people'],
    ['SalesPerson', 'SalesPeople'],
    ['series', 'series'],
    ['index', 'indices'],
    ['batch', 'batches'],
    ['Sales for 1997', 'Sales for 1997'],
    ['_', '_'],
  ])('%s, %s', (singular, plural) => {
    expect([singularOf(plural), singularOf(singular)]).toEqual([singular, singular]);
    expect([pluralOf(singular), pluralOf(plural)]).toEqual([plural, plural]);
  });
  it('knows other plurals', () => expect([singularOf('indexes'), singularOf('news')]).toEqual(['index', 'news']));
});
