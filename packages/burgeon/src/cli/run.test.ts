import { mkdtemp, readFile, rm, symlink, writeFile, mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { JsonObject } from '@burgeon/kit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createBurgeon } from '../burgeon.ts';
import { runCommand, type Ran, type RunOptions } from './fixtures/harness.ts';

const petstore = fileURLToPath(new URL('./fixtures/petstore.yaml', import.meta.url));
let folder = '';
let home = '';
let closeMirror = async (): Promise<void> => {};

const cli = (words: string[], options?: RunOptions): Promise<Ran> => runCommand([...words, '--home', home], options);
const json = async <T = JsonObject>(words: string[], options?: RunOptions): Promise<{ code: number; value: T }> => {
  const { code, stdout } = await cli([...words, '--json'], options);
  return { code, value: JSON.parse(stdout) as T };
};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'burgeon-cli-'));
  home = join(folder, 'home');
  await writeFile(join(folder, 'plain'), '');
  const aside = await createBurgeon({ home: join(folder, 'aside') });
  const standing = await aside.standUp({ what: petstore });
  await aside.close();
  closeMirror = () => standing.close();
  expect(await json(['init', '--policy', 'unattended'])).toMatchObject({ code: 0, value: { home, policy: 'unattended' } });
  const added = await json<{ module: JsonObject }>(['add', petstore, '--location', standing.url]);
  expect(added).toMatchObject({
    code: 0,
    value: { module: { id: 'api/petstore', version: '1.0.0', state: 'active' }, operations: 4 },
  });
});

afterAll(async () => {
  await closeMirror();
  await rm(folder, { recursive: true, force: true });
});

describe('reading and growing', () => {
  it('describes a source, as JSON and for people', async () => {
    const { code, value } = await json<{ operations: JsonObject[] }>(['describe', petstore]);
    expect(code).toBe(0);
    expect(value.operations.map(({ id }) => id)).toEqual(['listPets', 'addPet', 'getPetById', 'deletePet']);
    const { stdout } = await cli(['describe', petstore]);
    expect(stdout).toMatch(/4 operations, 1 entity, \d types/);
    expect(stdout).toContain('getPetById  read    One pet');
  });

  it('reads a document from standard input', async () => {
    const { value } = await json<{ name: string }>(['describe', '-', '--name', 'piped'], {
      stdin: await readFile(petstore, 'utf8'),
    });
    expect(value.name).toBe('piped');
  });

  it('says on the way what each stage found, and nothing with --quiet', async () => {
    const { stdout, stderr } = await cli(['add', petstore, '--name', 'second']);
    expect(stdout).toMatch(/api\/second 1\.0\.0 {2}live/);
    expect(stderr.match(/^ok (\w+)/gm)).toEqual(['ok derive', 'ok generate', 'ok check', 'ok try', 'ok approve', 'ok release']);
    expect(await cli(['add', petstore, '--name', 'second', '--quiet'])).toMatchObject({ code: 0, stderr: '' });
    expect((await cli(['remove', 'second', '--yes'])).code).toBe(0);
  });

  it('writes stand-alone files, never over others and never outside', async () => {
    const out = join(folder, 'client');
    const first = await json<{ files: string[] }>(['eject', 'petstore', '--target', 'openapi', '--out', out]);
    expect(first.code).toBe(0);
    expect(first.value.files.length).toBeGreaterThan(0);
    expect(await json(['eject', 'petstore', '--target', 'openapi', '--out', out])).toMatchObject({
      code: 2,
      value: { error: { code: 'USAGE' } },
    });
    expect((await cli(['eject', 'petstore', '--target', 'openapi', '--out', out, '--force'])).stdout).toContain('Wrote');
    const [file = ''] = first.value.files;
    await rm(join(out, file));
    await mkdir(join(folder, 'elsewhere'));
    await symlink(join(folder, 'elsewhere'), join(folder, 'linked'));
    expect((await cli(['eject', 'petstore', '--target', 'typescript', '--out', join(folder, 'linked')])).code).toBe(0);
    expect(await json(['eject', 'petstore', '--target', 'openapi', '--out', join(folder, 'plain')])).toMatchObject({
      code: 1,
      value: { error: { code: 'HOME_UNWRITABLE' } },
    });
    expect(await json(['eject', 'petstore', '--target', 'cobol', '--out', out])).toMatchObject({
      code: 1,
      value: { error: { code: 'ADAPTER_UNKNOWN' } },
    });
    expect((await cli(['eject', 'petstore', '--out', out])).stderr).toContain('--target typescript');
    expect((await cli(['eject', 'petstore', '--target', 'openapi'])).stderr).toContain('--out ./client');
  });
});

