import { describe, expect, it } from 'vitest';
import { isTooDeep, mostDepth } from './depth.ts';

const lists = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth);

describe('isTooDeep', () => {
  it.each([
    ['as deep as may be', lists(mostDepth), false],
    ['one deeper', lists(mostDepth + 1), true],
    ['objects', '{"a":'.repeat(mostDepth + 1) + '1' + '}'.repeat(mostDepth + 1), true],
    ['brackets in a text', JSON.stringify('['.repeat(mostDepth * 2)), false],
    ['an escaped quote before them', JSON.stringify(`"${'['.repeat(mostDepth * 2)}\\`), false],
    ['many beside one another', `[${Array(mostDepth).fill('[[]]').join(',')}]`, false],
    ['deep after a text', `["\\\\",${lists(mostDepth)}]`, true],
  ])('%s', (_name, json, expected) => {
    expect(isTooDeep(json)).toBe(expected);
  });
});
