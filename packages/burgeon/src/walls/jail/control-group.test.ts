import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, rmdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { controlGroups, findGroups } from './control-group.ts';
import { groupsOf, lacks } from './fixtures/run.ts';
import { findPlaces } from './group-places.ts';
import { ownerName } from './owner.ts';

const bounds = { memoryBytes: 64 * 1024 * 1024, processes: 10 };
const groups = await controlGroups();
if (groups.holds.length === 0) lacks('control groups that we may make');

describe('places', () => {
  const versionOne = [
    '31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755',
    '33 31 0:30 / /sys/fs/cgroup/cpu,cpuacct rw,relatime - cgroup cgroup rw,cpu,cpuacct',
    '35 31 0:32 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory',
    '39 31 0:36 / /sys/fs/cgroup/pids rw,relatime - cgroup cgroup rw,pids',
    '41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw',
  ].join('\n');

  it('are one in each tree of version 1', () => {
    const own = '8:pids:/\n4:memory:/some/group\n2:cpu,cpuacct:/user.slice\n0::/\n';
    expect(findPlaces(versionOne, own)).toEqual({
      version: 1,
      memory: '/sys/fs/cgroup/memory/some/group',
      processes: '/sys/fs/cgroup/pids',
      time: '/sys/fs/cgroup/cpu,cpuacct/user.slice',
    });
  });

  it('are our own group and the one around it in version 2', () => {
    const mounts = '30 23 0:26 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw,nsdelegate';
    const service = '/sys/fs/cgroup/user.slice/app.slice/run.scope';
    expect(findPlaces(mounts, '0::/user.slice/app.slice/run.scope\n')).toEqual({
      version: 2,
      candidates: [service, dirname(service)],
    });
    expect(findPlaces(mounts, '0::/\n')).toEqual({ version: 2, candidates: ['/sys/fs/cgroup'] });
  });

  it('are inside what a container sees of the tree', () => {
    const mounts = '35 31 0:32 /docker/abc /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory';
    expect(findPlaces(mounts, '4:memory:/docker/abc/inner\n')).toEqual({ version: 1, memory: '/sys/fs/cgroup/memory/inner' });
    expect(findPlaces(mounts, '4:memory:/elsewhere\n')).toEqual({ version: 1, memory: '/sys/fs/cgroup/memory' });
    const odd = '35 31 0:32 / /mnt/with\\040space rw shared:1 - cgroup cgroup rw,memory';
    expect(findPlaces(odd, '4:memory:/\n')).toEqual({ version: 1, memory: '/mnt/with space' });
  });

  it('are nowhere without control groups', async () => {
    expect(findPlaces('', '')).toBeUndefined();
    expect(findPlaces('31 23 0:28 / /tmp rw - tmpfs tmpfs rw', '0::/\n')).toBeUndefined();
    expect((await findGroups('', '')).holds).toEqual([]);
    const absent = '30 23 0:26 / /nowhere/at-all rw - cgroup2 cgroup2 rw';
    const none = await findGroups(absent, '0::/group\n');
    expect([none.holds, none.create(bounds)]).toEqual([[], undefined]);
  });
});

describe.skipIf(groups.holds.length === 0)('a control group', () => {
  it('holds what enters it and is removed with it', async () => {
    const group = groups.create(bounds);
    const script = 'for file; do echo $$ > "$file"; done; echo up; read wait';
    const child = spawn('/bin/sh', ['-c', script, 'sh', ...(group?.enter ?? [])], { stdio: ['pipe', 'pipe', 'inherit'] });
    await once(child.stdout, 'data');
    for (const file of group?.enter ?? []) expect(readFileSync(file, 'utf8')).toBe(`${child.pid}\n`);
    expect(groupsOf(process.pid)).not.toEqual([]);
    expect(group?.outOfMemory()).toBe(false);
    await group?.remove();
    expect(child.signalCode ?? (await once(child, 'exit'))[1]).toBe('SIGKILL');
    expect(groupsOf(process.pid)).toEqual([]);
    await group?.remove();
  });

  it('takes another bound, up and down', async () => {
    const group = groups.create(bounds);
    for (const mebibytes of [256, 32, 1024, 16]) expect(group?.holdMemory(mebibytes * 1024 * 1024)).toBe(true);
    expect(group?.usage()).toMatchObject({ memoryBytes: 0 });
    await group?.remove();
    expect(group?.holdMemory(bounds.memoryBytes)).toBe(!groups.holds.includes('memory'));
  });

  it('is taken away when its owner is dead, and left alone when nobody can tell', async () => {
    const group = groups.create(bounds);
    const folder = dirname(dirname(group?.enter[0] ?? ''));
    const [space = '', , start = ''] = ownerName().split('-');
    const names = [
      `${space}-${process.pid}-${Number(start) + 1}-dead`,
      `${space}-4194303-1-dead`,
      `1${space}-4194303-1-other`,
      'strange',
    ];
    for (const name of names) mkdirSync(join(folder, name), { recursive: true });
    await findGroups(readFileSync('/proc/self/mountinfo', 'utf8'), readFileSync('/proc/self/cgroup', 'utf8'));
    expect(names.map((name) => existsSync(join(folder, name)))).toEqual([false, false, true, true]);
    for (const name of names.slice(2)) rmdirSync(join(folder, name));
    await group?.remove();
  });
});
