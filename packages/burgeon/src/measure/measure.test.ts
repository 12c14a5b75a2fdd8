import { BurgeonError, type JsonObject, type JsonValue } from '@burgeon/kit';
import { describe, expect, it } from 'vitest';
import type { Contender, Stage } from './contender.ts';
import type { Figure } from './figures.ts';
import { type Measurement, measure } from './measure.ts';
import { moduleText } from './module-text.ts';

type Operations = Record<string, (input: JsonObject) => Promise<JsonValue>>;

/** The text run as it is, in this process, with what it tells of itself. */
const plain = (
  name: string,
  more: Partial<Contender> = {},
  broken?: string,
): Contender & { open: () => Promise<Stage>; turns: string[] } => {
  const turns: string[] = [];
  return {
    name,
    turns,
    ...more,
    open: async () => ({
      load: async (id) => {
        const text = moduleText('const host = { number: async () => 0.5 };', 'export { operations };');
        const url = `data:text/javascript;base64,${Buffer.from(text).toString('base64')}`;
        const { operations } = (await import(url)) as { operations: Operations };
        turns.push(`load ${id}`);
        return {
          call: async (operation, input) => {
            if (operation === broken) throw new BurgeonError('MODULE_FAILED', { message: `${name} has no ${operation}.` });
            return (await operations[operation]?.(input)) ?? null;
          },
          close: async () => void turns.push(`close ${id}`),
        };
      },
      memoryBytes: () => 1024 ** 2 * turns.length,
      close: async () => void turns.push('end'),
    }),
  };
};

const taken = async (names: Measurement[], contenders: Contender[]): Promise<{ figures: Figure[]; failures: string[] }> => {
  const [figures, failures]: [Figure[], string[]] = [[], []];
  const effort = { rounds: 2, calls: 3, loads: 4, modules: 8, mostModules: 10, attackStep: 1 };
  const failed = (what: string, { message }: BurgeonError): void => void failures.push(`${what}: ${message}`);
  for await (const figure of measure({ names, contenders, effort, progress: () => {}, failed })) figures.push(figure);
  return { figures, failures };
};

describe('measure', () => {
  it('runs 20 KB that everybody can run', async () => {
    expect(moduleText('', '').length).toBeGreaterThan(19_000);
    expect(moduleText('', '').length).toBeLessThan(24_000);
    const stage = await plain('one').open();
    const module = await stage.load('skill/one');
    expect(await module.call('tiny', { a: 1 })).toEqual({ sum: 2, text: 'hello' });
    expect(await module.call('host', {})).toEqual({ number: 0.5 });
    expect(await module.call('action3', { id: 7 })).toMatchObject({ kind: 'resource-3' });
    expect(await module.call('kernel', { rounds: 2 })).toEqual(await module.call('kernel', { rounds: 2 }));
  });

  it('lets contenders take turns and judges only the default host', async () => {
    const [isolate, other] = [plain('isolate'), plain('other', { program: 'another text' })];
    const { figures, failures } = await taken(['call'], [isolate, other]);
    expect(failures).toEqual([]);
    expect(figures.map(({ contender, unit, reach }) => [contender, unit, reach])).toEqual([
      ['isolate', 'us', 20],
      ['isolate', 'us', 100],
      ['isolate', 'us', 40],
      ['isolate', '/s', 100_000],
      ['isolate', 'x', 1.15],
      ['other', 'us', undefined],
      ['other', 'us', undefined],
      ['other', 'us', undefined],
      ['other', '/s', undefined],
    ]);
    expect(isolate.turns.at(-1)).toBe('end');
  });

  it('counts what idle modules add, then asks as many as there can be', async () => {
    const { figures } = await taken(['memory'], [plain('isolate'), plain('other', { mostModules: 4 })]);
    expect(figures.map(({ what, value }) => [what, value])).toEqual([
      ['an idle module', 1],
      ['8 modules and what runs them', 8],
      ['10 modules and what runs them', 10],
      ['of 10 modules at once do not answer', 0],
      ['an idle module', 1],
      ['4 modules and what runs them', 4],
    ]);
  });

  it('tells of what fails and goes on with the others', async () => {
    const { figures, failures } = await taken(['call'], [plain('bad', {}, 'tiny'), plain('worse', {}, 'host'), plain('good')]);
    expect(failures).toEqual(['call: bad: bad has no tiny.', 'call: worse: worse has no host.']);
    expect(new Set(figures.map(({ contender }) => contender))).toEqual(new Set(['good']));
  });
});
