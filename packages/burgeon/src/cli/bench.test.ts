import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { peersScript } from './commands/bench.ts';
import { runCommand } from './fixtures/harness.ts';

let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'burgeon-bench-test-'));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

describe('bench', () => {
  it('takes the figures that were asked for, with what they were taken on', async () => {
    const { code, stdout } = await runCommand(['bench', 'recovery', '--quick', '--json', '--quiet']);
    const taken = JSON.parse(stdout) as { figures: Record<string, unknown>[] };
    expect(code).toBe(0);
    expect(taken).toMatchObject({
      failures: [],
      machine: { node: process.version },
      load: { before: expect.any(Number) as number },
    });
    const figure = { name: 'recovery', contender: 'isolate', unit: 'ms', value: expect.any(Number) as number };
    expect(taken.figures).toMatchObject([
      { ...figure, reach: 10 },
      { ...figure, reach: 400 },
    ]);
  });

  it('shows them as a table, and says what can be measured', async () => {
    const { code, stdout } = await runCommand(['bench', 'recovery', '--quick']);
    expect(stdout).toMatch(/measured +of +what +figure +reach/);
    expect(stdout).toMatch(/[\u2713\u2717] +recovery +isolate/);
    expect(code).toBe(0);
    const wrong = await runCommand(['bench', 'nonsense', '--json']);
    expect(JSON.parse(wrong.stdout)).toMatchObject({ error: { code: 'USAGE' } });
    expect(wrong.code).toBe(2);
  });

  it('finds the script of the peers in a clone where they are installed', async () => {
    const missing = (hint: string): unknown =>
      expect.objectContaining({ code: 'DEPENDENCY_MISSING', hint: expect.stringContaining(hint) as string });
    expect(() => peersScript(folder)).toThrow(missing('In a clone') as Error);
    await mkdir(join(folder, 'bench', 'src'), { recursive: true });
    await writeFile(join(folder, 'bench', 'src', 'walls.ts'), '');
    expect(() => peersScript(folder)).toThrow(missing(`cd ${join(folder, 'bench')} && npm ci`) as Error);
    await mkdir(join(folder, 'bench', 'node_modules'));
    expect(peersScript(folder)).toBe(join(folder, 'bench', 'src', 'walls.ts'));
  });
});
