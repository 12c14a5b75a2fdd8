import type { Clock, Grant, Host, HostContext, JsonValue, Limits, Logger } from '@burgeon/kit';
import type { Bait, HostKind, Language } from './case.ts';
import type { Program } from './bundle.ts';
import { binary } from './wasm-bytes.ts';

/** The way out of one module, as the runtime makes it. */
export interface WayOut {
  call: HostContext['hostCall'];
  close(): Promise<void>;
}

/** What the attacks need of the world above them. */
export interface World {
  clock: Clock;
  log: Logger;
  /** What has not ended after so many milliseconds never does; beyond any limit that is in play. Default: 12 s. */
  patienceMs?: number;
  /** Opens the way out of a module: the real one, with a vault in which the granted secret has the canary as its value. */
  openWay(module: { id: string; grants: Grant[]; limits: Limits; bait: Bait }): WayOut;
}

/** A host to be attacked, in one of its forms. */
export interface Subject {
  /** As it is shown: `isolate`, `isolate without JIT`. */
  name: string;
  kind: HostKind;
  host: Host;
  trusted: boolean;
  speaks: readonly Language[];
  /** An innocent program, and what its operation `run` answers to `{ n }`. */
  innocent: Program;
  reply(n: number): JsonValue;
}

const innocentScript: Program = {
  language: 'javascript',
  source: 'export const operations = { run: async ({ n }) => n + 1 };\n',
};

const next = (n: number): JsonValue => n + 1;

/** How hosts are attacked: what they speak, and who their innocent is. */
const kinds: Readonly<Record<HostKind, Pick<Subject, 'speaks' | 'innocent' | 'reply'>>> = {
  isolate: { speaks: ['javascript', 'runner'], innocent: innocentScript, reply: next },
  strict: { speaks: ['javascript'], innocent: innocentScript, reply: next },
  wasm: { speaks: ['wasm'], innocent: { language: 'wasm', source: () => binary() }, reply: (n) => ({ n }) },
  process: { speaks: ['python', 'node'], innocent: { language: 'node', source: innocentScript.source }, reply: next },
};

/** A host as a subject of attacks. A captured runner is tried once: it is the same whether machine code is made or not. */
export const subjectOf = (kind: HostKind, host: Host, trusted = true): Subject => {
  const name = kind === 'isolate' && !trusted ? 'isolate-jitless' : kind;
  const { speaks, ...rest } = kinds[kind];
  return { name, kind, host, trusted, ...rest, speaks: trusted ? speaks : speaks.filter((language) => language !== 'runner') };
};
