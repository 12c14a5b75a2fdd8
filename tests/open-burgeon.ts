/** A Burgeon of its own for a test that goes from end to end: it approves by policy, and goes with its folder when the tests are through. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BurgeonError, type JsonObject, type JsonValue } from '@burgeon/kit';
import { afterAll, beforeAll, expect } from 'vitest';
import { createBurgeon, type Burgeon } from '../packages/burgeon/src/burgeon.ts';

/** What such tests use. */
export interface TestBurgeon {
  /** Folder for what the test writes; the home is in it. */
  root: string;
  home: string;
  /** There once the tests begin. */
  burgeon(): Burgeon;
  /** Ends it and opens it again, as the next process would. */
  reopen(): Promise<void>;
  /** One of the management operations. */
  manage(operation: string, input?: JsonObject): Promise<JsonObject>;
  /** An operation of a module; `id` is `namespace/name`. */
  call(id: string, operation: string, input?: JsonObject): Promise<JsonValue | undefined>;
}

/** Opens one before the tests of this file and closes it after them. */
export const openBurgeon = (name: string): TestBurgeon => {
  const root = mkdtempSync(join(tmpdir(), `burgeon-${name}-`));
  const home = join(root, 'home');
  let burgeon: Burgeon | undefined;
  beforeAll(async () => {
    const first = await createBurgeon({ home, threads: false });
    await first.init({ policy: 'unattended', totp: false });
    await first.close();
    burgeon = await createBurgeon({ home, threads: false });
  });
  afterAll(async () => {
    await burgeon?.close();
    rmSync(root, { recursive: true, force: true });
  });
  const opened = (): Burgeon => burgeon ?? expect.unreachable();
  const manage = async (operation: string, input: JsonObject = {}): Promise<JsonObject> =>
    (await opened().management.call(operation, input)).output as JsonObject;
  return {
    root,
    home,
    burgeon: opened,
    reopen: async () => {
      await opened().close();
      burgeon = await createBurgeon({ home, threads: false });
    },
    manage,
    call: async (id, operation, input = {}) => {
      const [namespace = '', short = ''] = id.split('/');
      return (await manage('callOperation', { namespace, name: short, operation, input }))['output'];
    },
  };
};

/** What a piece of work fails with. */
export const failure = (work: Promise<unknown>): Promise<BurgeonError> =>
  work.then(
    () => expect.unreachable(),
    (error: unknown) => BurgeonError.from(error),
  );