describe('using', () => {
  it('calls an operation with each form of input', async () => {
    const made = await json<{ output: { id: number; name: string } }>([
      'call',
      'petstore.addPet',
      '--name',
      'Rex',
      '--tags',
      'a',
    ]);
    expect(made).toMatchObject({ code: 0, value: { output: { name: 'Rex', tags: ['a'] } } });
    const { id } = made.value.output;
    expect((await json(['call', 'api/petstore.getPetById', `{"petId":${id}}`])).value).toMatchObject({ output: { name: 'Rex' } });
    expect((await json(['call', 'api/petstore@1.0.0.getPetById', '-'], { stdin: `{"petId":${id}}` })).value).toMatchObject({
      output: { name: 'Rex' },
    });
    const { stdout } = await cli(['call', 'petstore.getPetById', '--petId', String(id)]);
    expect(JSON.parse(stdout)).toMatchObject({ name: 'Rex' });
    expect((await cli(['call', 'petstore.getPetById', '--petId', String(id)], { tty: true })).stderr).toMatch(/ms.*trace_/);
  });

  it.each([
    [['call', 'petstore.getPetById', '--petId', 'abc'], 1, 'INPUT_INVALID'],
    [['call', 'petstore.getPetByI', '--petId', '1'], 1, 'OPERATION_NOT_FOUND'],
    [['call', 'petstore.getPetByI', '{}'], 1, 'OPERATION_NOT_FOUND'],
    [['call', 'petshop.getPetById', '{}'], 1, 'MODULE_NOT_FOUND'],
    [['call', 'petstore@9.9.9.getPetById', '{}'], 1, 'VERSION_NOT_FOUND'],
    [['call', 'petstore.getPetById', '--ptId', '1'], 2, 'USAGE'],
    [['call', 'petstore'], 2, 'USAGE'],
    [['show', 'petstore', '--operation', 'nope'], 1, 'OPERATION_NOT_FOUND'],
    [['describe', 'nowhere.yaml'], 1, 'SOURCE_NOT_FOUND'],
    [['approve', 'req_none', '--code', '1'], 1, 'REQUEST_NOT_FOUND'],
    [['init', '--policy', 'none'], 2, 'USAGE'],
    [['completion', 'tcsh'], 2, 'USAGE'],
    [['bench', 'lod'], 2, 'USAGE'],
    [['mirror', 'petstore', '--port', '70000'], 2, 'USAGE'],
    [['mirror', 'petstore', '--validation', 'some'], 2, 'USAGE'],
    [['mirror', 'petstore', '--record', 'f'], 1, 'UNSUPPORTED'],
    [['mcp', '--view', 'all'], 2, 'USAGE'],
    [['secret', 'set', 'a/b'], 2, 'USAGE'],
    [['secret'], 2, 'USAGE'],
    [['list', '--state', 'asleep'], 2, 'USAGE'],
    [['secret', 'st'], 2, 'USAGE'],
    [['lst'], 2, 'USAGE'],
    [['list', '--staet', 'x'], 2, 'USAGE'],
    [['describe'], 2, 'USAGE'],
    [['list', 'surplus'], 2, 'USAGE'],
    [['check', 'petstore', '--sarif', '--junit'], 2, 'USAGE'],
    [['remove', 'petstore'], 2, 'USAGE'],
  ])('%j ends with %i and %s', async (words, exit, code) => {
    const { code: actual, value } = await json<{ error: JsonObject }>(words);
    expect(value).toEqual({
      error: {
        code,
        message: expect.any(String) as string,
        hint: expect.any(String) as string,
        data: expect.anything() as JsonObject,
      },
    });
    expect(actual).toBe(exit);
  });

  it('says how a command goes on that was not written to its end', async () => {
    for (const words of [['secret'], ['secret', 'lst'], ['--quiet', 'secret']]) {
      const { stderr } = await cli(words);
      expect(stderr).toContain(`"burgeon ${words.filter((word) => word !== '--quiet').join(' ')}" is not a command.`);
      expect(stderr).toContain('It goes on with one of: set, list, rotate, revoke, login. See: burgeon secret --help');
    }
    expect((await cli(['list', '--state', 'asleep'])).stderr).toContain('States: pending, active, rejected, archived');
    expect((await cli(['list', '--state', 'rejected'])).stdout).toContain('No module is rejected.');
  });

  it('tells people in three lines what happened, why and what to do', async () => {
    const { stdout, stderr } = await cli(['lst']);
    expect(stdout).toBe('');
    expect(stderr.split('\n')).toEqual([
      "error  Unknown command 'lst'.",
      '  why  USAGE: The command or request is not written as the contract says.',
      '   do  Did you mean list? See: burgeon --help',
      '',
    ]);
  });

  it('shows modules and operations', async () => {
    expect((await json<JsonObject[]>(['list'])).value).toMatchObject([{ id: 'api/petstore', state: 'active' }]);
    expect((await json<JsonObject[]>(['list', '--state', 'archived'])).value).toEqual([]);
    expect((await cli(['list'], { tty: true })).stdout).toContain('api/petstore');
    expect((await runCommand(['list', '--home', join(folder, 'aside')])).stdout).toContain('No modules yet');
    expect((await cli(['show', 'petstore', '--files'])).stdout).toMatch(/net\.http[\s\S]*SKILL\.md/);
    expect((await json(['show', 'petstore', '--operation', 'addPet'])).value).toMatchObject({
      signature: expect.stringContaining('name: string') as string,
      example: expect.stringMatching(/^burgeon call api\/petstore\.addPet '\{"body":\{.*"name":"[^"]+".*\}\}'$/) as string,
    });
    expect((await cli(['show', 'petstore', '--operation', 'getPetById'])).stdout).toContain('404');
    expect((await cli(['versions', 'petstore'])).stdout).toContain('1.0.0');
  });
});

