import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { cases } from '../isolation/cases.ts';
import { attackHosts } from './attack-report.ts';

const told: number[] = [];
const tell = ({ number }: { number: number }): void => void told.push(number);

/** Our own children that attack. */
const children = (): number[] =>
  execFileSync('ps', ['--ppid', String(process.pid), '-o', 'pid=,args='])
    .toString()
    .split('\n')
    .filter((line) => line.includes('attack-child'))
    .map((line) => Number.parseInt(line, 10));

describe('attackHosts', () => {
  it('attacks a host in a process of its own and sums up', async () => {
    const report = await attackHosts(['wasm'], tell, new AbortController().signal);
    expect(report).toMatchObject({ ok: true, hosts: [{ name: 'wasm', programs: expect.any(Number) as number }] });
    expect(told).toEqual(cases.map(({ number }) => number));
    expect(report.cases).toHaveLength(cases.length);
    expect(report.figures.programs).toBeGreaterThan(50);
    expect(report.cases.filter(({ verdict }) => verdict === 'not-applicable').every(({ detail }) => detail.length > 20)).toBe(
      true,
    );
  }, 120_000);

  it('knows no other hosts', async () => {
    await expect(attackHosts(['nothing'], tell, new AbortController().signal)).rejects.toMatchObject({ code: 'ADAPTER_UNKNOWN' });
  });

  it('can be broken off', async () => {
    await expect(attackHosts(['isolate'], tell, AbortSignal.timeout(300))).rejects.toMatchObject({ code: 'CANCELLED' });
  });

  it('tells which attack ended the control plane', async () => {
    const stop = ({ number }: { number: number }): void => {
      if (number === 2) for (const pid of children()) process.kill(pid, 'SIGKILL');
    };
    const report = await attackHosts(['wasm'], stop, new AbortController().signal);
    expect(report.ok).toBe(false);
    const last = report.cases.at(-1);
    expect(last).toMatchObject({ verdict: 'died', detail: expect.stringContaining('SIGKILL') as string });
    expect(last?.number).toBeLessThan(8);
  }, 60_000);
});
