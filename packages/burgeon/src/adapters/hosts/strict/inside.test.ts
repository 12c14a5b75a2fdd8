import { describe, expect, it } from 'vitest';
import { orders } from '../../../walls/frames.ts';
import { type Cell, CellFailure, type CellPlan, type Doors, type Failure, type OpenCell } from '../../../walls/inside/cell.ts';
import { type StrictProgram, engine } from './inside.ts';
import { interpreterPath } from './pool.ts';

// The engine as the runner drives it, without the runner. What its walls add is in strict.test.ts and memory.test.ts.
const openCell: OpenCell = await engine([interpreterPath()]);

interface Seen {
  cell: Cell;
  /** What became of orders, by number: JSON, or the failure. */
  ends: Map<number, string | Failure>;
  asked: [question: number, kind: string, method: string, args: string][];
  logged: string[];
}

const megabyte = 1024 * 1024;

const load = (source: string, more: Partial<CellPlan> = {}, program: Partial<StrictProgram> = {}): Seen => {
  const seen: Omit<Seen, 'cell'> = { ends: new Map(), asked: [], logged: [] };
  const doors: Doors = {
    done: (id, value) => void seen.ends.set(id, value),
    failed: (id, failure) => void seen.ends.set(id, failure),
    host: (...question) => void seen.asked.push(question),
    log: (text) => void seen.logged.push(text),
  };
  const plan: CellPlan = {
    memoryBytes: 16 * megabyte,
    hardMemoryBytes: 32 * megabyte,
    cpuMs: 1_000,
    resultLength: 10_000,
    pendingCalls: 64,
    hostCallsPerSecond: 1_000,
    program: {
      files: [{ path: 'index.js', source }],
      entry: 'index.js',
      powers: [{ specifier: 'burgeon:cap/random', kind: 'random', name: 'random' }],
      digest: 'one',
      ...program,
    } satisfies StrictProgram,
    ...more,
  };
  return { ...seen, cell: openCell(plan, doors, 1).cell };
};

const call = ({ cell, ends }: Seen, operation: string, input: unknown = {}): string | Failure | undefined => {
  ends.delete(7);
  void cell.run(orders.call, 7, operation, JSON.stringify(input));
  return ends.get(7);
};

const failureOf = (work: () => unknown): Failure | undefined => {
  try {
    work();
    return undefined;
  } catch (error) {
    return error instanceof CellFailure ? error.failure : undefined;
  }
};