describe('looking after modules', () => {
  it('compares, rolls back, archives, restores and reloads', async () => {
    const text = (await readFile(petstore, 'utf8'))
      .replace('One pet', 'One pet of all')
      .replace('operationId: deletePet', 'operationId: dropPet');
    const changed = join(folder, 'changed.yaml');
    await writeFile(changed, text);
    const { value } = await json<{ module: { version: string } }>(['add', changed]);
    expect(value.module.version).toBe('2.0.0');
    expect((await json(['diff', 'petstore', '1.0.0', '2.0.0'])).value).toMatchObject({ verdict: 'major' });
    expect((await cli(['diff', 'petstore', '1.0.0', '2.0.0'])).stdout).toContain('deletePet');
    expect((await cli(['versions', 'petstore'])).stdout).toContain('burgeon diff api/petstore 1.0.0 2.0.0');
    expect((await json(['rollback', 'petstore'])).value).toMatchObject({ module: { version: '1.0.0', state: 'active' } });
    expect((await json(['archive', 'petstore'])).value).toMatchObject({ module: { state: 'archived' } });
    expect(await json(['call', 'petstore.listPets'])).toMatchObject({ code: 1, value: { error: { code: 'MODULE_ARCHIVED' } } });
    expect((await cli(['restore', 'petstore'])).stdout).toContain('active');
    expect((await cli(['reload', 'petstore'])).code).toBe(0);
  });

  it('checks and tests', async () => {
    expect(await json(['check', 'petstore'])).toMatchObject({ code: 0, value: { ok: true } });
    expect((await json(['check', 'petstore', '--sarif'])).value).toMatchObject({ version: '2.1.0' });
    expect((await cli(['check', 'petstore', '--junit'])).stdout).toMatch(/^<\?xml[\s\S]*failures="0"/);
    expect((await cli(['check', 'petstore'])).stdout).toContain('structure');
    expect(await json(['test', 'petstore'])).toMatchObject({ code: 0, value: { failed: 0, coverage: 1 } });
    expect((await cli(['test', 'petstore'])).stdout).toContain('100 %');
  });

  it('checks a folder in which a module is being written', async () => {
    const at = join(folder, 'being-written');
    await mkdir(at);
    const card = { operations: { greet: { output: { type: 'string' } } } };
    await writeFile(join(at, 'plugin.json'), JSON.stringify({ name: 'greeter', extensions: { 'dev.burgeon.module': card } }));
    await writeFile(join(at, 'index.ts'), `export const operations = { greet: async () => 'hello' };\n`);
    expect(await json(['check', at])).toMatchObject({ code: 0, value: { ok: true } });
    await writeFile(join(at, 'index.ts'), `\nexport const operations = { greet: async () => eval('1') };\n`);
    const { code, stdout } = await cli(['check', at]);
    expect([code, stdout]).toEqual([1, expect.stringMatching(/BP-01\s+index\.ts:2:\d+/)]);
  });

  it('takes the name of a folder with a module in it for one, where no module is called so', async () => {
    const near = relative(process.cwd(), fileURLToPath(new URL('../../../../examples/outline', import.meta.url)));
    expect(await json(['check', near])).toMatchObject({ code: 0, value: { ok: true } });
    expect(await json(['check', 'examples/nothing'])).toMatchObject({ code: 1, value: { error: { code: 'MODULE_NOT_FOUND' } } });
  });

  it('checks a folder that holds a module', async () => {
    const { value } = await json<{ files: { path: string; text: string }[] }>(['show', 'petstore', '--files']);
    const at = join(folder, 'module');
    await mkdir(at);
    for (const { path, text } of value.files) {
      await mkdir(dirname(join(at, path)), { recursive: true });
      await writeFile(join(at, path), text);
    }
    expect(await json(['check', at])).toMatchObject({ code: 0, value: { ok: true } });
    await writeFile(join(at, 'index.ts'), 'eval("1");\n');
    expect(await json(['check', at])).toMatchObject({ code: 1, value: { ok: false } });
    expect((await cli(['check', at])).stdout).toMatch(/\d errors?/);
    for (const [text, code] of [
      ['[]', 'SOURCE_INVALID'],
      ['{', 'SOURCE_INVALID'],
      ['{}', 'SOURCE_INVALID'],
    ] as const) {
      await writeFile(join(at, 'plugin.json'), text);
      expect(await json(['check', at])).toMatchObject({ code: 1, value: { error: { code } } });
    }
    await rm(join(at, 'plugin.json'));
    expect(await json(['check', at])).toMatchObject({ code: 1, value: { error: { code: 'SOURCE_NOT_FOUND' } } });
  });

  it('keeps secrets without ever showing one', async () => {
    expect((await cli(['secret', 'list'])).stdout).toContain('No secrets yet');
    for (const [words, stdin] of [
      [['secret', 'set', 'api/petstore/key'], 'hunter2\n'],
      [['secret', 'rotate', 'api/petstore/key'], 'hunter3'],
      [['secret', 'list'], ''],
      [['secret', 'list', '--json'], ''],
      [['secret', 'revoke', 'api/petstore/key'], ''],
    ] as const) {
      const ran = await cli([...words], { stdin });
      expect(ran.code).toBe(0);
      expect(ran.stdout + ran.stderr).toContain('api/petstore/key');
      expect(ran.stdout + ran.stderr).not.toMatch(/hunter/);
    }
  });

  it('shows and verifies the record', async () => {
    expect((await json<JsonObject[]>(['audit', 'petstore', '--limit', '2'])).value).toHaveLength(2);
    expect((await cli(['audit'])).stdout).toContain('burgeon audit verify');
    expect(await json(['audit', 'verify'])).toMatchObject({ code: 0, value: { ok: true } });
    expect((await cli(['audit', 'verify'])).stdout).toContain('Sound.');
  });
});

