import type { JsonValue } from '@burgeon/kit';
import { describe, expect, it } from 'vitest';
import { endsOf } from './ends.ts';
import { channel, onBus } from './fixtures/harness.ts';
import { remember } from './remember.ts';
import { waiting, wayTo } from './way.ts';

describe('the ends of a module', () => {
  const endsWith = (bus: JsonValue) =>
    endsOf({
      id: 'skill/a',
      version: '1.0.0',
      channels: [{ ...channel('a', 'both'), bindings: { bus } }],
      types: {},
      grants: [onBus('a')],
    });

  it.each<[JsonValue, object]>([
    [{}, { overflow: 'refuse', atOnce: 1, attempts: 3, version: undefined }],
    [
      { overflow: 'drop-oldest', atOnce: 8, attempts: 1, version: '2.1' },
      { overflow: 'drop-oldest', atOnce: 8, attempts: 1, version: '2.1' },
    ],
    [
      { overflow: 'burn', atOnce: 1e9, attempts: -1, version: 2 },
      { overflow: 'refuse', atOnce: 64, attempts: 1, version: undefined },
    ],
    [
      { atOnce: 1.5, attempts: 'x' },
      { atOnce: 1, attempts: 3 },
    ],
    [7, { overflow: 'refuse', atOnce: 1, attempts: 3 }],
  ])('are carried as %j says, within reason', (bus, lane) => {
    expect(endsWith(bus).receiving('a')).toMatchObject(lane);
    expect(endsWith(bus).sending('a')).toMatchObject(lane);
  });

  it('are looked up once', () => {
    const ends = endsWith({});
    expect(ends.receiving('a')).toBe(ends.receiving('a'));
    expect(ends.sending('b')).toBeUndefined();
  });
});

describe('a memory of answers', () => {
  it('is bounded', () => {
    const asked: string[] = [];
    const known = remember((text) => (asked.push(text), text === 'no' ? false : text), 2);
    for (const text of ['no', 'no', 'a', 'a', 'b', 'no']) known(text);
    expect(asked).toEqual(['no', 'a', 'b', 'no']);
  });
});

describe('who waits', () => {
  const message = (...via: string[]) => ({ via, traceparent: '' });

  it.each<[string, Parameters<typeof waiting>[0], string[]]>([
    ['nobody, outside of any work', { messages: [], calls: 0 }, []],
    ['nobody, for a call', { messages: [], calls: 1 }, []],
    ['those of the one message', { messages: [message('a', 'b')], calls: 0 }, ['a', 'b']],
    ['those of all messages', { messages: [message('a', 'b'), message('c', 'b')], calls: 0 }, ['b']],
    ['nobody for certain, where a call runs beside it', { messages: [message('a')], calls: 1 }, []],
  ])('%s', (_name, doing, via) => expect(waiting(doing)).toEqual(via));

  it('grows by whoever asks', () => expect(wayTo('c', 'b', ['a'])).toEqual(['a', 'b']));
});
