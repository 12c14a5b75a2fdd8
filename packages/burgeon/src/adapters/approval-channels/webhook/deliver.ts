import { randomBytes } from 'node:crypto';
import { BurgeonError, type Clock, type Egress, type JsonObject } from '@burgeon/kit';
import { silentLogger } from '../../../base/log.ts';
import { createEgress } from '../../../security/egress.ts';
import { signHeaders } from './signature.ts';

/** What delivering works with. */
export interface DeliverOptions {
  url: string;
  keys: readonly Buffer[];
  clock: Clock;
  /** How long one try may take, milliseconds. Default: 5,000. */
  tryMs?: number;
}

/** Waits before the second and the third try, milliseconds. */
const waitsMs = [500, 2_000];

/**
 * Hands a message to the gateway, signed: up to three times when it does not answer or says that it cannot now, with the same id, so that a
 * gateway can tell. Redirects are not followed.
 * @throws {BurgeonError} REMOTE_ERROR, REMOTE_UNREACHABLE, TIMEOUT, CAPABILITY_DENIED
 */
export const deliver = async (message: JsonObject, options: DeliverOptions): Promise<void> => {
  const { url, clock, tryMs = 5_000 } = options;
  const { origin } = new URL(url);
  const limits = { deadlineMs: tryMs, connectMs: tryMs, bodyBytes: 64 * 1024 };
  // The owner named this place, so it may stand in a private network.
  const gate = createEgress({ allow: [{ host: origin, private: true }], clock, log: silentLogger, limits });
  const id = `msg_${randomBytes(16).toString('hex')}`;
  const body = new TextEncoder().encode(JSON.stringify(message));
  try {
    for (const waitMs of [...waitsMs, undefined]) {
      const failed = await attempt(gate, { id, body }, options);
      if (failed === undefined) return;
      if (waitMs === undefined || !failed.retryable) throw failed;
      await clock.sleep(waitMs);
    }
  } finally {
    await gate.close();
  }
};

/** One try; what went wrong, or undefined when the gateway took the message. */
const attempt = async (
  gate: Egress,
  { id, body }: { id: string; body: Uint8Array<ArrayBuffer> },
  { url, keys, clock }: DeliverOptions,
): Promise<BurgeonError | undefined> => {
  const timestamp = Math.floor(clock.now() / 1_000);
  const headers = { 'content-type': 'application/json', ...signHeaders({ id, timestamp, body }, keys) };
  try {
    const answer = await gate.fetch(url, { method: 'POST', headers, body, redirect: 'manual' });
    await answer.body?.cancel();
    return answer.ok ? undefined : refused(url, answer.status);
  } catch (thrown) {
    const error = BurgeonError.from(thrown);
    const { code, message, hint } = error;
    const again = code === 'REMOTE_UNREACHABLE' || code === 'TIMEOUT';
    return new BurgeonError(code, { message, cause: error, retryable: again, ...(hint === undefined ? {} : { hint }) });
  }
};

const refused = (url: string, status: number): BurgeonError =>
  new BurgeonError('REMOTE_ERROR', {
    message: `The gateway ${new URL(url).host} answered ${status} to an approval question.`,
    hint:
      status >= 300 && status < 400
        ? 'Set url to where it redirects.'
        : 'Look at what the gateway says, and whether it has the same secret.',
    data: { status },
    retryable: status >= 500 || status === 429 || status === 408,
  });
