import type { JsonValue, MessageEnvelope1, MessageEnvelope2 } from '@burgeon/kit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { downgradeEnvelope, envelopeOf, messageIn, readEnvelope, upgradeEnvelope } from './envelope.ts';
import { failure } from './fixtures/harness.ts';

const defaults = { id: 'd', source: 'burgeon', time: '2026-01-01T00:00:00.000Z', traceparent: '00-0-0-01' };
const word = fc.string({ minLength: 1, maxLength: 40 });
const shared = {
  specversion: fc.constant('1.0' as const),
  id: word,
  source: word,
  type: word,
  time: fc.date({ noInvalidDate: true, min: new Date(0), max: new Date(4e12) }).map((date) => date.toISOString()),
  datacontenttype: fc.constant('application/json' as const),
  data: fc.jsonValue() as fc.Arbitrary<JsonValue>,
  traceparent: word,
};
const first: fc.Arbitrary<MessageEnvelope1> = fc.record(
  { ...shared, envelopeversion: fc.constant('1.0' as const), schemaversion: word },
  {
    requiredKeys: ['specversion', 'envelopeversion', 'id', 'source', 'type', 'time', 'datacontenttype', 'data', 'traceparent'],
  },
);
const second: fc.Arbitrary<MessageEnvelope2> = fc.record(
  {
    ...shared,
    envelopeversion: fc.constant('2.0' as const),
    dataversion: word,
    via: fc.array(fc.stringMatching(/^[a-z]{1,8}\/[a-z]{1,8}$/), { maxLength: 5 }).map((ids) => ids.join(' ')),
  },
  {
    requiredKeys: [
      'specversion',
      'envelopeversion',
      'id',
      'source',
      'type',
      'time',
      'datacontenttype',
      'data',
      'traceparent',
      'via',
    ],
  },
);

describe('envelopes of two versions', () => {
  it('go up and down again without a loss, and down and up with none but who waits', () => {
    fc.assert(
      fc.property(first, (envelope) => {
        expect(downgradeEnvelope(upgradeEnvelope(envelope))).toEqual(envelope);
        expect(upgradeEnvelope(envelope)).not.toHaveProperty('schemaversion');
      }),
    );
    fc.assert(
      fc.property(second, (envelope) => {
        expect(upgradeEnvelope(downgradeEnvelope(envelope))).toEqual({ ...envelope, via: '' });
        expect(downgradeEnvelope(envelope)).not.toHaveProperty('dataversion');
      }),
    );
  });

  it('read the same, whichever wrote them, after a journey as JSON text', () => {
    fc.assert(
      fc.property(fc.oneof(first, second), (envelope) => {
        const read = readEnvelope(JSON.parse(JSON.stringify(envelope)), defaults);
        const now = JSON.parse(JSON.stringify(envelope)) as MessageEnvelope1 | MessageEnvelope2;
        expect(read).toEqual(now.envelopeversion === '1.0' ? upgradeEnvelope(now) : now);
      }),
    );
  });

  it('hold a message, which comes out as it went in', () => {
    fc.assert(
      fc.property(second, (envelope) => {
        const message = messageIn(envelope);
        expect(envelopeOf(message)).toEqual(JSON.parse(JSON.stringify(envelope)));
        expect(envelopeOf(message, 1)).toEqual(JSON.parse(JSON.stringify(downgradeEnvelope(envelope))));
        expect(message.bytes).toBe(Buffer.byteLength(message.text));
      }),
    );
  });

  it('may leave out what can be told without them', () => {
    expect(readEnvelope({ type: 'orders.created', unheardOf: 1 }, defaults)).toEqual({
      ...defaults,
      specversion: '1.0',
      envelopeversion: '2.0',
      type: 'orders.created',
      datacontenttype: 'application/json',
      data: null,
      via: '',
    });
    expect(
      readEnvelope({ type: 'a', envelopeversion: '2.7', dataversion: '3', time: '2026-11-20T10:00:00Z' }, defaults),
    ).toMatchObject({
      envelopeversion: '2.0',
      dataversion: '3',
      time: '2026-11-20T10:00:00Z',
    });
  });

  it.each<[string, unknown, RegExp]>([
    ['no object', 'text', /no object/],
    ['another CloudEvents', { type: 'a', specversion: '2.0' }, /CloudEvent of version 2/],
    ['a later major version', { type: 'a', envelopeversion: '3.0' }, /version 3, which is not known here; known: 1 and 2/],
    ['a version that is none', { type: 'a', envelopeversion: { toString: 1 } }, /version \{"toString":1\}/],
    ['data of another kind', { type: 'a', datacontenttype: 'text/plain' }, /not "application\/json"/],
    ['no topic', { id: 'a' }, /no "type"/],
    ['a topic that is no text', { type: 1 }, /"type" of the envelope/],
    ['an id without end', { type: 'a', id: 'x'.repeat(300) }, /"id" of the envelope/],
    ['a time that is none', { type: 'a', time: 'soon' }, /"time" of the envelope is none/],
  ])('are refused: %s', async (_name, value, message) => {
    const refused = await failure(Promise.try(() => readEnvelope(value, defaults)));
    expect(refused).toMatchObject({ code: 'INPUT_INVALID', message: expect.stringMatching(message) });
  });
});
