import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { BurgeonError, errorTable, type ErrorRow } from './errors.ts';

const documented = (): Map<string, string[]> => {
  const text = readFileSync(new URL('../../../docs/errors.md', import.meta.url), 'utf8');
  const rows = text
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) => line.split('|').map((cell) => cell.trim().replaceAll('`', '')))
    .map(([, code = '', ...cells]): [string, string[]] => [code, cells.slice(0, 4)]);
  return new Map(rows);
};

describe('the error table', () => {
  it('is documented row by row, and nothing else is', () => {
    const table: Record<string, ErrorRow> = errorTable;
    const expected = Object.entries(table).map(([code, row]) => [
      code,
      [row.fault, String(row.status), String(row.exit), row.meaning],
    ]);
    expect(Object.fromEntries(documented())).toEqual(Object.fromEntries(expected));
  });
});

describe('BurgeonError', () => {
  it('is told apart by its brand, not by its class', () => {
    const error = new BurgeonError('TIMEOUT', { message: 'late' });
    expect(BurgeonError.is(error)).toBe(true);
    expect(BurgeonError.is(new Error('late'))).toBe(false);
    expect(BurgeonError.is(null)).toBe(false);
    expect(BurgeonError.is('TIMEOUT')).toBe(false);
  });

  it('survives a journey as JSON', () => {
    const error = new BurgeonError('REMOTE_ERROR', { message: 'no', hint: 'ask again', data: { code: '503' }, retryable: true });
    const back = BurgeonError.fromJson(JSON.parse(JSON.stringify(error)));
    expect(back.toJSON()).toEqual(error.toJSON());
    expect(back.retryable).toBe(true);
  });

  it('leaves out what it does not have', () => {
    expect(new BurgeonError('TIMEOUT', { message: 'late' }).toJSON()).toEqual({ code: 'TIMEOUT', message: 'late' });
    expect(BurgeonError.fromJson({ code: 'TIMEOUT', message: 'late' }).hint).toBeUndefined();
  });

  it('turns an unknown code into INTERNAL', () => {
    expect(BurgeonError.fromJson({ code: 'NO_SUCH_CODE' as never, message: 'x' }).code).toBe('INTERNAL');
  });

  it('wraps what was thrown and keeps the cause', () => {
    const cause = new TypeError('odd');
    const wrapped = BurgeonError.from(cause);
    expect(wrapped.code).toBe('INTERNAL');
    expect(wrapped.message).toBe('odd');
    expect(wrapped.cause).toBe(cause);
    expect(BurgeonError.from(wrapped)).toBe(wrapped);
    expect(BurgeonError.from('text').message).toBe('text');
  });
});
