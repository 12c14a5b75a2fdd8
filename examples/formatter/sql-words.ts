const setOf = (words: string): ReadonlySet<string> => new Set(words.split(' '));

/**
 * Words whose letters may change: reserved in every dialect, so that none can be the name of something, or only met where a name cannot be.
 * Names of types and functions are left as they are.
 */
export const keywords: ReadonlySet<string> = setOf(
  'ADD ALL ALTER ANALYZE AND ANY AS ASC BETWEEN BY CASCADE CASE CHECK COLLATE COLUMN CONSTRAINT CREATE CROSS DATABASE DEFAULT DELETE DESC ' +
    'DISTINCT DROP EACH ELSE END EXCEPT EXISTS EXPLAIN FETCH FOR FOREIGN FROM FULL GRANT GROUP HAVING ILIKE IN INDEX INNER INSERT ' +
    'INTERSECT INTO IS JOIN KEY LATERAL LEFT LIKE LIMIT NATURAL NOT NULL OFFSET ON OR ORDER OUTER OVER PARTITION PRIMARY RECURSIVE ' +
    'REFERENCES RETURNING REVOKE RIGHT ROLLBACK SELECT SET SOME TABLE THEN TO TRIGGER UNION UNIQUE UPDATE USING VALUES VIEW WHEN WHERE ' +
    'WINDOW WITH',
);

/** Keywords before which, and behind which, a bracket stands apart. */
export const apart: ReadonlySet<string> = setOf(
  'ALL AND ANY AS BETWEEN BY CASE CHECK DISTINCT ELSE EXCEPT EXISTS FROM HAVING IN INTERSECT IS JOIN LATERAL LIKE ILIKE LIMIT NOT OFFSET ' +
    'ON OR OVER RETURNING SELECT SET SOME THEN UNION USING VALUES WHEN WHERE WITH',
);

/** First words of a statement that is laid out over lines. Others stay on one. */
export const laidOut: ReadonlySet<string> = setOf('SELECT WITH INSERT UPDATE DELETE VALUES EXPLAIN CREATE REPLACE MERGE');

/** First words of what makes brackets a query of their own. */
export const queries: ReadonlySet<string> = setOf('SELECT WITH INSERT UPDATE DELETE VALUES');

/** Words that may stand between the beginning of a join and `JOIN`. */
export const joins: ReadonlySet<string> = setOf('NATURAL LEFT RIGHT FULL INNER CROSS OUTER');

/** Operators around which there is a blank. */
export const spaced: ReadonlySet<string> = new Set(['=', '<', '>', '<=', '>=', '<>', '!=', '+', '-', '*', '/', '||']);

/** Words that are keywords only beside certain others: behind the first, or before the second. */
export const besides: ReadonlyMap<string, { behind?: RegExp; before?: RegExp }> = new Map([
  ['CONFLICT', { behind: /^ON$/i }],
  ['DUPLICATE', { behind: /^ON$/i }],
  ['DO', { before: /^(?:UPDATE|NOTHING)$/i }],
  ['NOTHING', { behind: /^DO$/i }],
  ['NULLS', { before: /^(?:FIRST|LAST)$/i }],
  ['FIRST', { behind: /^NULLS$/i }],
  ['LAST', { behind: /^NULLS$/i }],
  ['MATERIALIZED', { behind: /^(?:AS|NOT|CREATE)$/i }],
  ['IF', { before: /^(?:NOT|EXISTS)$/i }],
  ['SHARE', { behind: /^FOR$/i }],
  ['INTERVAL', { before: /^'/ }],
]);
