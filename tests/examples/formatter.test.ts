import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mostDepth } from '../../examples/formatter/failure.ts';
import { operations } from '../../examples/formatter/index.ts';
import { jsonReader } from '../../examples/formatter/json-tokens.ts';
import { formatJson } from '../../examples/formatter/json.ts';
import { type Dialect, sqlTokens } from '../../examples/formatter/sql-tokens.ts';
import { keywords } from '../../examples/formatter/sql-words.ts';
import { formatSql } from '../../examples/formatter/sql.ts';
import { root } from '../source-tree.ts';

const failureOf = (work: () => unknown): unknown => {
  try {
    work();
  } catch (error) {
    return (error as { data: unknown }).data;
  }
  return expect.unreachable();
};

/** Everything that JSON consists of, in its order. */
const piecesOf = (source: string): string[] => {
  const next = jsonReader(source);
  const pieces: string[] = [];
  for (let token = next(); token.kind !== 'end'; token = next()) pieces.push(token.text);
  return pieces;
};

describe('JSON', () => {
  it('keeps numbers, escapes and equal keys as they are written', () => {
    const source = '{"b":1e400,"a":[-0.10,12345678901234567890123, "\\u00e9\\/"],"b":{}, "" : [] }';
    expect(formatJson(source)).toBe(
      '{\n  "b": 1e400,\n  "a": [\n    -0.10,\n    12345678901234567890123,\n    "\\u00e9\\/"\n  ],\n  "b": {},\n  "": []\n}\n',
    );
    expect(formatJson(source, { indent: 0, sortKeys: true })).toBe(
      '{"":[],"a":[-0.10,12345678901234567890123,"\\u00e9\\/"],"b":1e400,"b":{}}',
    );
  });

  it('sorts by what keys mean, not by how they are written', () => {
    expect(formatJson('{"b":1,"\\u0061":2,"B":3}', { indent: 0, sortKeys: true })).toBe('{"B":3,"\\u0061":2,"b":1}');
  });

  it.each<[string, string, object]>([
    [
      'a comment',
      '{\n  "a": 1 // one\n}',
      { code: 'syntax', message: 'JSON has no comments, but one begins', line: 2, column: 10 },
    ],
    ['a comment between marks', '[1, /* two */ 2]', { code: 'syntax', line: 1, column: 5 }],
    ['a comma too many', '[1,\n]', { code: 'syntax', line: 2, column: 1 }],
    ['a comma too few', '[1 2]', { code: 'syntax', line: 1, column: 4 }],
    ['single quotes', "{'a': 1}", { code: 'syntax', line: 1, column: 2 }],
    ['no quotes', '{a: 1}', { code: 'syntax', message: '"a" is no JSON', line: 1, column: 2 }],
    ['a colon that is missing', '{"a" 1}', { code: 'syntax', line: 1, column: 6 }],
    ['an escape that is none', '["\\x41"]', { code: 'syntax', message: '"\\\\x" is no escape of JSON', line: 1, column: 3 }],
    ['a line break in a text', '["a\nb"]', { code: 'unclosed', line: 1, column: 2 }],
    ['a control character', '["a\tb"]', { code: 'syntax', line: 1, column: 4 }],
    ['a text that ends', '["a\\', { code: 'unclosed', line: 1, column: 2 }],
    ['a zero before a number', '[01]', { code: 'syntax', line: 1, column: 2 }],
    ['a sign before a number', '+1', { code: 'syntax', line: 1, column: 1 }],
    ['a number that is none', 'NaN', { code: 'syntax', line: 1, column: 1 }],
    ['nothing', ' \n', { code: 'unclosed', line: 2, column: 1 }],
    ['an end that is missing', '{"a": [1', { code: 'unclosed', line: 1, column: 9 }],
    ['the wrong end', '[1}', { code: 'syntax', line: 1, column: 3 }],
    ['more than one value', '1 2', { code: 'syntax', line: 1, column: 3 }],
    ['too many lists in one another', '['.repeat(mostDepth + 1), { code: 'deep', line: 1, column: mostDepth + 1 }],
    ['what would be too long', `${'['.repeat(900)}${'1,'.repeat(20_000)}1${']'.repeat(900)}`, { code: 'large' }],
  ])('refuses %s, and says where', (_name, source, data) => {
    expect(failureOf(() => formatJson(source, { indent: 8 }))).toMatchObject(data);
  });

  it('takes a byte order mark and writes none', () => {
    expect(formatJson('\ufeff1')).toBe('1\n');
  });

  it('means the same afterwards, piece by piece', () => {
    fc.assert(
      fc.property(fc.json(), fc.nat(10), fc.boolean(), (source, indent, sortKeys) => {
        const text = formatJson(source, { indent, sortKeys });
        expect(JSON.parse(text)).toEqual(JSON.parse(source));
        expect(formatJson(text, { indent, sortKeys })).toBe(text);
        if (!sortKeys) expect(piecesOf(text)).toEqual(piecesOf(source));
      }),
      { numRuns: 500 },
    );
  });

  it('is what JSON.stringify writes, where that loses nothing', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.integer({ min: 1, max: 10 }), (value, indent) => {
        expect(formatJson(JSON.stringify(value), { indent })).toBe(`${JSON.stringify(value, null, indent)}\n`);
      }),
    );
  });

  it('is refused exactly where JSON.parse refuses it', () => {
    const marks = '{ } [ ] : , " \\ u e 1 . - + 0 \n'.split(' ');
    const soup = fc.array(fc.constantFrom(...marks, ' ', 'true', 'null', '"a"', '12'), { maxLength: 12 });
    fc.assert(
      fc.property(soup, (parts) => {
        const accepted = (work: () => unknown): boolean => {
          try {
            work();
            return true;
          } catch {
            return false;
          }
        };
        const source = parts.join('');
        expect(accepted(() => formatJson(source))).toBe(accepted(() => JSON.parse(source)));
      }),
      { numRuns: 3_000 },
    );
  });
});

