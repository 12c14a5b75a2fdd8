import { BurgeonError } from '@burgeon/kit';
import { describe, expect, it } from 'vitest';
import { jailDriver, launch, reportOf, wallsHere } from './choose.ts';
import { roomy } from './fixtures/run.ts';
import type { Wall } from './jail.ts';

const all: Wall[] = ['namespaces', 'files', 'network', 'system-calls', 'memory', 'processes', 'permission'];

describe('the choice of a driver', () => {
  it('takes the best that works, or the one that was asked for', async () => {
    const best = await jailDriver();
    expect(await best.probe()).not.toEqual([]);
    expect((await jailDriver({ driver: 'permission' })).name).toBe('permission');
    for (const driver of ['bubblewrap', 'native'] as const) {
      const asked = await jailDriver({ driver }).catch((error: unknown) => error);
      if (BurgeonError.is(asked)) expect(asked.code).toBe('DEPENDENCY_MISSING');
      else expect(asked).toMatchObject({ name: driver });
    }
  });

  it('starts a program by it', async () => {
    const program = { command: process.execPath, args: ['-p', '6 * 7'], read: [], node: {}, bounds: roomy };
    const child = await launch(program, { without: ['system-calls'] });
    expect(child.walls).not.toContain('system-calls');
    let text = '';
    child.process.stdout?.on('data', (chunk: Buffer) => (text += chunk.toString()));
    expect(await child.ended).toMatchObject({ code: 0, outOfMemory: false });
    expect(text).toBe('42\n');
  });
});

describe('the report of the walls', () => {
  it('says what holds here', async () => {
    const report = await wallsHere();
    expect(report.walls).toEqual([...(await (await jailDriver()).probe())]);
    expect(new Set([...report.walls, ...report.missing])).toEqual(new Set(all));
    expect(await wallsHere()).toBe(report);
  });

  it('is in plain words', () => {
    const texts = [
      reportOf('bubblewrap', all, 'linux'),
      reportOf(
        'bubblewrap',
        all.filter((wall) => wall !== 'memory' && wall !== 'processes'),
        'linux',
      ),
      reportOf(
        'native',
        all.filter((wall) => wall !== 'namespaces'),
        'linux',
      ),
      reportOf('permission', ['memory', 'processes', 'permission'], 'linux'),
      reportOf('permission', ['permission'], 'linux'),
      reportOf('permission', ['permission'], 'darwin'),
    ].map(({ text }) => text);
    expect(texts).toMatchInlineSnapshot(`
      [
        "Code runs in a process of its own (bubblewrap) with namespaces of its own, only its own files, no network, few system calls, bounded memory, bounded processes, Node's permission model.",
        "Code runs in a process of its own (bubblewrap) with namespaces of its own, only its own files, no network, few system calls, Node's permission model; missing: bounded memory, bounded processes (let Burgeon make control groups, under systemd by Delegate=yes).",
        "Code runs in a process of its own (Landlock and seccomp) with only its own files, no network, few system calls, bounded memory, bounded processes, Node's permission model; missing: namespaces of its own (install bubblewrap).",
        "Code runs in a process of its own with bounded memory, bounded processes, Node's permission model; missing: namespaces of its own, only its own files, no network, few system calls (install bubblewrap).",
        "Code runs in a process of its own with Node's permission model; missing: namespaces of its own, only its own files, no network, few system calls, bounded memory, bounded processes (install bubblewrap, and let Burgeon make control groups, under systemd by Delegate=yes).",
        "Code runs in a process of its own with Node's permission model; missing: namespaces of its own, only its own files, no network, few system calls, bounded memory, bounded processes (walls of the operating system stand on Linux only).",
      ]
    `);
  });
});
