import { describe, expect, it } from 'vitest';
import { residentBytes, runDisposable } from './disposable.ts';

const node = (
  script: string,
  more: { deadlineMs?: number; memoryBytes?: number; outputBytes?: number; signal?: AbortSignal; input?: string } = {},
) => runDisposable({ command: process.execPath, args: ['-e', script], deadlineMs: 20_000, memoryBytes: 1024 ** 3, ...more });

describe('runDisposable', () => {
  it('gives output and exit code, feeds input and hands over no environment', async () => {
    const script = `process.stdin.on('data', (d) => process.stdout.write(d + Object.keys(process.env).length)); process.exitCode = 3; console.error('e')`;
    expect(await node(script, { input: 'in' })).toEqual({ kind: 'ended', code: 3, stdout: 'in0', stderr: 'e\n' });
  });
  it.each([
    ['deadline', 'for (;;);', { deadlineMs: 300 }],
    ['memory', 'const a = []; for (;;) a.push(Buffer.alloc(1e6, 1));', { memoryBytes: 200 * 1024 * 1024 }],
    ['output', `const more = () => process.stdout.write('x'.repeat(1e5), more); more()`, { outputBytes: 1e6 }],
    ['cancelled', 'for (;;);', { signal: AbortSignal.timeout(200) }],
    ['cancelled', 'for (;;);', { signal: AbortSignal.abort() }],
    ['crash', 'process.abort()', {}],
  ])('ends a child that breaks its bound: %s', async (why, script, more) => {
    expect(await node(script, more)).toMatchObject({ kind: 'killed', why });
  });
  it('says why a command cannot start', async () => {
    const end = await runDisposable({ command: '/nonexistent/command', args: [], deadlineMs: 1_000, memoryBytes: 1e9 });
    expect(end).toMatchObject({ kind: 'killed', why: 'crash', stderr: expect.stringContaining('ENOENT') as string });
  });
  it('knows no memory of a process that is gone', () => expect(residentBytes(0x7fff_fff0)).toBe(0));
});
