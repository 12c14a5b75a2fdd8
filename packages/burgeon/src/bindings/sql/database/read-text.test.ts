import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SqlDialect } from '../runtime/binding.ts';
import { readTextFailure } from './read-text.ts';

const all: SqlDialect[] = ['sqlite', 'postgres', 'mysql'];

describe('readTextFailure', () => {
  it.each<[string, readonly SqlDialect[]]>([
    ['SELECT 1', all],
    ['  (select 1);;', all],
    ['-- note\nSELECT 1', all],
    ['/* a; b */ SELECT 1 /* into */', all],
    ["SELECT 'into; it''s'", all],
    ['SELECT "a;into"', all],
    ['WITH x AS (SELECT 1) SELECT * FROM x', all],
    ['SELECT `into;` FROM x', ['sqlite', 'mysql']],
    ['SELECT [into;] FROM x', ['sqlite']],
    ['SELECT $tag$ into; $tag$', ['postgres']],
    ['SELECT $$ into; $$', ['postgres']],
    ['SELECT /* outer /* inner; */ into */ 1', ['postgres']],
    ["SELECT E'it\\'s into;'", ['postgres']],
    ["SELECT 'it\\'s into;'", ['mysql']],
    ['SELECT 1 # into;\n', ['mysql']],
    ['SELECT 5--3', ['mysql']],
    ['SHOW TABLES', ['mysql']],
    ['SELECT "größe" FROM x', all],
  ])('takes %s', (text, dialects) => {
    for (const dialect of dialects) expect(readTextFailure(text, dialect)).toBeUndefined();
  });

  it.each<[string, readonly SqlDialect[]]>([
    ['', all],
    [';', all],
    ['-- only a note', all],
    ['SELECT 1; SELECT 2', all],
    ['SELECT 1;DROP TABLE x', all],
    ['DELETE FROM x', all],
    ['SELECT 1 INTO x', all],
    ["SELECT 'open", all],
    ['SELECT "open', all],
    ['SELECT `open', ['sqlite', 'mysql']],
    ['SELECT [open', ['sqlite']],
    ['SELECT $$ open', ['postgres']],
    ['SELECT /* open', ['postgres', 'mysql']],
    ["SELECT 'a\\'; DROP TABLE x; --'", ['sqlite', 'postgres']],
    ['/*!50000 SELECT */ 1', ['mysql']],
    ['SELECT 1 /*M! INTO OUTFILE "x" */', ['mysql']],
    ['SELECT 1 --x\n; DROP TABLE y', ['mysql']],
    ["COPY x TO PROGRAM 'y'", ['postgres']],
    ['DO $$ BEGIN END $$', ['postgres']],
    ['PRAGMA x', ['sqlite']],
    ["ATTACH 'x' AS y", ['sqlite']],
  ])('refuses %s', (text, dialects) => {
    for (const dialect of dialects) expect(readTextFailure(text, dialect)).toMatchObject({ code: 'read-only' });
  });

  it('judges any text in linear time', () => {
    fc.assert(fc.property(fc.string(), fc.constantFrom(...all), (text, dialect) => void readTextFailure(text, dialect)));
    for (const part of ["'", '"', '/*', '$a', '--', "E'\\", '[', '`', '(', 'a ', '$$']) {
      for (const dialect of all) readTextFailure(`SELECT ${part.repeat(50_000)}`, dialect);
    }
  });
});
