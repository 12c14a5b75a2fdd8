import { memoryStore } from '@burgeon/kit/suites';
import { describe, expect, it } from 'vitest';
import { runAs } from '../base/actor.ts';
import { manualClock } from '../base/clock.ts';
import { type Audit, openAudit } from '../security/audit.ts';
import { newOwnerKey } from '../security/keys.ts';
import { type CallRecord, openCallRecord } from './call-record.ts';

const open = (): { audit: Audit; record: CallRecord; clock: ReturnType<typeof manualClock> } => {
  const clock = manualClock(0);
  const audit = openAudit({ store: memoryStore(clock), clock, key: newOwnerKey() });
  return { audit, clock, record: openCallRecord({ audit, clock }) };
};

const call = { module: 'api/shop', version: '1.0.0', operation: 'list', code: undefined, traceId: undefined };

describe('the record of calls', () => {
  it('counts what is alike together, and tells whose calls they were', async () => {
    const { audit, record, clock } = open();
    for (const traceId of ['t1', 't2', 't3']) record.finished({ ...call, traceId });
    clock.advance(500);
    record.finished({ ...call, code: 'TIMEOUT' });
    runAs({ kind: 'key', id: 'key_1' }, () => record.finished({ ...call, operation: 'get' }));
    await record.flush();
    const [first, second] = await audit.list();
    expect(first).toMatchObject({
      kind: 'module.called',
      module: 'api/shop',
      actor: { kind: 'owner' },
      data: {
        version: '1.0.0',
        operation: 'list',
        times: 4,
        failed: { TIMEOUT: 1 },
        traces: ['t1', 't3'],
        since: '1970-01-01T00:00:00.000Z',
        until: '1970-01-01T00:00:00.500Z',
      },
    });
    expect(second).toMatchObject({ actor: { kind: 'key', id: 'key_1' }, data: { operation: 'get', times: 1 } });
    await record.flush();
    expect(await audit.list()).toHaveLength(2);
  });

  it('tells what a module was denied, cut to a line', async () => {
    const { audit, record } = open();
    for (let n = 0; n < 3; n++) record.denied({ module: 'api/shop', version: '1.0.0', what: 'x'.repeat(1_000) });
    await record.flush();
    expect(await audit.list()).toMatchObject([{ kind: 'module.denied', data: { what: 'x'.repeat(200), times: 3 } }]);
  });

  it('is bounded whatever is asked', async () => {
    const { audit, record } = open();
    for (let n = 0; n < 10_100; n++) record.denied({ module: 'api/shop', version: '1.0.0', what: `host ${n}` });
    await record.flush();
    const entries = await audit.list({ limit: 20_000 });
    expect(entries).toHaveLength(10_001);
    expect(entries.at(-1)?.data).toMatchObject({ times: 100 });
  });
});
