/** Looks at a home after something happened to it, and says what is wrong. */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { BurgeonError, type JsonObject } from '@burgeon/kit';
import { sqlite } from '../../../packages/burgeon/src/adapters/stores/sqlite.ts';
import { systemClock } from '../../../packages/burgeon/src/base/clock.ts';
import { openHome } from '../../../packages/burgeon/src/base/home.ts';
import type { Burgeon } from '../../../packages/burgeon/src/burgeon.ts';
import { openMasterKeys } from '../../../packages/burgeon/src/security/master-key.ts';
import { openVault } from '../../../packages/burgeon/src/security/vault.ts';
import { within } from './grounds.ts';
import { type Facts, type Operation, type Sight, manage, sightOf } from './operations.ts';

/** What is wrong, by whether something that was acknowledged is gone or something is half done. */
export interface Verdict {
  lost: string[];
  half: string[];
  /** The state that was found. */
  state: string;
}

/** Opens the home again as the next process would, looks at everything, and does the operation once more where it is not done. */
export const judge = async (
  home: string,
  operation: Operation,
  run: { facts: Facts; acknowledged: boolean },
): Promise<Verdict> => {
  const verdict: Verdict = { lost: [], half: [], state: '' };
  const done = operation.states.at(-1);
  try {
    await within(home, async (burgeon) => {
      const sight = await sightOf(burgeon);
      verdict.state = operation.look(sight);
      if (run.acknowledged && verdict.state !== done) verdict.lost.push(`it is ${verdict.state}, and ${done} was acknowledged`);
      if (!operation.states.includes(verdict.state)) verdict.half.push(`it is ${verdict.state}`);
      verdict.half.push(...(await faultsOf(burgeon, sight)));
      if (verdict.state !== done) await operation.run(burgeon, run.facts);
    });
    if (verdict.state !== done) {
      const again = await within(home, async (burgeon) => {
        const sight = await sightOf(burgeon);
        verdict.half.push(...(await faultsOf(burgeon, sight)));
        return operation.look(sight);
      });
      if (again !== done) verdict.half.push(`done again it is ${again}, not ${done}`);
    }
    verdict.half.push(...leftovers(home), ...(await wrongSecrets(home)));
  } catch (error) {
    verdict.half.push(`${operation.name}: ${JSON.stringify(BurgeonError.from(error))}`);
  }
  return verdict;
};

const failureOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => '',
    (error: unknown) => BurgeonError.from(error).code,
  );

/** What does not hold together in a home that is open. */
export const faultsOf = async (burgeon: Burgeon, { versions, requests }: Sight): Promise<string[]> => {
  const faults: string[] = [];
  const audit = (await manage(burgeon, 'verifyAudit')) as JsonObject;
  if (audit['ok'] !== true) faults.push(`audit: ${JSON.stringify(audit)}`);
  for (const [id, states] of Object.entries(versions)) {
    const [namespace = '', name = ''] = id.split('/');
    if (Object.values(states).filter((state) => state === 'active').length > 1) faults.push(`${id} has two active versions`);
    for (const [version, state] of Object.entries(states)) {
      // A package is made of what verifies, from the signature to the last byte.
      const failure = await failureOf(manage(burgeon, 'packageModule', { namespace, name, version }));
      if (state === 'pending' ? failure === '' : failure !== '')
        faults.push(`${id}@${version} is ${state}: ${failure || 'signed'}`);
      if (state === 'active' && (requests[id] ?? ['approved']).every((each) => each !== 'approved'))
        faults.push(`${id}@${version} is active, and no request was approved`);
      if (state === 'active') faults.push(...(await callOf(burgeon, namespace, name)));
    }
    faults.push(...importsOf(burgeon.home.dir, id, states));
  }
  return faults;
};

const callOf = async (burgeon: Burgeon, namespace: string, name: string): Promise<string[]> => {
  const [operation, input] = namespace === 'skill' ? ['add', { to: 1 }] : ['listNotes', {}];
  const failure = await failureOf(manage(burgeon, 'callOperation', { namespace, name, operation, input }));
  return failure === '' ? [] : [`${namespace}/${name} cannot be called: ${failure}`];
};

/** What `import "burgeon:..."` reads must be what is active. */
const importsOf = (home: string, id: string, states: Record<string, string>): string[] => {
  const { modules } = JSON.parse(readFileSync(join(home, 'imports', 'index.json'), 'utf8')) as {
    modules: Record<string, { version: string; versions: Record<string, string> }>;
  };
  const entry = modules[id];
  const active = Object.entries(states).find(([, state]) => state === 'active')?.[0] ?? '';
  if (entry?.version !== active) return [`imports of ${id} lead to ${entry?.version}, not to ${active}`];
  const missing = Object.keys(entry.versions).filter(
    (version) => !readdirSync(join(home, 'imports', id, version)).includes('index.ts'),
  );
  return missing.map((version) => `the stub of ${id}@${version} is missing`);
};

/** Files that are not whole. */
const leftovers = (home: string): string[] =>
  (readdirSync(home, { recursive: true }) as string[]).filter((name) => name.endsWith('.tmp') || name.endsWith('unfinished'));

/** Every secret must give the value of its version. */
const wrongSecrets = async (dir: string): Promise<string[]> => {
  const home = await openHome(dir, { clock: systemClock, waitMs: 5_000 });
  const store = await sqlite.open(home.path('burgeon.db'), { clock: systemClock });
  try {
    const vault = openVault({ store, masterKey: openMasterKeys({ home, clock: systemClock }), clock: systemClock });
    const faults: string[] = [];
    for (const { name, version } of await vault.list()) {
      if (name.startsWith('approval/')) continue;
      const value = await vault.read(name).catch((error: unknown) => BurgeonError.from(error).message);
      const expected = name === 'api/third/key' ? 'value 3' : `value ${version}`;
      if (value !== expected) faults.push(`the secret ${name} is ${value}, not ${expected}`);
    }
    return faults;
  } finally {
    await store.close();
    await home.close();
  }
};