describe('approving', () => {
  const strict = async (words: string[], options?: RunOptions): Promise<Ran> =>
    runCommand([...words, '--home', join(folder, 'strict')], options);
  const codeIn = (text: string): string => /--code ([A-Z0-9]+)/.exec(text)?.[1] ?? '';

  it('ends with 3 while approval is pending, and with the module live when the person has answered', async () => {
    await strict(['init', '--policy', 'one-channel']);
    const added = await strict(['add', petstore, '--json']);
    expect(added.code).toBe(3);
    const { request } = JSON.parse(added.stdout) as { request: { id: string } };
    expect(await strict(['call', 'petstore.listPets'])).toMatchObject({
      code: 3,
      stderr: expect.stringContaining(request.id) as string,
    });
    expect((await strict(['list'])).stdout).toContain('burgeon approvals');
    expect((await strict(['approvals'])).stdout).toContain(request.id);
    expect((await strict(['approve', request.id, '--code', 'WRONG1'])).stderr).toContain('APPROVAL_CODE_INVALID');
    const again = await strict(['approve', 'petstore']);
    expect(again).toMatchObject({ code: 0, stdout: expect.stringContaining('--code CODE') as string });
    const approved = await strict(['approve', request.id, '--code', codeIn(again.stderr)]);
    expect(approved.stdout).toContain('Live: api/petstore@1.0.0');
    expect((await strict(['approvals'])).stdout).toContain('Nothing waits');
    expect((await strict(['approvals', '--all'])).stdout).toContain('approved');
  });

  it('asks the person at a terminal, who may mistype', async () => {
    let asked = 0;
    const watch = (text: string, type: (answer: string) => void): void => {
      code = codeIn(text) || code;
      if (text.includes('Code of the channel')) type(asked++ === 0 ? 'WRONG1\n' : `${code}\n`);
    };
    let code = '';
    const ran = await strict(['add', petstore, '--name', 'asked'], { tty: true, watch });
    expect(ran.stdout).toContain('live');
    expect(ran.code).toBe(0);
  });

  it('lets nothing wait for a request that wrong codes have closed', async () => {
    const added = await strict(['add', petstore, '--name', 'guessed', '--json']);
    const { request } = JSON.parse(added.stdout) as { request: { id: string } };
    for (let tries = 0; tries < 5; tries += 1) await strict(['approve', request.id, '--code', 'WRONG1']);
    expect((await strict(['list', '--state', 'rejected'])).stdout).toContain('api/guessed');
    expect(await strict(['call', 'guessed.listPets', '--json'])).toMatchObject({
      code: 1,
      stdout: expect.stringContaining('APPROVAL_REJECTED') as string,
    });
    expect((await strict(['audit', 'guessed'])).stdout).toMatch(/module\.rejected .* why too many wrong codes/);
  });

  it('takes a rejection for good', async () => {
    const added = JSON.parse((await strict(['add', petstore, '--name', 'unwanted', '--json'])).stdout) as {
      request: { id: string };
    };
    expect((await strict(['reject', 'api/unwanted', '--why', 'no need'])).stdout).toContain('rejected');
    expect((await strict(['reject', 'api/unwanted', '--json'])).stdout).toContain('REQUEST_NOT_FOUND');
    expect((await strict(['approve', added.request.id, '--code', 'X', '--json'])).stdout).toContain('APPROVAL_CLOSED');
  });

  it('asks nobody about a module that was removed', async () => {
    await strict(['add', petstore, '--name', 'gone', '--json']);
    expect((await strict(['remove', 'gone', '--yes'])).code).toBe(0);
    expect((await strict(['approvals'])).stdout).not.toContain('api/gone');
    expect((await strict(['audit', 'api/gone'])).stdout).toContain('the module was removed');
  });

  it('sets an authenticator up', async () => {
    const { stdout } = await strict(['init', '--totp']);
    expect(stdout).toContain('otpauth://totp/');
    expect((await strict(['init'])).stdout).toContain('burgeon init --totp');
  });
});

