import { describe, expect, it } from 'vitest';
import { runCommand } from './fixtures/harness.ts';

describe('modules test-isolation', () => {
  it('attacks one host, and tells of each attack in words', async () => {
    const { code, stdout, stderr } = await runCommand(['modules', 'test-isolation', '--host', 'wasm']);
    expect(stdout).toMatch(/Attacks[\s\S]*contained[\s\S]*Everything was contained: \d+ hostile programs\./);
    expect(stdout).toContain('Innocent modules beside them answered');
    expect(stdout).toContain('no files but its own');
    expect(stderr).toContain('wasm');
    expect(code).toBe(0);
  }, 120_000);

  it('says which walls stand without attacking anybody', async () => {
    const { code, stdout } = await runCommand(['modules', 'test-isolation', '--walls', '--json']);
    const told = JSON.parse(stdout) as { ok: boolean; walls: string[]; text: string };
    expect(told).toMatchObject({ ok: true, text: expect.stringContaining('process of its own') as string });
    expect(told.walls.length).toBeGreaterThan(0);
    expect(code).toBe(0);
  });

  it('knows no other hosts', async () => {
    const { code, stdout } = await runCommand(['modules', 'test-isolation', '--host', 'nothing', '--json']);
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'ADAPTER_UNKNOWN' } });
    expect(code).toBe(1);
  });
});
