import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { afterEach, describe, expect, it } from 'vitest';
import { processStart } from './home.ts';
import { type WarmBounds, type WarmProcess, createWarmProcess } from './warm-process.ts';

const script = fileURLToPath(new URL('./fixtures/warm-child.ts', import.meta.url));
const open: WarmProcess[] = [];
const make = (more: { memoryBytes?: number; idleMs?: number } = {}): WarmProcess => {
  const made = createWarmProcess({ script, memoryBytes: 1024 ** 3, ...more });
  open.push(made);
  return made;
};
const ask = (warm: WarmProcess, deed: string, value?: unknown, bounds: Partial<WarmBounds> = {}) =>
  warm.ask({ deed, value }, { deadlineMs: 20_000, ...bounds });
const valueOf = async (warm: WarmProcess, deed: string, value?: unknown): Promise<unknown> => {
  const answer = await ask(warm, deed, value);
  return answer.kind === 'answered' ? answer.value : answer;
};
/** Tells whether a process ends; a test that waits too long fails by its own deadline. */
const ends = async (pid: number): Promise<true> => {
  while (processStart(pid) !== undefined) await new Promise((resolve) => setTimeout(resolve, 10));
  return true;
};

/** True once a thread of a process waits for a byte of a pipe, or where no system shows what threads wait for. */
const waiting = (pid: number): boolean => {
  const tasks = `/proc/${pid}/task`;
  if (!existsSync(tasks)) return true;
  const places = readdirSync(tasks).map((task) => readFileSync(`${tasks}/${task}/wchan`, 'utf8'));
  return places.some((place) => place.includes('_read')) || places.every((place) => place === '0');
};

afterEach(() => {
  for (const warm of open.splice(0)) warm.close();
});

describe('a warm process', () => {
  it('answers one request after another, stays the same process and inherits no environment', async () => {
    const warm = make();
    expect(await Promise.all([1, 2, 3].map(() => valueOf(warm, 'count')))).toEqual([1, 2, 3]);
    expect(await valueOf(warm, 'echo', { text: 'za\u017c\u00f3\u0142\u0107\n\u2028' })).toEqual({
      text: 'za\u017c\u00f3\u0142\u0107\n\u2028',
    });
    expect(await valueOf(warm, 'later', 'x'.repeat(3_000_000))).toHaveLength(3_000_000);
    expect(await valueOf(warm, 'nothing')).toBeUndefined();
    expect(await valueOf(warm, 'environment')).toEqual([]);
  });

  it.each([
    ['deadline', 'loop', { deadlineMs: 300 }, {}],
    ['memory', 'eat', {}, { memoryBytes: 200 * 1024 * 1024 }],
    ['memory', 'breed', {}, { memoryBytes: 300 * 1024 * 1024 }],
    ['output', 'shout', {}, {}],
    ['crash', 'abort', {}, {}],
    ['crash', 'leave', {}, {}],
    ['crash', 'babble', {}, {}],
    ['RangeError: too deep', 'throw', {}, {}],
  ])('is replaced when a request breaks its bounds: %s by %s', async (why, deed, bounds, options) => {
    const warm = make(options);
    expect(await valueOf(warm, 'count')).toBe(1);
    const pid = (await valueOf(warm, 'pid')) as number;
    expect(await ask(warm, deed, undefined, bounds)).toEqual({ kind: 'lost', why });
    expect(await valueOf(warm, 'count')).toBe(1);
    expect(await ends(pid)).toBe(true);
  });

  it('is lost at once when it leaves, however long it has stood', async () => {
    const warm = make();
    // By then its thread waits for the life line, and whoever leaves waits for the threads.
    const pid = (await valueOf(warm, 'pid')) as number;
    await expect.poll(() => waiting(pid), { timeout: 10_000 }).toBe(true);
    expect(await ask(warm, 'leave')).toEqual({ kind: 'lost', why: 'crash' });
  });

  it('lets a request be cancelled, before its turn and in the middle', async () => {
    const warm = make();
    expect(await ask(warm, 'echo', 1, { signal: AbortSignal.abort() })).toEqual({ kind: 'lost', why: 'cancelled' });
    const stop = new AbortController();
    const [running, waiting] = [ask(warm, 'loop', 1, { signal: stop.signal }), ask(warm, 'echo', 'next')];
    setImmediate(() => stop.abort());
    expect(await running).toEqual({ kind: 'lost', why: 'cancelled' });
    expect(await waiting).toEqual({ kind: 'answered', value: 'next' });
  });

  it('retires when it has grown', async () => {
    const warm = make({ memoryBytes: 500 * 1024 * 1024 });
    const pid = (await valueOf(warm, 'pid')) as number;
    expect(await valueOf(warm, 'hoard', 260 * 1024 * 1024)).toBe(1);
    expect(await ends(pid)).toBe(true);
    expect(await valueOf(warm, 'hoard', 1)).toBe(1);
  });

  it('ends when nobody asks it for a while', async () => {
    const pid = (await valueOf(make({ idleMs: 1 }), 'pid')) as number;
    expect(await ends(pid)).toBe(true);
  });

  it('says why a script cannot start', async () => {
    const warm = createWarmProcess({ script: '/nonexistent/script.ts', memoryBytes: 1e9 });
    expect(await ask(warm, 'echo')).toEqual({ kind: 'lost', why: 'crash' });
  });
});

describe('the owner of a warm process', () => {
  const module = new URL('./warm-process.ts', import.meta.url).href;
  const owner = (deed: string, value: string): string => `
    const { createWarmProcess } = await import(${JSON.stringify(module)});
    const warm = createWarmProcess({ script: ${JSON.stringify(script)}, memoryBytes: 1e9 });
    const { value } = await warm.ask({ deed: '${deed}', value: ${JSON.stringify(value)} }, { deadlineMs: 60_000 });
    process.stdout.write(String(value));`;
  const spinning = async (path: string): Promise<number> => {
    while (!existsSync(path) || readFileSync(path, 'utf8') === '') await new Promise((resolve) => setTimeout(resolve, 10));
    return Number(readFileSync(path, 'utf8'));
  };

  it('ends at once when its work is done, and takes the process along', async () => {
    const child = spawn(process.execPath, ['--no-warnings', '--input-type=module', '-e', owner('pid', '')]);
    let text = '';
    child.stdout.on('data', (piece: Buffer) => (text += piece.toString()));
    const code = await new Promise((resolve) => child.once('close', resolve));
    expect(code).toBe(0);
    expect(await ends(Number(text))).toBe(true);
  });

  it('takes the process along when it is killed in the middle of a request', async () => {
    const path = join(mkdtempSync(join(tmpdir(), 'burgeon-warm-')), 'pid');
    const child = spawn(process.execPath, ['--no-warnings', '--input-type=module', '-e', owner('spin', path)]);
    const pid = await spinning(path);
    child.kill('SIGKILL');
    expect(await ends(pid)).toBe(true);
  });

  it('takes it along too when it is a thread that is ended', async () => {
    const path = join(mkdtempSync(join(tmpdir(), 'burgeon-warm-')), 'pid');
    const code = `data:text/javascript,${encodeURIComponent(owner('spin', path))}`;
    const thread = new Worker(new URL(code));
    const pid = await spinning(path);
    await thread.terminate();
    expect(await ends(pid)).toBe(true);
  });
});
