import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { arrayLiteral, parseArrayLiteral, type TextArray } from './array-literal.ts';
import type { SqlDialect, SqlType } from './binding.ts';
import { base64Of, bytesOfBase64, bytesOfHex, hexOf } from './bytes.ts';
import { decodeRow, decodeValue, selectExpression } from './decode.ts';
import { encodeValue, valueExpression } from './encode.ts';
import { integerOf, jsonInteger, plainDecimal } from './integer.ts';
import { isoMoment, utcMoment } from './moment.ts';

describe('whole numbers', () => {
  it('stay exact both ways', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), (value) => integerOf(jsonInteger(value)) === value),
    );
    expect([jsonInteger(2n ** 53n - 1n), jsonInteger(2n ** 53n), jsonInteger(-(2n ** 53n) - 1n)]).toEqual([
      2 ** 53 - 1,
      '9007199254740992',
      '-9007199254740993',
    ]);
  });
  it.each([1.5, 2 ** 53, Number.NaN, '1.0', '', '1e3', null, {}, true])('are not %j', (value) =>
    expect(integerOf(value)).toBeUndefined(),
  );
});

describe('plainDecimal', () => {
  it.each([
    [0.1, '0.1'],
    [1e21, '1000000000000000000000'],
    [-1.5e-7, '-0.00000015'],
    [1.234e22, '12340000000000000000000'],
    [12n, '12'],
  ])('%s', (value, text) => expect(plainDecimal(value)).toBe(text));
  it('means the same number without an exponent', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        const text = plainDecimal(value);
        return !text.includes('e') && Object.is(Number(text), value === 0 ? 0 : value);
      }),
    );
  });
});

describe('whole numbers of SQLite', () => {
  it.each<[SqlType, unknown]>([
    [{ kind: 'bigint' }, '9223372036854775808'],
    [{ kind: 'any' }, { integer: '9223372036854775808' }],
    [{ kind: 'any' }, { integer: '-9999999999999999999' }],
  ])('are refused where they would become a double: %j %j', (type, value) =>
    expect(encodeValue(type, value, 'sqlite')).toBeUndefined(),
  );
});

describe('decimals of SQLite', () => {
  const kept: SqlType = { kind: 'decimal', digits: 15 };
  it.each([
    '0.10',
    '-123456789012.345',
    '9007199254740993',
    '-9223372036854775808',
    '123456789012345000000.00',
    '0.000000000000000000001',
  ])('keep %s', (text) => expect(encodeValue(kept, text, 'sqlite')).toBe(text));
  it.each(['1234567890123456.7', '0.1234567890123456', '9223372036854775809', '12345678901234567.00'])(
    'are refused where digits would be lost: %s',
    (text) => {
      expect(encodeValue(kept, text, 'sqlite')).toBeUndefined();
      expect(encodeValue({ kind: 'decimal' }, text, 'sqlite')).toBe(text);
    },
  );
});

describe('bytes', () => {
  it('survive base64 and hexadecimal', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 70_000 }), (bytes) => {
        expect(bytesOfBase64(base64Of(bytes))).toEqual(bytes);
        expect(bytesOfHex(hexOf(bytes))).toEqual(bytes);
      }),
      { numRuns: 30 },
    );
  });
  it.each(['a', 'ab=c', '====', '!!!!'])('refuse %j', (text) => expect(bytesOfBase64(text)).toBeUndefined());
});

describe('array literals', () => {
  const leaf = fc.option(fc.string({ unit: 'grapheme' }));
  const nested = fc.array(fc.oneof(leaf, fc.array(leaf, { minLength: 1, maxLength: 4 })), {
    maxLength: 6,
  }) as fc.Arbitrary<TextArray>;
  it('come back as they were', () => {
    fc.assert(
      fc.property(nested, (items) => {
        expect(parseArrayLiteral(arrayLiteral(items))).toEqual(items);
      }),
    );
  });
  it.each<[string, TextArray | undefined]>([
    ['{}', []],
    ['{a,NULL,"NULL","x,\\"y\\\\"}', ['a', null, 'NULL', 'x,"y\\']],
    ['[0:1]={1,2}', ['1', '2']],
    [
      '{{1,2},{3,4}}',
      [
        ['1', '2'],
        ['3', '4'],
      ],
    ],
    ['{1', undefined],
    ['1,2', undefined],
    ['{1}x', undefined],
    ['{{{{{{{1}}}}}}}', undefined],
    ['{{1}', undefined],
    ['', undefined],
  ])('%s', (literal, items) => expect(parseArrayLiteral(literal)).toEqual(items));
});

