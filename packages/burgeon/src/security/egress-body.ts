import { BurgeonError } from '@burgeon/kit';
import type { Response as UndiciResponse } from 'undici';
import { type Failing, explainFailure } from './egress-failure.ts';

/** Bounds and facts of the answer that is guarded. */
export interface BodyGuard extends Failing {
  url: URL;
  limits: Failing['limits'] & { bodyBytes: number };
}

/** Statuses whose answer has no body. @see https://fetch.spec.whatwg.org/#null-body-status */
const bodiless: readonly number[] = [101, 103, 204, 205, 304];

/**
 * The answer as the platform's own `Response`, its body counted after decompression: it fails with LIMIT_EXCEEDED once it is longer than
 * allowed, with TIMEOUT when the deadline passes, and with the plain reason when the other side breaks off.
 */
export const guardBody = (answer: UndiciResponse, guard: BodyGuard): Response => {
  const { status, statusText } = answer;
  if (status < 200 || status > 599) {
    throw new BurgeonError('REMOTE_INVALID', {
      message: `${guard.url.host} answered with the status ${status}, which does not exist.`,
    });
  }
  const { bodyBytes } = guard.limits;
  const announced = Number(answer.headers.get('content-length') ?? 0);
  if (announced > bodyBytes) {
    void answer.body?.cancel().catch(() => {});
    throw tooLong(guard);
  }
  const empty = bodiless.includes(status) || answer.body === null;
  const body = empty ? null : counted(answer.body as ReadableStream<Uint8Array>, guard);
  const response = new Response(body, { status, statusText, headers: [...answer.headers] });
  Object.defineProperty(response, 'url', { value: guard.url.href });
  return response;
};

const counted = (body: ReadableStream<Uint8Array>, guard: BodyGuard): ReadableStream<Uint8Array> => {
  const reader = body.getReader();
  let bytes = 0;
  return new ReadableStream<Uint8Array>(
    {
      pull: async (controller) => {
        try {
          const { done, value } = await reader.read();
          if (done) return controller.close();
          bytes += value.byteLength;
          if (bytes > guard.limits.bodyBytes) throw tooLong(guard);
          controller.enqueue(value);
        } catch (error) {
          controller.error(explainFailure(error, guard));
          void reader.cancel(error).catch(() => {});
        }
      },
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  );
};

const tooLong = ({ url, limits }: BodyGuard): BurgeonError =>
  new BurgeonError('LIMIT_EXCEEDED', {
    message: `The answer of ${url.host} is longer than ${limits.bodyBytes} bytes.`,
    hint: 'Ask for less, page by page, or raise the limit of the module.',
    data: { bodyBytes: limits.bodyBytes },
  });
