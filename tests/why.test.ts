import { appendFileSync, cpSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { JsonObject } from '@burgeon/kit';
import { describe, expect, it } from 'vitest';
import { failure, openBurgeon } from './open-burgeon.ts';

const home = openBurgeon('why');

/** A description of a clock that can be asked for its time. */
const clock = (version: string, more: JsonObject = {}): string =>
  JSON.stringify({
    openapi: '3.1.0',
    info: { title: 'Clock', version },
    servers: [{ url: 'https://clock.example' }],
    paths: {
      '/now': {
        get: {
          operationId: 'now',
          summary: 'The time.',
          responses: { '200': { description: 'ok', content: { 'application/json': { schema: { type: 'object', ...more } } } } },
        },
      },
    },
  });

describe('why a module exists', () => {
  it('is told from its source to its calls, under the id of one run', async () => {
    writeFileSync(join(home.root, 'clock.json'), clock('1'));
    await home.manage('addModule', { what: join(home.root, 'clock.json') });
    // Nobody answers there; the call counts all the same.
    expect((await failure(home.call('api/clock', 'now'))).code).toMatch(/REMOTE_UNREACHABLE|CAPABILITY_DENIED/);
    await home.reopen();
    const why = await home.manage('explainModule', { namespace: 'api', name: 'clock' });
    const steps = why['steps'] as JsonObject[];
    expect(steps.map(({ step }) => step)).toEqual([
      'derived',
      'generated',
      'checked',
      'tried',
      'staged',
      'approved-by-policy',
      'activated',
    ]);
    expect(why['run']).toMatch(/^run_/);
    expect(steps[0]).toMatchObject({ actor: { kind: 'owner' }, data: { source: { kind: 'openapi', location: 'clock.json' } } });
    expect(why['calls']).toMatchObject({ times: 1, failed: 1 });
    const audit = (await home.manage('listAudit', { module: 'api/clock' })) as unknown as { kind: string; data: JsonObject }[];
    const run = why['run'];
    expect(audit.filter(({ data }) => data['run'] === run).map(({ kind }) => kind)).toContain('module.activated');
  });

  it('tells apart what was done with it since, and a run that came to nothing', async () => {
    await home.manage('archiveModule', { namespace: 'api', name: 'clock' });
    await home.manage('restoreModule', { namespace: 'api', name: 'clock' });
    const since = (await home.manage('explainModule', { namespace: 'api', name: 'clock' }))['since'] as JsonObject[];
    expect(since.map(({ step }) => step)).toEqual(['archived', 'restored']);
    const folder = join(home.root, 'bad');
    cpSync(join(import.meta.dirname, '..', 'examples', 'outline'), folder, { recursive: true });
    appendFileSync(join(folder, 'index.js'), "\neval('1');\n");
    expect((await failure(home.manage('addModule', { what: folder }))).code).toBe('CHECKS_FAILED');
    const audit = (await home.manage('listAudit', { module: 'parsers/outline' })) as unknown as JsonObject[];
    expect(audit).toMatchObject([{ kind: 'run.refused', data: { code: 'CHECKS_FAILED' } }]);
  });
});