describe('moments', () => {
  it.each([
    ['2020-01-31 10:00:00+00', '', '2020-01-31T10:00:00Z'],
    ['2020-01-31 10:00:00.25+05:30', '', '2020-01-31T10:00:00.25+05:30'],
    ['2020-01-31 10:00:00-02', '', '2020-01-31T10:00:00-02:00'],
    ['2020-01-31 10:00:00', 'Z', '2020-01-31T10:00:00Z'],
    ['2020-01-31 10:00:00', '', '2020-01-31T10:00:00'],
    ['infinity', 'Z', 'infinity'],
  ])('%s%s is %s', (text, zone, iso) => expect(isoMoment(text, zone)).toBe(iso));
  it.each([
    ['2020-01-01T00:30:00.123456+02:00', '2019-12-31T22:30:00.123456Z'],
    ['2020-01-01T00:30:00-0230', '2020-01-01T03:00:00Z'],
    ['2020-01-01T00:30:00Z', '2020-01-01T00:30:00Z'],
    ['2020-01-01T00:30:00', undefined],
    ['2020-13-01T00:30:00Z', undefined],
    ['soon', undefined],
  ])('%s is %s in UTC', (text, utc) => expect(utcMoment(text)).toBe(utc));
});

describe('values', () => {
  const types: SqlType[] = [
    { kind: 'integer' },
    { kind: 'bigint' },
    { kind: 'decimal' },
    { kind: 'float' },
    { kind: 'boolean' },
    { kind: 'text' },
    { kind: 'uuid' },
    { kind: 'date' },
    { kind: 'time' },
    { kind: 'timestamp' },
    { kind: 'timestamptz' },
    { kind: 'interval' },
    { kind: 'bytes' },
    { kind: 'enum' },
    { kind: 'array', element: { kind: 'text' } },
    { kind: 'any' },
    { kind: 'other' },
  ];
  const dialects: SqlDialect[] = ['sqlite', 'postgres', 'mysql'];

  it('of the wrong kind are never bound, whatever they are', () => {
    const symbolless = fc.anything({ withBigInt: false, withDate: false, withMap: false, withSet: false });
    fc.assert(
      fc.property(fc.constantFrom(...types), fc.constantFrom(...dialects), symbolless, (type, dialect, value) => {
        const bound = encodeValue(type, value, dialect);
        expect(
          bound === undefined || bound === null || bound instanceof Uint8Array || /^(string|number|bigint)$/.test(typeof bound),
        ).toBe(true);
      }),
    );
  });

  it.each<[SqlType, unknown, SqlDialect, unknown]>([
    [{ kind: 'any' }, { base64: 'AAE=' }, 'sqlite', new Uint8Array([0, 1])],
    [{ kind: 'any' }, { integer: '9007199254740993' }, 'sqlite', 9007199254740993n],
    [{ kind: 'any' }, { other: 1 }, 'sqlite', undefined],
    [{ kind: 'any' }, 1, 'sqlite', 1n],
    [{ kind: 'any' }, 1.5, 'sqlite', 1.5],
    [{ kind: 'any' }, true, 'sqlite', 1n],
    [{ kind: 'bigint', unsigned: true }, '18446744073709551615', 'sqlite', '18446744073709551615'],
    [{ kind: 'float' }, 'NaN', 'postgres', 'NaN'],
    [{ kind: 'float' }, 'much', 'postgres', undefined],
    [{ kind: 'float', bits: 32 }, 0.1, 'mysql', Math.fround(0.1)],
    [{ kind: 'boolean' }, true, 'postgres', 'true'],
    [{ kind: 'boolean' }, false, 'mysql', 0],
    [{ kind: 'array', element: { kind: 'integer' } }, [1, null, [2]], 'postgres', '{"1",NULL,{"2"}}'],
    [{ kind: 'array', element: { kind: 'integer' } }, ['x'], 'postgres', undefined],
    [{ kind: 'array', element: { kind: 'json' } }, [[1], { a: 1 }], 'postgres', '{"[1]","{\\"a\\":1}"}'],
    [{ kind: 'array' }, [[[[[[[[1]]]]]]]], 'postgres', undefined],
    [{ kind: 'array' }, ['a'], 'sqlite', '["a"]'],
    [{ kind: 'timestamptz' }, '2020-01-01T00:30:00+02:00', 'mysql', '2019-12-31 22:30:00'],
    [{ kind: 'timestamptz' }, '2020-01-01T00:30:00+02:00', 'sqlite', '2019-12-31T22:30:00Z'],
    [{ kind: 'timestamptz' }, '2020-01-01T00:30:00+02:00', 'postgres', '2020-01-01T00:30:00+02:00'],
  ])('bound, case %#', (type, value, dialect, bound) => expect(encodeValue(type, value, dialect)).toEqual(bound));

  it.each<[SqlType, unknown, SqlDialect, unknown]>([
    [{ kind: 'bigint' }, 'text in a number column', 'sqlite', 'text in a number column'],
    [{ kind: 'text' }, new Uint8Array([1]), 'sqlite', { base64: 'AQ==' }],
    [{ kind: 'any' }, 9007199254740993n, 'sqlite', { integer: '9007199254740993' }],
    [{ kind: 'boolean' }, 7n, 'sqlite', 7],
    [{ kind: 'boolean' }, '7', 'mysql', 7],
    [{ kind: 'float' }, Infinity, 'sqlite', 'Infinity'],
    [{ kind: 'decimal', scale: 2 }, 1.5, 'sqlite', '1.50'],
    [{ kind: 'decimal', scale: 2 }, 3n, 'sqlite', '3.00'],
    [{ kind: 'decimal', scale: 2 }, 'much', 'sqlite', 'much'],
    [{ kind: 'bytes' }, 'ab', 'sqlite', 'YWI='],
    [{ kind: 'json' }, '{"a":9007199254740993,"b":1.5}', 'sqlite', { a: '9007199254740993', b: 1.5 }],
    [{ kind: 'json' }, 'no json', 'sqlite', 'no json'],
    [{ kind: 'json' }, 5n, 'sqlite', 5],
    [{ kind: 'array', element: { kind: 'boolean' } }, '{t,f,NULL}', 'postgres', [true, false, null]],
    [{ kind: 'array', element: { kind: 'boolean' } }, '{t', 'postgres', '{t'],
    [{ kind: 'float' }, '-Infinity', 'postgres', '-Infinity'],
    [{ kind: 'float', bits: 32 }, 0.10000000149011612, 'mysql', 0.1],
    [{ kind: 'float', bits: 32 }, Math.fround(16777.217), 'mysql', 16777.217],
    [{ kind: 'text' }, new TextEncoder().encode('ä'), 'mysql', 'ä'],
    [{ kind: 'timestamptz' }, '2020-01-01 00:30:00', 'mysql', '2020-01-01T00:30:00Z'],
    [{ kind: 'text' }, undefined, 'mysql', null],
  ])('read, case %#', (type, raw, dialect, value) => expect(decodeValue(type, raw, dialect)).toEqual(value));

  it('make rows by position or by name, under any name', () => {
    const columns = [
      { name: '__proto__', type: { kind: 'text' } },
      { name: 'b', type: { kind: 'integer' } },
    ] as const;
    const expected = '{"__proto__":"x","b":1}';
    expect(JSON.stringify(decodeRow(columns, ['x', 1], 'mysql'))).toBe(expected);
    expect(JSON.stringify(decodeRow(columns, JSON.parse(expected) as Record<string, unknown>, 'mysql'))).toBe(expected);
  });

  it('are compared exactly in MySQL', () => {
    expect(valueExpression({ kind: 'bigint', unsigned: true }, '?', 'mysql', true)).toBe('CAST(? AS UNSIGNED)');
    expect(valueExpression({ kind: 'decimal', scale: 2 }, '?', 'mysql', true)).toBe('CAST(? AS DECIMAL(65,20))');
    expect(valueExpression({ kind: 'decimal' }, '?', 'mysql', false)).toBe('?');
    expect(selectExpression({ kind: 'bytes' }, '`a`', 'mysql')).toBe('HEX(`a`)');
  });
});
