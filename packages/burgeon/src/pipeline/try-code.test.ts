import { type Candidate, type Capability, type JsonObject, manifestExtension } from '@burgeon/kit';
import { expect, it } from 'vitest';
import { strict } from '../adapters/hosts/strict/index.ts';
import { systemClock } from '../base/clock.ts';
import { silentLogger } from '../base/log.ts';
import { operation } from '../interface/fixtures/operation.ts';
import { tryCode } from './try-code.ts';
import type { Trial } from './trial-result.ts';

const can = (kind: string, scope: JsonObject = {}): Capability => ({ kind, scope });
const web = (host: string, more: JsonObject = {}): Capability => can('net.http', { hosts: [host], ...more });

/** The trial of a module with one operation, `run`, or with none. */
const tried = (code: string, capabilities: Capability[], ids = ['run']): Promise<Trial> => {
  const card = { id: 'skill/test', kind: 'code', host: 'strict', entry: 'index.js', capabilities };
  const candidate = {
    manifest: { extensions: { [manifestExtension]: card } },
    interface: { name: 'test', types: {}, auth: {}, operations: ids.map((id) => operation(id)) },
    files: [{ path: 'index.js', text: code }],
    digest: '',
  } as unknown as Candidate;
  return tryCode({ clock: systemClock, log: silentLogger, hosts: { strict: async () => strict } }, candidate);
};

const importHttp = `import { http } from 'burgeon:cap/http' with { hosts: 'a.example' };`;
const fetching = (url: string): string =>
  `${importHttp} export const operations = { run: async () => (await http.fetch('${url}')).status };`;

it('tells what code asked for, though it is not given', async () => {
  expect(await tried(fetching('https://a.example/x'), [web('a.example'), can('clock')])).toEqual({
    passed: 0,
    failed: 0,
    skipped: 1,
    results: [{ operation: 'run', outcome: 'skipped', reason: 'it needs net.http, which a trial does not give' }],
    observed: [web('a.example', { methods: ['GET'] })],
    unobserved: [can('clock')],
  });
});

it('tells that nothing was asked for', async () => {
  expect(await tried('export const operations = { run: () => 1 };', [web('a.example')])).toMatchObject({
    passed: 1,
    observed: [],
  });
});

it('tells what was asked for and given', async () => {
  const code = `import { clock } from 'burgeon:cap/clock'; export const operations = { run: () => clock.now() };`;
  expect(await tried(code, [can('clock')])).toMatchObject({ passed: 1, observed: [can('clock')] });
});

it.each([
  ['in an operation', fetching('https://b.example/x'), ['run']],
  [
    'where it catches the refusal',
    `${importHttp} export const operations = { run: () => http.fetch('https://b.example').catch(() => 1) };`,
    ['run'],
  ],
  [
    'at its start',
    `${importHttp} http.fetch('https://b.example').catch(() => {}); export const operations = { run: () => 1 };`,
    ['run'],
  ],
  ['in init', `${importHttp} export const init = () => http.fetch('https://b.example'); export const operations = {};`, []],
  [
    'on leaving',
    `${importHttp} export const dispose = () => http.fetch('https://b.example').catch(() => {}); export const operations = { run: () => 1 };`,
    ['run'],
  ],
])('fails as a whole when code asks for what it does not declare, %s', async (_where, code, ids) => {
  const trial = await tried(code, [web('a.example')], ids);
  const outside = [web('https://b.example', { methods: ['GET'] })];
  expect(trial).toMatchObject({ passed: 0, failed: 1, skipped: 0, outside });
  expect(trial.results[0]?.reason).toContain('which it does not declare');
});
