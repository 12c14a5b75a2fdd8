import type { ChildProcess } from 'node:child_process';

/** Walls of the operating system around a child, by name. What a driver cannot build here is missing from the list of a child. */
export type Wall =
  /** Namespaces of its own: processes, mounts, users, names, IPC. */
  | 'namespaces'
  /** Only the named files can be read, and none written outside its scratch folder. */
  | 'files'
  /** No network. */
  | 'network'
  /** System calls that it does not need are refused. */
  | 'system-calls'
  /** The kernel holds its memory to a bound. */
  | 'memory'
  /** The kernel holds the number of its processes and threads to a bound. */
  | 'processes'
  /** Node's own permission model: a seat belt, not a wall. */
  | 'permission';

/** What a jailed child may take at most. */
export interface JailBounds {
  /** All memory of the child and what it starts, bytes. */
  memoryBytes: number;
  /** Processes and threads. */
  processes: number;
  /** Open files of one process. */
  openFiles: number;
  /** Bytes of one file that it writes. */
  fileBytes: number;
}

/** A program to be run behind walls. */
export interface JailedProgram {
  command: string;
  args: readonly string[];
  /** Its whole environment; nothing of ours is inherited. */
  env?: Readonly<Record<string, string>>;
  /** Files and folders it may read, beside the command itself and the system's libraries. */
  read: readonly string[];
  /** There when the command is Node: its permission model is added. `addons`: it loads a native add-on; `workers`: it starts threads. */
  node?: { addons?: boolean; workers?: boolean };
  /** True: it may write below the folder that `TMPDIR` in its environment names, which is empty, its own, and gone with it. */
  scratch?: boolean;
  bounds: JailBounds;
}

/** A child behind walls. Its three streams are pipes; it has no other descriptor. */
export interface JailedChild {
  readonly process: ChildProcess;
  /** The walls that stand around this child. */
  readonly walls: readonly Wall[];
  /** Changes the bound of its memory. */
  holdMemory(bytes: number): void;
  /** What it and everything below it takes now. */
  usage(): { memoryBytes: number; cpuMs: number };
  /** True once the kernel, or the watch in its place, ended something of it for its memory. */
  outOfMemory(): boolean;
  /** Ends it and everything it started, at once; safe to repeat. */
  kill(): void;
  /** Settles when it and everything it started is gone and its control group is removed; never rejects. */
  readonly ended: Promise<JailEnd>;
}

/** How a child ended. */
export interface JailEnd {
  code: number | null;
  signal: NodeJS.Signals | null;
  /** True when the kernel ended it for its memory. */
  outOfMemory: boolean;
  /** The last it wrote to standard error, at most 4 kB. */
  complaint: string;
}

/** One way to build walls. */
export interface JailDriver {
  readonly name: 'bubblewrap' | 'native' | 'permission';
  /** The walls it can build on this machine, found by trying; empty when it does not work here. Asked once per process. */
  probe(): Promise<readonly Wall[]>;
  /** @throws {BurgeonError} DEPENDENCY_MISSING when it does not work here */
  launch(program: JailedProgram, without: readonly Wall[]): Promise<JailedChild>;
}

/** How to choose. `without` leaves walls out on purpose, so that a test can see that their absence is noticed. */
export interface JailOptions {
  driver?: JailDriver['name'];
  without?: readonly Wall[];
}
