import { posix } from 'node:path';

/** Folders below which control groups could be made, best first in each list; empty where the kernel offers no such thing. */
export type GroupPlaces =
  /** One tree for each controller: bound of memory, bound of processes, count of processor time. */
  | { version: 1; memory?: string; processes?: string; time?: string }
  /** One tree: our own group, then the one around it, which is where a group that has processes of its own may have siblings. */
  | { version: 2; candidates: string[] };

interface Mount {
  root: string;
  point: string;
  type: string;
  controllers: string[];
}

/**
 * Where this process stands in the trees of control groups.
 *
 * @param mounts text of `/proc/self/mountinfo`
 * @param membership text of `/proc/self/cgroup`
 * @see https://www.kernel.org/doc/html/latest/admin-guide/cgroup-v2.html
 */
export const findPlaces = (mounts: string, membership: string): GroupPlaces | undefined => {
  const all = mounts.split('\n').flatMap(mountOf);
  const own = new Map<string, string>();
  for (const line of membership.split('\n')) {
    const [, names, path] = /^\d+:([^:]*):(.*)$/.exec(line) ?? [];
    if (names !== undefined && path !== undefined) for (const name of names.split(',')) own.set(name, path);
  }
  const place = (controller: string): string | undefined => {
    const mount = all.find(({ type, controllers }) => type === 'cgroup' && controllers.includes(controller));
    const path = own.get(controller);
    return mount && path !== undefined ? inside(mount, path) : undefined;
  };
  const [memory, processes, time] = [place('memory'), place('pids'), place('cpuacct')];
  if (memory !== undefined || processes !== undefined)
    return { version: 1, ...(memory && { memory }), ...(processes && { processes }), ...(time && { time }) };
  const tree = all.find(({ type }) => type === 'cgroup2');
  const path = own.get('');
  if (!tree || path === undefined) return undefined;
  const group = inside(tree, path);
  return { version: 2, candidates: group === tree.point ? [group] : [group, posix.dirname(group)] };
};

const mountOf = (line: string): Mount[] => {
  const [before = '', after = ''] = line.split(' - ');
  const [, , , root, point] = before.split(' ').map(unescape);
  const [type, , options = ''] = after.split(' ');
  if (root === undefined || point === undefined || (type !== 'cgroup' && type !== 'cgroup2')) return [];
  return [{ root, point, type, controllers: options.split(',') }];
};

const unescape = (text: string): string =>
  text.replaceAll(/\\(\d{3})/g, (_, digits: string) => String.fromCodePoint(Number.parseInt(digits, 8)));

/** A container may see its own group as the root of the tree. */
const inside = ({ root, point }: Mount, path: string): string => {
  const below = posix.relative(root, path);
  return below === '..' || below.startsWith('../') ? point : posix.join(point, below);
};
