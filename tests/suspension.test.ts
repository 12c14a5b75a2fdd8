/** A module that asks for forbidden things in a row is stopped, and told of; its neighbour is not. Our own modules, made up for this. */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BurgeonError, manifestExtension, type JsonObject, type JsonValue } from '@burgeon/kit';
import { expect, it } from 'vitest';
import { openBurgeon } from './open-burgeon.ts';

const { root, manage, call: callById } = openBurgeon('suspension');

const add = (name: string, code: string): Promise<JsonObject> => {
  const folder = mkdtempSync(join(root, `${name}-`));
  const run = {
    effect: 'read',
    input: { properties: { ask: { type: 'string', maxLength: 40 } }, required: ['ask'] },
    output: {},
    examples: [{ name: 'quiet', input: { ask: 'no' } }],
  };
  const card = { id: `skill/${name}`, operations: { run } };
  writeFileSync(
    join(folder, 'plugin.json'),
    JSON.stringify({ name: `skill.${name}`, extensions: { [manifestExtension]: card } }),
  );
  writeFileSync(join(folder, 'index.js'), code);
  return manage('addModule', { what: folder });
};

const call = (name: string, input: JsonObject): Promise<JsonValue | undefined> => callById(`skill/${name}`, 'run', input);

const codeOf = (work: Promise<JsonValue | undefined>): Promise<JsonValue | undefined> =>
  work.catch((error: unknown) => BurgeonError.from(error).code);

it('a burst of denied calls suspends a module until somebody loads it again', async () => {
  await add('good', 'export const operations = { run: async () => 1 };');
  const asker = `import { http } from 'burgeon:cap/http' with { hosts: 'a.example' };
export const operations = { run: async ({ ask }) => { let refused = 0; if (ask === 'please, twelve times') for (let at = 0; at < 12; at += 1) await http.fetch('https://b.example/').catch(() => (refused += 1)); return refused; } };`;
  await add('asker', asker);
  // Stopped in the middle of it, and kept so.
  expect(await codeOf(call('asker', { ask: 'please, twelve times' }))).toBe('MODULE_SUSPENDED');
  expect(await codeOf(call('asker', { ask: 'no' }))).toBe('MODULE_SUSPENDED');
  expect(await call('good', { ask: 'no' })).toBe(1);
  expect(JSON.stringify(await manage('listAudit', {}))).toContain('module.suspended');
  await manage('loadModule', { namespace: 'skill', name: 'asker' });
  expect(await call('asker', { ask: 'no' })).toBe(0);
});
