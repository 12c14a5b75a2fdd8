/** Disks to be filled and to lose power: file systems of their own. Only the system's administrator can make them. */
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statfsSync } from 'node:fs';
import { join } from 'node:path';

/** A file system that is mounted at `folder`. */
export interface Disk {
  folder: string;
  unmount(): void;
}

const run = (command: string, ...words: string[]): void =>
  void execFileSync(command, words, { stdio: ['ignore', 'ignore', 'pipe'] });

/** A disk that can be full. */
export interface SmallDisk extends Disk {
  /** Takes all space but so many bytes; -1: every inode. */
  fill(left: number): void;
  /** Gives it back. */
  empty(): void;
}

const roomy = 'size=64m,nr_inodes=10000';

/** A disk of memory, with space for a few homes. */
export const tmpfs = (folder: string): SmallDisk => {
  mkdirSync(folder);
  run('mount', '-t', 'tmpfs', '-o', `${roomy},mode=0700`, 'tmpfs', folder);
  const remount = (options: string): void => run('mount', '-o', `remount,${options}`, folder);
  return {
    folder,
    fill: (left) => {
      const { blocks, bfree, bsize } = statfsSync(folder);
      const used = (blocks - bfree) * bsize;
      if (left >= 0) remount(`size=${used + left}`);
      // Some of the kernel's own are counted too: what is there is all there may be.
      else remount(`nr_inodes=${countOf(folder)}`);
    },
    empty: () => remount(roomy),
    unmount: () => run('umount', '-l', folder),
  };
};

/** Files and folders below a folder, with itself. */
const countOf = (folder: string): number => readdirSync(folder, { recursive: true }).length + 1;

/** A disk in a file in memory: a copy of the file is what would be on it if the power went now. */
export interface ImageDisk extends Disk {
  /** Brings everything that was copied onto it to the disk. */
  sync(): void;
  /** Mounts such a copy, gives its folder to `work` and takes it away. */
  afterPowerLoss<T>(work: (folder: string) => Promise<T>): Promise<T>;
}

/** Makes an ext4 disk of 48 MB and mounts it. */
export const imageDisk = (): ImageDisk => {
  const dir = mkdtempSync('/dev/shm/burgeon-disk-');
  const image = join(dir, 'image');
  run('truncate', '-s', '48M', image);
  run('mkfs.ext4', '-q', '-F', image);
  const folder = join(dir, 'disk');
  mkdirSync(folder);
  run('mount', '-o', 'loop', image, folder);
  let copies = 0;
  return {
    folder,
    sync: () => run('sync', '-f', folder),
    afterPowerLoss: async (work) => {
      const copy = join(dir, `copy-${(copies += 1)}`);
      copyFileSync(image, copy);
      const at = `${copy}-mounted`;
      mkdirSync(at);
      run('mount', '-o', 'loop', copy, at);
      try {
        return await work(at);
      } finally {
        run('umount', at);
        rmSync(copy);
      }
    },
    unmount: () => {
      run('umount', '-l', folder);
      rmSync(dir, { recursive: true, force: true });
    },
  };
};
