import { describe, expect, it } from 'vitest';
import type { ApprovalChannel } from '../contracts/approval-channel.ts';
import { approvalChannelSuite } from './approval-channel.suite.ts';

/** Runs the suite over a channel that answers requests in its own way, and gives the cases that fail. */
const failing = async (handle: NonNullable<ApprovalChannel['handle']>): Promise<string[]> => {
  const cases: { name: string; body: () => Promise<void> | void }[] = [];
  let count = 0;
  const channel: ApprovalChannel = {
    name: 'sample',
    class: 'sample',
    ready: async () => true,
    ask: async () => ({ code: String((count += 1)) }),
    withdraw: async () => {},
    handle,
  };
  approvalChannelSuite(
    { describe: (_name, body) => body(), it: (name, body) => cases.push({ name, body }), expect },
    { name: 'sample', open: async () => ({ channel, answer: async () => String(count) }) },
  );
  const failed: string[] = [];
  for (const { name, body } of cases) {
    try {
      await body();
    } catch {
      failed.push(name);
    }
  }
  return failed;
};

const page = (): Response => new Response(null, { headers: { 'cache-control': 'no-store' } });

describe('the suite of approval channels', () => {
  it('finds no fault with a channel that only shows', async () => {
    expect(await failing(async () => page())).toEqual([]);
  });

  it.each<[string, NonNullable<ApprovalChannel['handle']>]>([
    [
      'whose page approves when it is fetched',
      async (_request, inbox) => (await inbox.approve({ request: 'a', proof: '1' }), page()),
    ],
    [
      'whose page rejects when its head is asked for',
      async ({ method }, inbox) => (method === 'HEAD' && (await inbox.reject({ request: 'a', proof: '1' })), page()),
    ],
    ['whose pages may be kept', async () => new Response()],
  ])('sees one %s', async (_name, handle) => {
    expect(await failing(handle)).toEqual(['answers no question by a page being fetched']);
  });
});