/** What the database reads; the letters of keywords do not count. */
const readOf = (source: string, dialect: Dialect): string[] =>
  sqlTokens(source, dialect).map(({ kind, text }) => {
    const folded = kind === 'word' ? text.toUpperCase() : text;
    return `${kind} ${kind === 'word' && keywords.has(folded) ? folded : text}`;
  });

/** What is in a database, whichever way it came in. */
const contentOf = (script: string): unknown => {
  const database = new DatabaseSync(':memory:');
  database.exec(script);
  const tables = database.prepare("SELECT name FROM sqlite_schema WHERE type IN ('table', 'view') ORDER BY name").all();
  const rows = tables.map(({ name }) => {
    const all = database.prepare(`SELECT * FROM ${String(name)}`);
    all.setReadBigInts(true);
    return [name, all.all()];
  });
  database.close();
  return rows;
};

describe('SQL', () => {
  it('means the same to a database', () => {
    const script = readFileSync(join(root, 'examples/bookshop/bookshop.sql'), 'utf8');
    const text = formatSql(script, { dialect: 'sqlite' });
    expect(text).not.toBe(script);
    expect(contentOf(text)).toEqual(contentOf(script));
  });

  it('is laid out by clauses, lists and queries', () => {
    const source = `with recent as (select * from sale where sold_at>now()-interval '1 day') select b.title,count(*) filter (where s.quantity>1) as sold,
      case when b.price<10 then 'low' when b.price<50 then 'fair' else 'high' end from book b left join recent s on s.book_id=b.id
      where b.id in (select id from listed where rank between 1 and 10 and shown) or b.title like '%''and%' group by 1 order by 2 desc limit 5;
      insert into author(id,name) values(1,'Lem'),(2,'Le Guin') on conflict (id) do nothing`;
    expect(formatSql(source)).toBe(`WITH recent AS (
  SELECT *
  FROM sale
  WHERE sold_at > now() - INTERVAL '1 day'
)
SELECT
  b.title,
  count(*) filter (WHERE s.quantity > 1) AS sold,
  CASE
    WHEN b.price < 10 THEN 'low'
    WHEN b.price < 50 THEN 'fair'
    ELSE 'high'
  END
FROM book b
LEFT JOIN recent s ON s.book_id = b.id
WHERE b.id IN (
  SELECT id
  FROM listed
  WHERE rank BETWEEN 1 AND 10
    AND shown
)
  OR b.title LIKE '%''and%'
GROUP BY 1
ORDER BY 2 DESC
LIMIT 5;
INSERT INTO author(id, name)
VALUES
  (1, 'Lem'),
  (2, 'Le Guin')
ON CONFLICT (id) DO NOTHING
`);
  });

  it('writes tables column by column, and other statements on a line', () => {
    expect(
      formatSql('create table if not exists a(id int primary key,\n  b decimal(8,2) check(b>0));\n\n\ngrant select\n on a to b'),
    ).toBe(
      'CREATE TABLE IF NOT EXISTS a(\n  id int PRIMARY KEY,\n  b decimal(8, 2) CHECK (b > 0)\n);\n\nGRANT SELECT ON a TO b\n',
    );
    expect(formatSql('create view v as select 1', { indent: 4 })).toBe('CREATE VIEW v AS\nSELECT 1\n');
  });

  it('leaves comments where they were', () => {
    const source = 'select a, -- first\n  -- second\n  b /* third */ from t; -- end\n\n/* next\n   one */\nselect 1 -- last';
    expect(formatSql(source)).toBe(
      'SELECT\n  a, -- first\n  -- second\n  b /* third */\nFROM t; -- end\n\n/* next\n   one */\nSELECT 1 -- last\n',
    );
  });

  it.each<[string, string, string, Dialect?]>([
    ['letters of names', 'Select "From", a.Select, b As End from T', 'SELECT\n  "From",\n  a.Select,\n  b AS End\nFROM T\n'],
    ['text in dollars', 'select $a$ it"s $$ from $a$,$1', 'SELECT\n  $a$ it"s $$ from $a$,\n  $1\n'],
    ['escapes', `select E'a\\'from',U&"\\0061"`, `SELECT\n  E'a\\'from',\n  U&"\\0061"\n`],
    [
      'signs',
      'select -1,a-1,a- -1,a*-b,(-c),@-d from e',
      'SELECT\n  -1,\n  a - 1,\n  a - -1,\n  a * -b,\n  (-c),\n  @-d\nFROM e\n',
    ],
    ['unknown operators', "select a<->b,c->'d',e::text[1:2],f ?| g", "SELECT\n  a<->b,\n  c->'d',\n  e::text[1:2],\n  f ?| g\n"],
    ['texts that are one over lines', "select 'a'\n'b'", "SELECT 'a'\n  'b'\n"],
    ['quotes of MySQL', 'select `a``b`,"c\\"d" # from\nfrom t', 'SELECT\n  `a``b`,\n  "c\\"d" # from\nFROM t\n', 'mysql'],
    ['two signs of MySQL', 'select a--1', 'SELECT a - -1\n', 'mysql'],
    ['delimiters of MySQL', 'delimiter //\nselect 1//\ndelimiter ;', 'delimiter //\nSELECT 1//\ndelimiter ;\n', 'mysql'],
    ['names in square brackets', 'select [a from b] from [c]]d]', 'SELECT [a from b]\nFROM [c]]d]\n', 'sqlite'],
    ['lines for a client', '.mode csv\nselect 1;\n.quit', '.mode csv\nSELECT 1;\n.quit\n', 'sqlite'],
    [
      'rows of a dump',
      'copy t from stdin;\n1\tselect  from\n\\.\nselect 1',
      'copy t FROM stdin;\n1\tselect  from\n\\.\nSELECT 1\n',
    ],
  ])('never touches %s', (_name, source, text, dialect = 'postgresql') => {
    expect(formatSql(source, { dialect })).toBe(text);
  });

  it('writes keywords as it is told', () => {
    expect(formatSql('Select 1 From T', { keywords: 'keep' })).toBe('Select 1\nFrom T\n');
    expect(formatSql('Select 1 From T', { keywords: 'lower' })).toBe('select 1\nfrom T\n');
  });

  it.each<[string, object, Dialect?]>([
    ["select 'a", { code: 'unclosed', line: 1, column: 8 }],
    ['select "a', { code: 'unclosed', line: 1, column: 8 }],
    ['select\n$a$ $b$', { code: 'unclosed', message: 'What begins with $a$ is not closed', line: 2, column: 1 }],
    ['/* /* */', { code: 'unclosed', message: 'A comment is not closed' }],
    ['select [a', { code: 'unclosed', line: 1, column: 8 }, 'sqlite'],
    ["select 'a\\'", { code: 'unclosed', line: 1, column: 8 }, 'mysql'],
  ])('refuses %j, which is not closed', (source, data, dialect = 'postgresql') => {
    expect(failureOf(() => formatSql(source, { dialect }))).toMatchObject(data);
  });

  it('does not write beyond all measure', () => {
    expect(failureOf(() => formatSql('(select '.repeat(3_000) + ')'.repeat(3_000), { indent: 8 }))).toMatchObject({
      code: 'large',
    });
  });

  it('changes no token, and nothing the second time', () => {
    const pieces = [
      "select~from~where~and~or~between~union all~left join~on~(~)~,~;~*~.~a~b.c~1~-~+~--~/*~*/~-- c\n~/* d */~/* e\n */~'f'~\"g\"~E'h\\''~$$i$$~$j$",
      '~case~when~then~else~end~with~as~values~insert into~update~set~delete~create table~create view~group by~order by~distinct on~=~<~>~||',
      "~->~::~:=~:~@~?~?|~#~`k`~[l]~!~%~&~$1~:m~\\~\\n\n~delimiter //\n~.o\n~copy~from stdin~null~in~exists~over~1.5e3~.5~1..2~0x1F~\u{1f600}~x'1'",
    ]
      .join('')
      .split('~');
    const gaps = fc.constantFrom('', ' ', '  ', '\n', '\n\n\n', '\t', '\r\n', '\r');
    const soup = fc.array(fc.tuple(fc.constantFrom(...pieces), gaps), { maxLength: 40 }).map((parts) => parts.flat().join(''));
    const options = fc.record({
      dialect: fc.constantFrom<Dialect>('postgresql', 'mysql', 'sqlite'),
      keywords: fc.constantFrom('upper', 'lower', 'keep'),
      indent: fc.nat(4),
    });
    let read = 0;
    fc.assert(
      fc.property(soup, options, (source, chosen) => {
        let before: string[];
        try {
          before = readOf(source, chosen.dialect);
        } catch (error) {
          expect((error as { data: unknown }).data).toMatchObject({ code: 'unclosed' });
          return;
        }
        read += 1;
        const text = formatSql(source, chosen);
        expect(readOf(text, chosen.dialect)).toEqual(before);
        expect(formatSql(text, chosen)).toBe(text);
      }),
      { numRuns: 3_000 },
    );
    expect(read).toBeGreaterThan(500);
  });
});

describe('the operations', () => {
  it('answer with the text', async () => {
    expect(await operations.json({ source: '[1]', indent: 0 })).toEqual({ text: '[1]' });
    expect(await operations.sql({ source: 'select 1', keywords: 'keep' })).toEqual({ text: 'select 1\n' });
  });
});