describe('about', () => {
  it.each([
    [['--help'], 'Grow modules:'],
    [[], 'Grow modules:'],
    [['--version'], '0.1.0'],
    [['help', 'add'], 'burgeon add ./petstore.yaml'],
    [['secret', '--help'], 'set <name>'],
    [['completion', 'bash'], 'complete -o default -F _burgeon burgeon'],
    [['completion', 'zsh'], 'compdef _burgeon burgeon'],
    [['completion', 'fish'], "complete -c burgeon -n '__fish_seen_subcommand_from secret' -a set"],
    [['bench', '--help'], '--peers'],
    [['modules', 'test-isolation', '--walls'], 'egress gate'],
  ])('%j says %s', async (words, expected) => {
    const { code, stdout } = await runCommand(words);
    expect(stdout).toContain(expected);
    expect(code).toBe(0);
  });

  it('looks at the machine and the home', async () => {
    expect((await cli(['doctor'])).stdout).toContain('no server');
    expect((await runCommand(['doctor', '--home', join(folder, 'new')])).stdout).toContain('made on first use');
    const file = await runCommand(['doctor', '--json', '--home', join(folder, 'plain')]);
    expect(file).toMatchObject({ code: 1, stdout: expect.stringContaining('It is a file') as string });
  });

  it('follows an error to its cause with --verbose', async () => {
    const { stderr } = await runCommand(['list', '--verbose', '--home', join(folder, 'plain')]);
    expect(stderr).toMatch(/HOME_UNWRITABLE[\s\S]*caused by/);
  });
});
