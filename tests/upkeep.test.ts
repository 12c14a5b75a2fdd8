/** What time does to a home: requests that nobody answers close with what they asked for, modules that nobody calls are put away. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JsonObject } from '@burgeon/kit';
import { afterAll, describe, expect, it } from 'vitest';
import { manualClock } from '../packages/burgeon/src/base/clock.ts';
import { type Burgeon, createBurgeon } from '../packages/burgeon/src/burgeon.ts';
import { failure } from './open-burgeon.ts';

const hour = 60 * 60 * 1_000;
const day = 24 * hour;
const root = mkdtempSync(join(tmpdir(), 'burgeon-upkeep-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const document = JSON.stringify({
  openapi: '3.1.0',
  info: { title: 'Clock', version: '1' },
  servers: [{ url: 'https://clock.example' }],
  paths: { '/now': { get: { operationId: 'now', responses: { '200': { description: 'ok' } } } } },
});

interface Stand {
  clock: ReturnType<typeof manualClock>;
  burgeon: Burgeon;
  manage(operation: string, input?: JsonObject): Promise<JsonObject>;
  state(): Promise<unknown>;
}

let homes = 0;

const withModule = async (policy: 'two-channels' | 'unattended', work: (stand: Stand) => Promise<void>): Promise<void> => {
  const home = join(root, String(homes++));
  const clock = manualClock(Date.parse('2026-05-01T00:00:00Z'));
  const burgeon = await createBurgeon({ home, threads: false, clock });
  try {
    await burgeon.init({ policy, totp: true });
  } finally {
    await burgeon.close();
  }
  const opened = await createBurgeon({ home, threads: false, clock });
  const manage = async (operation: string, input: JsonObject = {}): Promise<JsonObject> =>
    (await opened.management.call(operation, input)).output as JsonObject;
  try {
    await manage('addModule', { what: 'clock.json', text: document });
    const state = async (): Promise<unknown> => (await manage('showModule', { namespace: 'api', name: 'clock' }))['state'];
    await work({ clock, burgeon: opened, manage, state });
  } finally {
    await opened.close();
  }
};

describe('time', () => {
  it('closes a request after 24 hours, and the version that waited for it', () =>
    withModule('two-channels', async ({ clock, burgeon, manage, state }) => {
      clock.advance(day - hour);
      await burgeon.sweepWhenDue();
      expect(await state()).toBe('pending');
      clock.advance(hour);
      await burgeon.sweepWhenDue();
      expect(await state()).toBe('rejected');
      expect((await failure(burgeon.catalogue.call('clock.now', {}))).code).toBe('APPROVAL_REJECTED');
      expect(await manage('listAudit', { module: 'api/clock' })).toEqual(
        expect.arrayContaining([
          expect.objectContaining({
            kind: 'module.rejected',
            actor: { kind: 'system', id: 'timer' },
            data: { version: '1.0.0', why: expect.stringContaining('nobody answered') as string },
          }),
        ]),
      );
    }));

  it('puts away after 30 days what nobody called, and nothing before', () =>
    withModule('unattended', async ({ clock, burgeon, manage, state }) => {
      clock.advance(29 * day);
      await burgeon.sweepWhenDue();
      expect(await state()).toBe('active');
      clock.advance(day);
      await burgeon.sweepWhenDue();
      expect(await state()).toBe('archived');
      await manage('restoreModule', { namespace: 'api', name: 'clock' });
      clock.advance(hour);
      await burgeon.sweepWhenDue();
      expect(await state()).toBe('active');
    }));

  it('is looked at once an hour', () =>
    withModule('unattended', async ({ clock, burgeon, state }) => {
      clock.advance(30 * day - 1);
      await burgeon.sweepWhenDue();
      clock.advance(1);
      await burgeon.sweepWhenDue();
      expect(await state()).toBe('active');
      clock.advance(hour);
      await burgeon.sweepWhenDue();
      expect(await state()).toBe('archived');
    }));
});
