import type { ChildProcess } from 'node:child_process';
import { constants } from 'node:os';
import { killGroup, treeBytes } from '../../base/disposable.ts';
import type { ControlGroup } from './control-group.ts';
import type { JailBounds, JailedChild, JailEnd, Wall } from './jail.ts';
import { treeTimeMs } from './process-time.ts';

/** What a driver has built around a child that was just spawned as the leader of a process group. */
export interface ChildParts {
  process: ChildProcess;
  walls: readonly Wall[];
  bounds: JailBounds;
  group?: ControlGroup | undefined;
  /** True: the process in front reports the death of the program by a signal as 128 + its number, as a shell does. */
  shellCodes?: boolean;
  /** Takes away what was made for the child; called once, after its end; must not reject. */
  tidy?: () => Promise<void>;
}

const watchMs = 50;
const complaintBytes = 4096;
const lastWordsMs = 500;

/**
 * Makes the contract's child of a process. Must be called in the same turn as the spawn, so that nothing it writes is missed. The child's memory
 * is watched when the kernel does not hold it.
 */
export const jailedChild = (parts: ChildParts): JailedChild => {
  const { process: child, walls, group } = parts;
  let memoryBytes = parts.bounds.memoryBytes;
  let overMemory = false;
  const kill = (): void => {
    if (child.exitCode === null && child.signalCode === null) killGroup(child.pid);
    group?.kill();
  };
  const killForMemory = (): void => {
    overMemory = true;
    kill();
  };
  const watch = walls.includes('memory')
    ? undefined
    : setInterval(() => child.pid !== undefined && treeBytes(child.pid) > memoryBytes && killForMemory(), watchMs).unref();
  const outOfMemory = (): boolean => (overMemory ||= group?.outOfMemory() ?? false);
  const complaint = listen(child);
  let cpuMs = 0;
  const usage = (): ReturnType<JailedChild['usage']> => {
    const pid = child.pid ?? 0;
    const counted = group?.usage();
    cpuMs = Math.max(cpuMs, counted?.cpuMs ?? 0, treeTimeMs(pid));
    return { memoryBytes: counted && walls.includes('memory') ? counted.memoryBytes : treeBytes(pid), cpuMs };
  };
  const ended = endOf(child).then(async ({ code, signal, failure }): Promise<JailEnd> => {
    clearInterval(watch);
    killGroup(child.pid);
    group?.kill();
    await lastWords(child);
    outOfMemory();
    usage();
    await group?.remove();
    await parts.tidy?.();
    const shell = parts.shellCodes && code !== null ? signalOfShell(code) : undefined;
    return { code: shell ? null : code, signal: shell ?? signal, outOfMemory: overMemory, complaint: complaint() + failure };
  });
  return {
    process: child,
    walls,
    holdMemory: (bytes) => {
      memoryBytes = bytes;
      if (group?.holdMemory(bytes) === false) killForMemory();
    },
    usage,
    outOfMemory,
    kill,
    ended,
  };
};

interface ProcessEnd {
  code: number | null;
  signal: NodeJS.Signals | null;
  failure: string;
}

const endOf = (child: ChildProcess): Promise<ProcessEnd> =>
  new Promise((resolve) => {
    child.once('error', (error) => child.pid === undefined && resolve({ code: null, signal: null, failure: error.message }));
    child.once('exit', (code, signal) => resolve({ code, signal, failure: '' }));
  });

/** Keeps the end of standard error, and keeps a broken pipe from being an uncaught error of ours. */
const listen = (child: ChildProcess): (() => string) => {
  let kept = Buffer.alloc(0);
  for (const stream of child.stdio) stream?.on('error', () => {});
  child.stderr?.on('data', (chunk: Buffer) => {
    kept = Buffer.concat([kept, chunk]).subarray(-complaintBytes);
  });
  return () => kept.toString('utf8');
};

/** What was written before the end may still be in the pipe. */
const lastWords = (child: ChildProcess): Promise<void> =>
  new Promise((resolve) => {
    const { stderr } = child;
    if (!stderr || stderr.closed || stderr.destroyed) return resolve();
    const patience = setTimeout(resolve, lastWordsMs);
    stderr.once('close', () => {
      clearTimeout(patience);
      resolve();
    });
  });

const signalOfShell = (code: number): NodeJS.Signals | undefined => {
  const number = code - 128;
  const names = Object.entries(constants.signals) as [NodeJS.Signals, number][];
  return number > 0 ? names.find(([, value]) => value === number)?.[0] : undefined;
};
