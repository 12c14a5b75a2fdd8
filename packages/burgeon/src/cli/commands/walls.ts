import { hosts } from '../../adapters/hosts/index.ts';
import type { Action } from '../command.ts';
import { bold, dim, green, table } from '../text.ts';

/** Hosts that run no code of a module: what stands around it is what Burgeon itself does. */
const dataHosts = new Set(['interface', 'mirror']);

/** `modules test-isolation`: says what stands around modules of each host on this machine. */
export const testIsolation: Action = async ({ terminal }) => {
  const walls = Object.keys(hosts).map((host) =>
    dataHosts.has(host)
      ? { host, walls: ['no code of its own runs', 'one egress gate with its host list', 'secrets stay in the host'] }
      : { host, walls: [] },
  );
  terminal.result({ hosts: walls }, () =>
    [
      bold('Walls'),
      table(
        walls.flatMap(({ host, walls: list }) =>
          list.map((wall, index) => [index === 0 ? host : '', green('\u2713'), dim(wall)]),
        ),
      ),
    ].join('\n'),
  );
};
