import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';

/** What keeps a jailed process from the rest of the machine, for people who have to trust it. */
export interface Walls {
  /** Namespaces, no network, no capabilities, nothing but the named files: by bubblewrap. */
  jail: 'bubblewrap' | 'none';
  /** Node's own permission model: a seat belt, not a wall. */
  permission: boolean;
  /** No network from inside. */
  network: boolean;
  /** Only the named files can be read, none written. */
  files: boolean;
  /** One sentence for the disclosure. */
  text: string;
}

/** A Node process to be jailed. */
export interface JailedNode {
  /** Script that it runs. */
  script: string;
  args?: readonly string[];
  /** Flags of Node, before the script. */
  flags?: readonly string[];
  /** Files and folders it may read, beside Node itself and the system's libraries. */
  read: readonly string[];
  /** True: it loads a native add-on. */
  addons?: boolean;
}

const systemFolders = ['/usr', '/lib', '/lib32', '/lib64', '/etc/ld.so.cache'];

// Node ends with 13 when it cannot read OpenSSL's configuration, and none is needed.
const bounds =
  '--unshare-all --die-with-parent --new-session --clearenv --cap-drop ALL --uid 65534 --gid 65534 --hostname jail ' +
  '--setenv OPENSSL_CONF /dev/null --proc /proc --dev /dev --tmpfs /tmp --chdir /';

const launcher = (read: readonly string[]): string[] => [
  ...bounds.split(' '),
  ...systemFolders.flatMap((folder) => ['--ro-bind-try', folder, folder]),
  ...read.flatMap((path) => ['--ro-bind', path, path]),
];

let probing: Promise<boolean> | undefined;

/** Whether bubblewrap works here: it may be missing, or forbidden by the kernel or a container around us. */
const hasLauncher = (): Promise<boolean> => {
  probing ??= new Promise((resolve) => {
    if (process.platform !== 'linux') return resolve(false);
    const child = spawn('bwrap', [...launcher([process.execPath]), process.execPath, '--version'], {
      env: { PATH: '/usr/bin:/bin' },
      stdio: 'ignore',
    });
    child.once('error', () => resolve(false));
    child.once('exit', (code) => resolve(code === 0));
  });
  return probing;
};

/** Which walls hold on this machine. */
export const walls = async (): Promise<Walls> => {
  const jail = await hasLauncher();
  const files = jail ? 'namespaces with nothing but its own files, no network and no privileges' : "Node's permission model only";
  return {
    jail: jail ? 'bubblewrap' : 'none',
    permission: true,
    network: true,
    files: true,
    text: jail
      ? `Code runs in a process of its own, in ${files}.`
      : `Code runs in a process of its own under ${files}: install bubblewrap for a wall of the operating system.`,
  };
};

/** The command that starts a Node process behind every wall there is. Its environment must be given as {@link jailEnvironment}. */
export const jailCommand = async (node: JailedNode): Promise<{ command: string; args: string[] }> => {
  const read = node.read.filter((path) => existsSync(path));
  const permission = [
    '--permission',
    ...read.map((path) => `--allow-fs-read=${path}`),
    ...(node.addons ? ['--allow-addons'] : []),
  ];
  const args = [...(node.flags ?? []), ...permission, '--no-warnings', node.script, ...(node.args ?? [])];
  if (!(await hasLauncher())) return { command: process.execPath, args };
  return { command: 'bwrap', args: [...launcher([process.execPath, ...read]), process.execPath, ...args] };
};

/** The environment of a jailed process: where to find the launcher, and nothing of ours. */
export const jailEnvironment: Readonly<Record<string, string>> = { PATH: '/usr/bin:/bin' };
