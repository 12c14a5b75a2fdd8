import { BurgeonError, defaultLimits, type CallOptions, type JsonValue, type Limits } from '@burgeon/kit';
import { describe, expect, it } from 'vitest';
import { withinLimits } from './limits.ts';

const call = { module: 'api/x', operation: 'op', input: { text: 'hello' }, options: {} };
const codeOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'ok',
    (error: unknown) => ({ code: BurgeonError.from(error).code, data: BurgeonError.from(error).data }),
  );
const limited = (more: Partial<Limits>): Limits => ({ ...defaultLimits, ...more });
const line = (limit: string): string => `plugin.json /extensions/dev.burgeon.module/limits/${limit}`;
const exceeded = (limit: string, value: number, set: string = line(limit)): unknown => ({
  code: 'LIMIT_EXCEEDED',
  data: { limit, value, module: 'api/x', operation: 'op', set },
});

describe('withinLimits', () => {
  it('lets a call through', async () => {
    expect(await withinLimits(defaultLimits, call, async () => ({ output: 1 }))).toEqual({ output: 1 });
  });

  it('ends a call that never answers', async () => {
    expect(await codeOf(withinLimits(limited({ wallMs: 5 }), call, () => new Promise(() => {})))).toEqual(exceeded('wallMs', 5));
  });

  it('names the limit of arguments and results, counted in bytes of UTF-8', async () => {
    expect(await codeOf(withinLimits(limited({ argumentBytes: 5 }), call, async () => ({ output: 1 })))).toEqual(
      exceeded('argumentBytes', 5),
    );
    expect(await codeOf(withinLimits(limited({ resultBytes: 6 }), call, async () => ({ output: 'żółw' })))).toEqual(
      exceeded('resultBytes', 6),
    );
    expect(await codeOf(withinLimits(limited({ resultBytes: 9 }), call, async () => ({ output: 'żółw' })))).toBe('ok');
  });

  it('tells a limit that nobody set from one of the manifest', async () => {
    const input = { text: 'x'.repeat(defaultLimits.argumentBytes) };
    expect(await codeOf(withinLimits(defaultLimits, { ...call, input, own: {} }, async () => ({ output: 1 })))).toEqual(
      exceeded('argumentBytes', defaultLimits.argumentBytes, 'default limit'),
    );
    const own = { wallMs: 5 };
    const late = withinLimits(limited(own), { ...call, own }, () => new Promise(() => {}));
    expect(await codeOf(late)).toEqual(exceeded('wallMs', 5, line('wallMs')));
  });

  it.each<[string, JsonValue, number]>([
    ['a list', [1, 2, [3, 'four']], 16],
    ['an object', { a: { b: null, c: true } }, 25],
    ['what must be escaped', '\u0001"\\', 12],
    ['what is nested deeply', JSON.parse(`${'['.repeat(200)}1${']'.repeat(200)}`) as JsonValue, 401],
  ])('weighs %s exactly where it is near its limit', async (_name, output, bytes) => {
    expect(Buffer.byteLength(JSON.stringify(output))).toBe(bytes);
    expect(await codeOf(withinLimits(limited({ resultBytes: bytes }), call, async () => ({ output })))).toBe('ok');
    expect(await codeOf(withinLimits(limited({ resultBytes: bytes - 1 }), call, async () => ({ output })))).toEqual(
      exceeded('resultBytes', bytes - 1),
    );
  });

  it('tells whoever looks that the deadline came', async () => {
    let options: CallOptions = {};
    await codeOf(
      withinLimits(limited({ wallMs: 5 }), call, (given) => {
        options = given;
        return new Promise(() => {});
      }),
    );
    expect(options.signal?.aborted).toBe(true);
    let during: AbortSignal | undefined;
    await codeOf(
      withinLimits(limited({ wallMs: 5 }), call, ({ signal }) => {
        during = signal;
        return new Promise(() => {});
      }),
    );
    expect(during?.reason).toMatchObject({ code: 'LIMIT_EXCEEDED' });
  });

  it('lets the caller end what is still read', async () => {
    const controller = new AbortController();
    const stream = (async function* () {
      yield 1;
    })();
    let inside: AbortSignal | undefined;
    await withinLimits(defaultLimits, { ...call, options: { signal: controller.signal } }, async ({ signal }) => {
      inside = signal;
      return { output: null, stream };
    });
    controller.abort();
    expect(inside?.aborted).toBe(true);
  });

  it('does not weigh a stream', async () => {
    const stream = (async function* () {
      yield 1;
    })();
    expect(await codeOf(withinLimits(limited({ resultBytes: 0 }), call, async () => ({ output: null, stream })))).toBe('ok');
  });

  it('ends when the caller gives up', async () => {
    const controller = new AbortController();
    const running = codeOf(
      withinLimits(defaultLimits, { ...call, options: { signal: controller.signal } }, () => new Promise(() => {})),
    );
    controller.abort();
    expect(await running).toMatchObject({ code: 'CANCELLED' });
  });

  it('passes on what the call throws', async () => {
    const failing = withinLimits(defaultLimits, call, async () => {
      throw new BurgeonError('REMOTE_ERROR', { message: 'no' });
    });
    expect(await codeOf(failing)).toMatchObject({ code: 'REMOTE_ERROR' });
  });
});
