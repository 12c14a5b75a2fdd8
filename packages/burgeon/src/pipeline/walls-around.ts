import type { ModuleManifest } from '@burgeon/kit';
import type { DisclosedWall } from '../approval/messages.ts';

/** What every module is kept in. */
const commonWalls: readonly DisclosedWall[] = ['egress-gate', 'host-secrets'];

/** What stands between a module and the process it shares, by host. */
const engines: Readonly<Record<string, DisclosedWall>> = { isolate: 'isolate', strict: 'interpreter', wasm: 'wasm-memory' };

/** The walls a module runs behind on this machine, for the disclosure. */
export const wallsAround = async ({ kind, host }: ModuleManifest): Promise<DisclosedWall[]> => {
  if (kind === 'data') return ['no-code', ...commonWalls];
  const { wallsHere } = await import('../walls/jail/choose.ts');
  const { walls } = await wallsHere();
  const engine = Object.hasOwn(engines, host) ? engines[host] : undefined;
  return [
    ...(engine === undefined ? [] : [engine]),
    walls.includes('network') && walls.includes('files') ? 'sealed-process' : 'permitted-process',
    ...(walls.includes('memory') ? [] : (['watched-memory'] as const)),
    ...commonWalls,
  ];
};
