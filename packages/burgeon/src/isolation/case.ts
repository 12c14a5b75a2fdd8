import type { Capability, ErrorCode, JsonObject, JsonValue, Limits } from '@burgeon/kit';

/** What a hostile program is written in. `node` is JavaScript that owns a whole Node process, `runner` is one in place of our own runner. */
export type Language = 'javascript' | 'wasm' | 'python' | 'node' | 'runner';

/** The five families of attacks. */
export type Group = 'cpu' | 'memory' | 'escape' | 'host-side' | 'system';

/** A host as the table of attacks sees it; `isolate` stands for both its forms. */
export type HostKind = 'isolate' | 'strict' | 'wasm' | 'process';

/** Things on this machine that no module may reach; hostile programs are told where they are. */
export interface Bait {
  /** A word that is in every place below and must turn up nowhere else. */
  canary: string;
  /** A file that everybody may read; it holds the canary. */
  file: string;
  /** A folder that everybody may write. */
  folder: string;
  /** `host:port` of a server on the loopback that nobody was granted. */
  closed: string;
  /** `host:port` of a server that programs may be granted: it echoes, and redirects to the closed one. */
  open: string;
  /** Path of a listening socket. */
  socket: string;
  /** Name of a listening abstract socket, without the zero in front. */
  abstract: string;
  /** A living process of the user that jailed programs have, and ours. */
  pid: number;
  ownPid: number;
}

/** One host call as it arrived at the control plane. */
export interface SeenCall {
  kind: string;
  method: string;
  args: JsonValue[];
}

/** What is known besides the outcome when an attack is judged. */
export interface Scene {
  bait: Bait;
  /** The first thousand host calls of this attack, and how many there were. */
  seen: readonly SeenCall[];
  calls: number;
  /** Most host calls that were in flight together. */
  inFlight: number;
  /** Characters that reached the log. */
  logged: number;
  /** Files of the bundle that the host asked for. */
  asked: readonly string[];
  limits: Limits;
  tookMs: number;
}

/** How a call of a hostile module ended. */
export type Outcome =
  { kind: 'answered'; value: JsonValue } | { kind: 'failed'; code: ErrorCode; limit: string | undefined; message: string };

/** Says in words what is wrong; undefined when the attack was contained. */
export type Judge = (outcome: Outcome, scene: Scene) => string | undefined;

/** What of a module's life sets an attack off. */
export type Trigger = 'call' | 'load' | 'message' | 'snapshot' | 'restore' | 'dispose';

/** One hostile program and what may come of it. */
export interface Attack {
  name: string;
  language: Language;
  /** The entry: text, or base64 of a WebAssembly binary. A function where it is too long to keep. */
  source: string | (() => string);
  /** More files of the bundle, by path. */
  files?: Readonly<Record<string, string>>;
  /** Path of the entry when it matters. */
  entry?: string;
  by?: Trigger;
  /** Which operation is called. Default: `run`. */
  operation?: string;
  /** Handed over together with the bait; with `restore`, the state. */
  input?: JsonObject;
  grants?: (bait: Bait) => Capability[];
  limits?: Partial<Limits>;
  /** A second module of the same host, called afterwards; its answer is then judged. */
  accomplice?: string;
  /** Time to go on working after the answer, before the module is disposed of. */
  lingerMs?: number;
  judge: Judge;
}

/** One row of the list of attacks. */
export interface Case {
  /** Its number in the published list, 1 to 76. */
  number: number;
  title: string;
  group: Group;
  attacks: readonly Attack[];
  /** Why a host is not attacked this way, where the family's reason does not say it. */
  elsewhere?: Partial<Record<HostKind, string>>;
}

const ownFault = /is not defined|is not a function|SyntaxError|IndentationError|NameError|unexpected token|cannot read propert/i;

/** A value in words: JSON, where it can be written at all. */
export const shown = (value: unknown): string => {
  try {
    return JSON.stringify(value) ?? 'nothing';
  } catch (error) {
    return `something that is no JSON (${String(error).slice(0, 80)})`;
  }
};

const told = (outcome: Outcome): string => {
  if (outcome.kind === 'answered') return `it answered ${shown(outcome.value).slice(0, 200)}`;
  return `it ended with ${outcome.code}${outcome.limit === undefined ? '' : ` ${outcome.limit}`}: ${outcome.message.slice(0, 200)}`;
};

