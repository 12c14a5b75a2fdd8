import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunningModule } from '../runtime/monitor.ts';
import { runningText } from './commands/top.ts';
import { runCommand, type Ran, type RunOptions } from './fixtures/harness.ts';
import { render } from './text.ts';

const petstore = fileURLToPath(new URL('./fixtures/petstore.yaml', import.meta.url));
let home = '';

const cli = (words: string[], options?: RunOptions): Promise<Ran> => runCommand([...words, '--home', home], options);
const json = async (words: string[]): Promise<unknown> => JSON.parse((await cli([...words, '--json'])).stdout) as unknown;

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'burgeon-running-'));
  await cli(['init', '--policy', 'unattended']);
  await cli(['add', petstore]);
});
afterAll(() => rm(home, { recursive: true, force: true }));

describe('without a server', () => {
  it('says plainly that nothing runs', async () => {
    expect(await json(['top'])).toMatchObject({ modules: [] });
    expect(await cli(['top'], { tty: true })).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('no server owns this home') as string,
    });
  });

  it('loads, reloads and unloads for as long as the command lasts', async () => {
    const loaded = { module: { id: 'api/petstore', version: '1.0.0', state: 'active', life: 'ready', replicas: 2 } };
    expect(await json(['modules', 'load', 'petstore', '--replicas', '2'])).toEqual(loaded);
    expect(await json(['modules', 'load', 'api/petstore@1.0.0'])).toMatchObject({ module: { replicas: 1 } });
    expect(await json(['modules', 'reload', 'petstore'])).toMatchObject({ module: { life: 'ready', state: 'active' } });
    expect(await json(['modules', 'unload', 'petstore'])).toMatchObject({ module: { life: 'unloaded' }, unloaded: [] });
    expect(await cli(['modules', 'load', 'petstore'])).toMatchObject({
      stdout: expect.stringContaining('ready') as string,
      stderr: expect.stringContaining('burgeon serve') as string,
    });
  });

  it.each([
    [['modules', 'load', 'petstore', '--replicas', '0'], 'USAGE'],
    [['modules', 'load', 'petstore', '--replicas', 'two'], 'USAGE'],
    [['modules', 'load', 'petsto'], 'MODULE_NOT_FOUND'],
  ])('refuses %j', async (words, code) => {
    expect(await json(words)).toMatchObject({ error: { code } });
  });
});

describe('with a server', () => {
  it('shows what runs there, once and live, and steers it', async () => {
    const serving = Promise.withResolvers<void>();
    const served = cli(['serve', '--port', '0', '--json'], { watchOutput: () => serving.resolve() });
    await serving.promise;
    expect((await cli(['top', '--once'])).stdout).toContain('the first call of one starts it');
    expect(await json(['modules', 'load', 'petstore', '--replicas', '2'])).toMatchObject({ module: { replicas: 2 } });
    expect(await json(['top'])).toMatchObject({
      at: expect.stringMatching(/^\d{4}-/) as string,
      modules: [{ module: 'api/petstore', version: '1.0.0', state: 'ready', host: 'interface', replicas: 2, restarts: 0 }],
    });
    const shown = Promise.withResolvers<void>();
    const following = cli(['top'], { tty: true, watchOutput: (text) => text.includes('Ctrl-C') && shown.resolve() });
    await shown.promise;
    process.emit('SIGINT', 'SIGINT');
    const [live] = await Promise.all([following, served]);
    expect(live.stdout.startsWith('\u001B[H\u001B[J')).toBe(true);
    expect(live.stdout).toContain('api/petstore');
  });
});

describe('the table of what runs', () => {
  const one: RunningModule = {
    module: 'skill/a',
    version: '1.0.0',
    state: 'suspended',
    host: 'isolate',
    replicas: 0,
    calls: 10,
    callsPerSecond: 1.25,
    errors: { TIMEOUT: 2, MODULE_FAILED: 1 },
    inFlight: 0,
    denials: 10,
    restarts: 1,
    cpuMs: 1_234,
    memoryBytes: 1_200_000,
    needs: [],
    reason: 'it asked for what it was not granted.',
  };

  it('adds errors up, and says why something is refused', () => {
    expect(render(runningText({ at: '', modules: [one] }, { served: true }), false).split('\n')).toEqual([
      '  module   version  state      host     calls/s  errors  cpu    memory  in flight  restarts',
      '  skill/a  1.0.0    suspended  isolate  1.3      3       1.2 s  1.2 MB  0          1',
      '',
      'skill/a it asked for what it was not granted.',
    ]);
  });
});
