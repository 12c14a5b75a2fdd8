import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { root } from './source-tree.ts';
import { parseSpec, runSpec } from './specs.ts';

const folder = join(root, 'tests/specs');
const names = readdirSync(folder).filter((name) => name.endsWith('.txt'));

describe('the command', () => {
  // Dozens of processes each, one after the other.
  it.each(names)(
    '%s',
    async (name) => {
      const spec = parseSpec(name, readFileSync(join(folder, name), 'utf8'));
      expect(await runSpec(spec)).toEqual([]);
    },
    90_000,
  );
});

describe('the form of the cases', () => {
  const judged = (expectation: string): Promise<string[]> =>
    runSpec(parseSpec('x', `==== case x\n==== run burgeon --version\n==== expect\n${expectation}`));

  it.each(['exit 1', 'out nothing like it', 'err something', 'out not .'])('turns red at "%s"', async (expectation) => {
    expect((await judged(expectation)).length).toBeGreaterThan(0);
  });

  it.each(['==== run burgeon', '==== case', '==== case x\n==== cmd burgeon'])('refuses %j', (text) => {
    expect(() => parseSpec('x', text)).toThrow(/^x: /);
  });
});