const timeOrSpace = new Set<string | undefined>(['cpuMs', 'wallMs', 'memoryBytes', 'hardMemoryBytes']);

const isStopped = (outcome: Outcome): boolean =>
  outcome.kind === 'failed' &&
  ((outcome.code === 'LIMIT_EXCEEDED' && timeOrSpace.has(outcome.limit)) || outcome.code === 'MODULE_CRASHED');

/** It was stopped by a limit, or its process was ended. */
export const stops: Judge = (outcome) => (isStopped(outcome) ? undefined : `nothing stopped it: ${told(outcome)}`);

/** As {@link stops}, or it answers `'absent'`: the thing it needs does not exist inside. */
export const stopsOrAbsent: Judge = (outcome) =>
  outcome.kind === 'answered' && outcome.value === 'absent' ? undefined : stops(outcome, undefined as never);

/** Any end will do: what it does takes long or much, and may also be refused or be done. A defect of the program itself is none. */
export const ends: Judge = (outcome) => {
  if (outcome.kind === 'answered' || isStopped(outcome)) return undefined;
  if (outcome.code === 'LIMIT_EXCEEDED') return undefined;
  return outcome.code === 'MODULE_FAILED' && !ownFault.test(outcome.message) ? undefined : told(outcome);
};

/** It fails with an error of its own language, or a limit stops it; it never answers. */
export const fails: Judge = (outcome) =>
  outcome.kind === 'answered' ? `it should have failed, but ${told(outcome)}` : ends(outcome, undefined as never);

/** It cannot even be loaded: the language or the bundle does not allow it. */
export const isRefused: Judge = (outcome) =>
  outcome.kind === 'failed' && ['MODULE_FAILED', 'CAPABILITY_DENIED', 'MODULE_CRASHED', 'UNSUPPORTED'].includes(outcome.code)
    ? undefined
    : `it should not have been loaded, but ${told(outcome)}`;

/** It looked for something that should not be there and lists what it found: nothing. */
export const findsNothing: Judge = (outcome) =>
  outcome.kind === 'answered' && Array.isArray(outcome.value) && outcome.value.length === 0 ? undefined : told(outcome);

/** It answers exactly this. */
export const answers =
  (...values: JsonValue[]): Judge =>
  (outcome) =>
    outcome.kind === 'answered' && values.some((value) => shown(value) === shown(outcome.value)) ? undefined : told(outcome);

/** The limit of that name stopped it, or the host refused. */
export const reaches =
  (...limits: (keyof Limits)[]): Judge =>
  (outcome) =>
    outcome.kind === 'failed' && limits.some((limit) => outcome.limit === limit || outcome.message.includes(limit))
      ? undefined
      : `${limits.join(' or ')} should have ended it, but ${told(outcome)}`;

/** One of several judges is content. */
export const either =
  (...judges: Judge[]): Judge =>
  (outcome, scene) => {
    const faults = judges.map((judge) => judge(outcome, scene));
    return faults.includes(undefined) ? undefined : faults[0];
  };

/** All judges are content. */
export const both =
  (...judges: Judge[]): Judge =>
  (outcome, scene) =>
    judges.map((judge) => judge(outcome, scene)).find((fault) => fault !== undefined);

/** The rest of an attack, where it is not the usual. */
export type More = Omit<Partial<Attack>, 'name' | 'language' | 'source' | 'judge'>;

/** JavaScript whose operation `run` has this body; `input` is what it is called with. */
export const script = (name: string, body: string, judge: Judge, more: More = {}): Attack => ({
  name,
  language: 'javascript',
  source: `export const operations = { run: async (input) => {\n${body}\n} };\n`,
  judge,
  ...more,
});

/** JavaScript, the whole entry file. */
export const entryFile = (name: string, source: string | (() => string), judge: Judge, more: More = {}): Attack => ({
  name,
  language: 'javascript',
  source,
  judge,
  ...more,
});

/** Grants of a kind without a scope. */
export const granting =
  (...kinds: string[]): NonNullable<Attack['grants']> =>
  () =>
    kinds.map((kind) => ({ kind, scope: {} }));