describe('the strict engine', () => {
  it('loads a module and carries orders out', () => {
    const seen = load(`export const operations = { echo: (input) => input };
export const message = (topic, body) => [topic, body]; export const dispose = () => console.log('bye');`);
    expect(seen.ends.get(1)).toBe('null');
    expect(call(seen, 'echo', { a: 'ż\u0000😀' })).toBe('{"a":"ż\\u0000😀"}');
    void seen.cell.run(orders.message, 8, 'a.topic', '{"b":1}');
    expect(seen.ends.get(8)).toBe('["a.topic",{"b":1}]');
    void seen.cell.run(orders.dispose, 9, '', '');
    expect(seen.logged).toEqual(['bye']);
    seen.cell.close();
    expect(failureOf(() => call(seen, 'echo'))).toMatchObject({ kind: 'gone' });
  });

  it('asks, and goes on with the answer', () => {
    const seen = load(`import { random } from 'burgeon:cap/random';
export const operations = { ask: async () => (await random.number()) + 1, dare: () => random.number().catch((error) => error.code + error.message) };`);
    expect(call(seen, 'ask')).toBeUndefined();
    expect(seen.asked).toEqual([[1, 'random', 'number', '[]']]);
    void seen.cell.answer(1, true, '41');
    expect(seen.ends.get(7)).toBe('42');
    call(seen, 'dare');
    void seen.cell.answer(2, false, '{"code":"CODE","message":" so"}');
    expect(seen.ends.get(7)).toBe('"CODE so"');
    call(seen, 'dare');
    void seen.cell.answer(3, true, '['.repeat(3_000));
    expect(seen.ends.get(7)).toMatch(/REMOTE_INVALID.*nested deeper/);
  });

  it('hands over nothing that is too long', () => {
    const seen = load(`import { random } from 'burgeon:cap/random';
const long = 'x'.repeat(40_000);
export const operations = { give: () => long, ask: () => random.number(long).catch((error) => error.message), say: () => { try { new URL(long) } catch (error) { return error.message } } };`);
    expect(call(seen, 'give')).toMatchObject({ kind: 'result' });
    expect(call(seen, 'ask')).toBe('"The arguments are too long."');
    expect(call(seen, 'say')).toBe('"This takes a text, and not too long a one."');
    expect(seen.asked).toEqual([]);
  });

  it('takes addresses apart', () => {
    const seen = load(`export const operations = { host: ({ url }) => new URL(url).hostname };`);
    expect(call(seen, 'host', { url: 'https://a.example:80/b' })).toBe('"a.example"');
  });

  it.each([
    [
      'an error',
      `throw new Error('early')`,
      { kind: 'thrown', message: 'early', place: expect.stringMatching(/^index\.js:1/) as string },
    ],
    ['nothing to call', 'export const a = 1', { kind: 'code', message: 'It does not export "operations".' }],
  ])('tells of %s while loading', (_name, source, failure) => {
    expect(load(source).ends.get(1)).toEqual(failure);
  });

  it.each([
    ['syntax', 'export const a = (', { kind: 'code', place: expect.stringMatching(/^index\.js:1/) as string }],
    ['an import from nowhere', `import './gone.js'`, { kind: 'code', message: expect.stringContaining('"./gone.js"') as string }],
    ['an import of power that was not given', `import 'burgeon:cap/http'`, { kind: 'code' }],
    ['a loop', 'for (;;);', { kind: 'cpu' }],
    ['a hunger', 'new ArrayBuffer(1e9)', { kind: 'memory' }],
  ])('ends at %s while loading', (_name, source, failure) => {
    expect(failureOf(() => load(source, { cpuMs: 100 }))).toMatchObject(failure);
  });

  it.each([
    ['cpu', 'for (;;);'],
    ['cpu', 'for (;;) await null'],
    ['cpu', 'try { for (;;); } finally { return 1 }'],
    ['cpu', 'return { toJSON() { for (;;); } }'],
    ['memory', 'const all = []; for (;;) all.push(new Uint8Array(1e5))'],
    ['memory', 'const all = new Map(); for (let at = 0; ; at++) all.set(at, {})'],
  ])('ends by %s: %s', (kind, body) => {
    const seen = load(`export const operations = { run: async () => { ${body} } };`, { cpuMs: kind === 'cpu' ? 100 : 20_000 });
    expect(failureOf(() => call(seen, 'run'))).toMatchObject({ kind });
    expect(seen.ends.has(7)).toBe(false);
    expect(failureOf(() => call(seen, 'run'))).toMatchObject({ kind: 'gone' });
  });

  it('gives the open orders their time together', () => {
    const seen = load(
      `import { random } from 'burgeon:cap/random';
export const operations = { run: async () => { for (;;) { await random.number(); for (const end = Date.now() + 40; Date.now() < end; ); } } };`,
      { cpuMs: 100 },
    );
    call(seen, 'run');
    const failure = failureOf(() => {
      for (let question = 1; question < 10; question += 1) void seen.cell.answer(question, true, '1');
    });
    expect(failure).toMatchObject({ kind: 'cpu' });
    expect(seen.asked.length).toBeLessThan(6);
  });

  it('is lost when its machine breaks', () => {
    const seen = load(
      `export const operations = { run: () => { let a = []; for (let i = 0; i < 2e5; i++) a = [a]; return a } };`,
      {
        memoryBytes: 64 * megabyte,
        hardMemoryBytes: 128 * megabyte,
      },
    );
    expect(failureOf(() => call(seen, 'run'))).toMatchObject({ kind: 'gone' });
  });

  it('needs more memory than an empty machine', () => {
    expect(failureOf(() => load('', { hardMemoryBytes: megabyte }))).toMatchObject({ kind: 'memory' });
  });

  it('hands its memory over, with sleeps that have not ended', () => {
    const source = `import { random } from 'burgeon:cap/random';
let sum = 0; export const operations = { up: () => ++sum, begin: () => { setTimeout(() => { sum += 100 }, 5_000); random.number().catch(() => { sum += 10 }); return null } };`;
    const plan = { stateVersion: 1, seed: 3, resultLength: megabyte };
    const one = load(source, plan);
    expect([call(one, 'up'), call(one, 'begin')]).toEqual(['1', 'null']);
    void one.cell.run(orders.snapshot, 8, '', '');
    const image = one.ends.get(8) as string;
    const other = load(source, plan);
    void other.cell.run(orders.restore, 9, '1', image);
    expect(other.ends.get(9)).toBe('null');
    expect(other.asked).toMatchObject([[1, '', 'sleep', expect.stringMatching(/^\[\d+\]$/) as string]]);
    expect(call(other, 'up')).toBe('12');
    void other.cell.answer(1, true, 'null');
    expect(call(other, 'up')).toBe('113');

    const stranger = load(source, plan, { digest: 'two' });
    void stranger.cell.run(orders.restore, 9, '1', image);
    expect(stranger.ends.get(9)).toMatchObject({ kind: 'thrown' });
    void stranger.cell.run(orders.restore, 9, '1', '{"vm":"x"}');
    expect(stranger.ends.get(9)).toMatchObject({ message: 'The state is no memory image.' });
    void stranger.cell.run(orders.restore, 9, '1', '{"vm":"x","more":1}');
    expect(stranger.ends.get(9)).toBe('null');
    expect(call(stranger, 'up')).toBe('1');
  });
});
