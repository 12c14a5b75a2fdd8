import { mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type JsonObject, type JsonValue, manifestExtension } from '@burgeon/kit';
import { describe, expect, it } from 'vitest';
import { findPython } from '../packages/burgeon/src/base/python.ts';
import { failure, openBurgeon } from './open-burgeon.ts';
import { root as repository } from './source-tree.ts';

const here = (await findPython()) !== undefined;
if (!here) process.stderr.write('SKIPPED: there is no Python, so its modules are not tested from end to end.\n');

const { root, manage, call: callById } = openBurgeon('process');
const add = (what: string): Promise<JsonObject> => manage('addModule', { what });
const call = (name: string, operation: string, input: JsonObject): Promise<JsonValue | undefined> =>
  callById(`skill/${name}`, operation, input);

/** A folder with a program whose operations take and give anything. */
const folderOf = (name: string, entry: string, code: string, card: JsonObject = {}): string => {
  const folder = mkdtempSync(join(root, `${name}-`));
  const operations = { run: { summary: 'Runs.', input: { additionalProperties: true }, output: {}, effect: 'read' } };
  const manifest = { name, extensions: { [manifestExtension]: { host: 'process', entry, operations, ...card } } };
  writeFileSync(join(folder, 'plugin.json'), JSON.stringify(manifest));
  writeFileSync(join(folder, entry), code);
  return folder;
};

/** Every finding of every check, as code and path. */
const findingsOf = (added: JsonObject): string[] =>
  (added['checks'] as { diagnostics: { code: string; path: string }[] }[]).flatMap(({ diagnostics }) =>
    diagnostics.map(({ code, path }) => `${code} ${path}`.trim()),
  );

describe.skipIf(!here)('the example in Python', () => {
  it('grows through every stage, told as what it is', async () => {
    const added = await add(join(repository, 'examples/python-stats'));
    expect(added).toMatchObject({
      module: { id: 'skill/statistics', kind: 'code', host: 'process', state: 'active' },
      trial: { passed: 3, failed: 0, skipped: 0 },
      disclosure: {
        capabilities: [],
        text: expect.stringMatching(/\nRuns as a program of its own behind the walls.*\nWhat it wants is what its author says/),
      },
    });
    expect(findingsOf(added)).toEqual(['capability-not-inferred main.py', 'not-judged']);
  });

  it('answers, and its errors carry their codes', async () => {
    expect(await call('statistics', 'regress', { points: [3, 4, 5].map((x) => ({ x, y: 1 - x })) })).toEqual({
      slope: -1,
      intercept: 1,
      fit: 1,
    });
    expect(await call('statistics', 'outline', { text: '# a\r\nb c\n' })).toEqual({
      sections: [{ level: 1, title: 'a', line: 1, words: 2 }],
    });
    const flat = [1, 2].map((y) => ({ x: 5, y }));
    expect(await failure(call('statistics', 'regress', { points: flat }))).toMatchObject({
      code: 'MODULE_FAILED',
      data: { data: { code: 'NO_SPREAD' }, place: expect.stringMatching(/^figures\.py:\d+$/) },
    });
  });
});

describe('checks of programs', () => {
  it.skipIf(!here)('name the line of Python that does not compile', async () => {
    const error = await failure(add(folderOf('broken', 'main.py', 'x = 1\ndef run(:\n')));
    expect(error).toMatchObject({ code: 'CHECKS_FAILED', message: expect.stringContaining('main.py:2') });
  });

  it('take the manifest at its word where the language is not read', async () => {
    const capabilities = [{ kind: 'clock', scope: {} }];
    const code = 'from burgeon import clock\nasync def run(given):\n    return await clock.now() > 0\n';
    const added = here ? await add(folderOf('timed', 'main.py', code, { capabilities })) : undefined;
    if (added) expect(added['disclosure']).toMatchObject({ capabilities, text: expect.stringContaining('- Know the time') });
  });

  it('let a program of Node use Node, and infer its imports of power', async () => {
    const code = `import { createHash } from 'node:crypto';\nimport { clock } from 'burgeon:cap/clock';\nexport const operations = { run: async (): Promise<unknown> => [createHash('sha256').update('a').digest('hex').slice(0, 4), (await clock.now()) > 0] };\n`;
    const added = await add(folderOf('node', 'main.ts', code));
    expect(added).toMatchObject({ module: { host: 'process' }, disclosure: { capabilities: [{ kind: 'clock', scope: {} }] } });
    expect(findingsOf(added)).toEqual(['not-judged']);
    expect(added['disclosure']).not.toMatchObject({ text: expect.stringContaining('its author says') });
    expect(await call('node', 'run', {})).toEqual(['ca97', true]);
  });
});
