import type { JailedProgram } from '../../../walls/jail/jail.ts';
import { intrudingCalls, kernelCalls, mountingCalls, networkCalls } from '../../../walls/jail/system-calls.ts';

/** A folder of ours that a container sees, read-only. */
export interface ContainerMount {
  source: string;
  destination: string;
}

/** What a container is made of. */
export interface ContainerParts {
  /** Folder with the files of the image. */
  rootfs: string;
  program: Pick<JailedProgram, 'command' | 'args' | 'env' | 'bounds'>;
  mounts: readonly ContainerMount[];
  /** Below the control group of whoever starts it. */
  group: string;
}

/** The user that programs are in a container: nobody, and not the one of a user of the machine. */
const nobody = 65_534;

const hidden = ['nosuid', 'noexec', 'nodev'];

/** Switches of the kernel, and places that tell of the machine. */
const masked = [
  '/proc/acpi',
  '/proc/asound',
  '/proc/interrupts',
  '/proc/kcore',
  '/proc/keys',
  '/proc/latency_stats',
  '/proc/scsi',
  '/proc/timer_list',
  '/proc/sched_debug',
];
const readOnly = ['/proc/bus', '/proc/fs', '/proc/irq', '/proc/sys', '/proc/sysrq-trigger'];

/** Groups and sessions of processes are a container's own matter: it has a number space. */
const ordinary: ReadonlySet<string> = new Set(['setsid', 'setpgid']);

const refusedCalls = (): string[] =>
  [intrudingCalls, mountingCalls, kernelCalls, networkCalls]
    .flatMap((table) => Object.keys(table))
    .filter((name) => !ordinary.has(name));

/**
 * The configuration of one container: read-only files, no network but an empty one, no capabilities and no way to new ones, a user without rights,
 * system calls refused as in our own jail, and bounds of open files and files written. Memory and processes are held by the group around it.
 * @see https://github.com/opencontainers/runtime-spec/blob/v1.0.2/config.md
 */
export const containerConfig = ({ rootfs, program, mounts, group }: ContainerParts): object => {
  const limit = (type: string, value: number): object => ({ type, hard: value, soft: value });
  return {
    ociVersion: '1.0.2',
    hostname: 'jail',
    root: { path: rootfs, readonly: true },
    process: {
      terminal: false,
      user: { uid: nobody, gid: nobody },
      args: [program.command, ...program.args],
      env: Object.entries(program.env ?? {}).map(([name, value]) => `${name}=${value}`),
      cwd: '/',
      capabilities: { bounding: [], effective: [], inheritable: [], permitted: [], ambient: [] },
      rlimits: [
        limit('RLIMIT_CORE', 0),
        limit('RLIMIT_FSIZE', program.bounds.fileBytes),
        limit('RLIMIT_NOFILE', program.bounds.openFiles),
      ],
      noNewPrivileges: true,
    },
    mounts: [
      { destination: '/proc', type: 'proc', source: 'proc', options: hidden },
      { destination: '/dev', type: 'tmpfs', source: 'tmpfs', options: ['nosuid', 'strictatime', 'mode=755', 'size=64k'] },
      ...mounts.map((mount) => ({ ...mount, type: 'bind', options: ['bind', 'ro', 'nosuid', 'nodev', 'private'] })),
    ],
    linux: {
      cgroupsPath: group,
      namespaces: ['pid', 'network', 'ipc', 'uts', 'mount', 'cgroup'].map((type) => ({ type })),
      resources: { devices: [{ allow: false, access: 'rwm' }] },
      maskedPaths: masked,
      readonlyPaths: readOnly,
      rootfsPropagation: 'private',
      seccomp: {
        defaultAction: 'SCMP_ACT_ALLOW',
        architectures: [process.arch === 'arm64' ? 'SCMP_ARCH_AARCH64' : 'SCMP_ARCH_X86_64'],
        syscalls: [{ names: refusedCalls(), action: 'SCMP_ACT_ERRNO', errnoRet: 1 }],
      },
    },
  };
};
