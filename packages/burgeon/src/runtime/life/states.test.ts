import { readFileSync } from 'node:fs';
import { BurgeonError } from '@burgeon/kit';
import { describe, expect, it } from 'vitest';
import { type LifeState, type Living, lifeTable, nextStep, step } from './states.ts';

const states = Object.keys(lifeTable) as LifeState[];
const at = (state: LifeState): Living => ({ key: 'skill/a', state, waiting: [] });

describe('the table of states', () => {
  it('is the one in docs/modules.md', () => {
    const docs = readFileSync(new URL('../../../../../docs/modules.md', import.meta.url), 'utf8');
    const section = docs.split(/^## /m).find((text) => text.startsWith('Life\n')) ?? '';
    const rows = [...section.matchAll(/^\| `([a-z-]+)` +\| (.+?) +\| (.+?) +\| (.+?) +\|$/gm)].map((row) => row.slice(1));
    const calls = { run: 'run', wait: 'wait', start: 'start it', refuse: 'are refused' };
    const expected = states.map((state) => {
      const { calls: admission, meaning, next } = lifeTable[state];
      return [state, meaning, calls[admission], next.map((each) => `\`${each}\``).join(', ')];
    });
    expect(rows).toEqual(expected);
  });

  it.each(states.flatMap((from) => states.map((to): [LifeState, LifeState] => [from, to])))('from %s to %s', (from, to) => {
    const living = at(from);
    if (lifeTable[from].next.includes(to)) {
      step(living, to);
      expect(living.state).toBe(to);
    } else {
      expect(() => step(living, to)).toThrow(`skill/a cannot go from ${from} to ${to}.`);
      expect(living.state).toBe(from);
    }
  });

  it('leads from every state back to nothing', () => {
    const reached = new Set<LifeState>(['unloaded']);
    for (let size = 0; size < reached.size;)
      for (const state of ((size = reached.size), states))
        if (lifeTable[state].next.some((next) => reached.has(next))) reached.add(state);
    expect(reached.size).toBe(states.length);
  });

  it('names what was wrong for programs, and tells who waits', async () => {
    const living = at('unloaded');
    try {
      step(living, 'ready');
      expect.unreachable();
    } catch (error) {
      expect(BurgeonError.from(error)).toMatchObject({ code: 'INTERNAL', data: { from: 'unloaded', to: 'ready' } });
    }
    const told = nextStep(living);
    step(living, 'loading');
    await told;
  });
});
