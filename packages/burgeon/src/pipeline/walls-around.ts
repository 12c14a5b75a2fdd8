import type { ModuleManifest } from '@burgeon/kit';

/** What every module is kept in. */
const commonWalls = ['one egress gate with its host list', 'secrets stay in the host'];

/** What stands between a module and the process it shares, by host. */
const engines: Readonly<Record<string, string>> = {
  isolate: 'a V8 isolate of its own',
  strict: 'an interpreter of its own',
  wasm: 'a WebAssembly memory of its own',
};

/** The walls a module runs behind on this machine, for the disclosure. */
export const wallsAround = async ({ kind, host }: ModuleManifest): Promise<string[]> => {
  if (kind === 'data') return ['no code of its own runs', ...commonWalls];
  const { wallsHere } = await import('../walls/jail/choose.ts');
  const { walls } = await wallsHere();
  const process =
    walls.includes('network') && walls.includes('files') ? 'without network or files' : "under Node's permission model";
  const size = walls.includes('memory') ? [] : ['its memory is only watched'];
  const engine = Object.hasOwn(engines, host) ? [engines[host] ?? ''] : [];
  return [...engine, `a process of its own ${process}`, ...size, ...commonWalls];
};
