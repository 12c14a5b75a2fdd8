/** What the probes of durability share: the grounds, a folder for copies of them, and the table of what came out. */
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect } from 'vitest';
import { isAsked } from '../door-probes.ts';
import { type ProbeRow, tableText } from '../probe-table.ts';
import { type Grounds, makeGrounds } from './grounds.ts';
import { type Operation, operations } from './operations.ts';

/** A stand for probes. */
export interface Stand {
  root: string;
  /** Where compiled code is kept, so that processes start faster. */
  cache: string;
  /** There once the tests begin. */
  grounds(): Grounds;
  /** A copy of the home that an operation starts from, in a folder of the stand or in another one. */
  copyFor(operation: Pick<Operation, 'ground'>, folder?: string): string;
  /** Holds what came to what was expected, and keeps both for the table. */
  judge(probe: string, what: string, expected: string, got: string): void;
}

/** Makes the grounds before the tests of this file; takes everything away and prints the table after them. */
export const openStand = (title: string): Stand => {
  if (!isAsked) process.stderr.write(`\n!!! SKIPPED: probes: ${title}; set BURGEON_REQUIRE_SERVICES=1 to run them !!!\n`);
  const root = mkdtempSync(join(tmpdir(), 'burgeon-probes-'));
  const rows: ProbeRow[] = [];
  let grounds: Grounds | undefined;
  let copies = 0;
  beforeAll(async () => {
    if (isAsked) grounds = await makeGrounds(root);
  }, 120_000);
  afterAll(async () => {
    await grounds?.close();
    rmSync(root, { recursive: true, force: true });
    if (rows.length > 0) process.stdout.write(tableText(rows));
  });
  const standing = (): Grounds => grounds ?? expect.unreachable();
  return {
    root,
    cache: join(root, 'cache'),
    grounds: standing,
    copyFor: ({ ground }, folder = root) => {
      const home = join(folder, `run-${(copies += 1)}`);
      cpSync(standing().of(ground).home, home, { recursive: true });
      return home;
    },
    judge: (probe, what, expected, got) => {
      const ok = got === expected || got.startsWith(`${expected};`);
      rows.push({ probe, what, expected, got, ok });
      expect(ok, `${probe} ${what}: ${got}`).toBe(true);
    },
  };
};

/** One of the operations. */
export const operation = (name: string): Operation => operations.find((each) => each.name === name) ?? expect.unreachable();

/** Works through a list in two lanes: as many as a small machine has processors. */
export const inLanes = async <T>(list: readonly T[], work: (item: T) => Promise<void>): Promise<void> => {
  const waiting = [...list];
  const lane = async (): Promise<void> => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) await work(item);
  };
  await Promise.all([lane(), lane()]);
};
