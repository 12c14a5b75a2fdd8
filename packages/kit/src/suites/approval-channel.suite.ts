import type { ApprovalChannel, ApprovalInbox, ApprovalQuestion } from '../contracts/approval-channel.ts';
import type { SuiteRunner } from './check.suite.ts';

/** A channel under test and the person on its other end. */
export interface ApprovalChannelFixture {
  channel: ApprovalChannel;
  /** What the person would give back to the last question: the code that reached them. */
  answer: () => Promise<string>;
  /** Everything the person was shown so far; absent when the channel shows nothing. */
  shown?: () => string;
  /** Address of the page that the last question was given; absent when there is none. */
  page?: () => Promise<string>;
}

/** What {@link approvalChannelSuite} needs. */
export interface ApprovalChannelSuiteOptions {
  name: string;
  /** Makes a channel that is set up, with nothing asked yet. */
  open: () => Promise<ApprovalChannelFixture>;
}

/** A question as the gateway asks it. */
export const approvalQuestion = (request: string): ApprovalQuestion => ({
  request,
  module: `api/${request}`,
  version: '1.0.0',
  text: `New module 'api/${request}' wants to:\n- Call api.example.com`,
  fingerprint: '0123abcd',
  digest: '0123abcd'.repeat(8),
  capabilitiesDigest: '89ab4567'.repeat(8),
  expiresAt: '2030-01-01T00:00:00.000Z',
});

/** An inbox that notes what was answered, and takes whatever is said. */
const notingInbox = (question: ApprovalQuestion): { inbox: ApprovalInbox; answers: string[] } => {
  const answers: string[] = [];
  const inbox: ApprovalInbox = {
    questions: async () => [question],
    approve: async ({ request }) => {
      answers.push(`approve ${request}`);
      return 'approved';
    },
    reject: async ({ request }) => {
      answers.push(`reject ${request}`);
    },
  };
  return { inbox, answers };
};

/** What is answered, or kept by whoever fetches, when everything a channel shows is fetched: the page it gave, and whatever one may guess. */
const answersByFetching = async (name: string, { channel, page }: ApprovalChannelFixture): Promise<string[]> => {
  if (!channel.handle) return [];
  const question = approvalQuestion('a');
  await channel.ask(question);
  const { inbox, answers } = notingInbox(question);
  const base = `any://server/approve/${name}`;
  const given = (await page?.()) ?? base;
  const guessed = `${given}${given.includes('?') ? '&' : '?'}answer=approve&approve=1`;
  for (const address of [given, guessed, base, `${base}/`, `${base}/a`, `${base}/a?answer=approve`, `${base}/callback`]) {
    for (const method of ['GET', 'HEAD']) {
      const { headers } = await channel.handle(new Request(address, { method }), inbox);
      if (headers.get('cache-control') !== 'no-store') answers.push(`${method} ${address} is kept`);
    }
  }
  return answers;
};

/**
 * What every approval channel must keep: it is ready once set up, a right code is told from a wrong one, a code that the channel judges
 * itself counts once, a code that it sends is unlike the one before, what it shows is the disclosure as it is, and where it answers requests,
 * to fetch a page answers no question, whatever fetches it.
 */
export const approvalChannelSuite = ({ describe, it, expect }: SuiteRunner, { name, open }: ApprovalChannelSuiteOptions): void =>
  describe(`approval channel ${name}`, () => {
    it('says who it is and that it is ready', async () => {
      const { channel } = await open();
      expect(channel.name).toBe(name);
      expect(channel.class.length > 0).toBe(true);
      expect(await channel.ready()).toBe(true);
    });

    it('either sends a code or judges one', async () => {
      const { channel } = await open();
      const { code } = await channel.ask(approvalQuestion('a'));
      expect((code === undefined) === (channel.verify !== undefined)).toBe(true);
    });

    it('reaches the person with the right code, and knows a wrong one', async () => {
      const { channel, answer } = await open();
      const { code } = await channel.ask(approvalQuestion('a'));
      const given = await answer();
      if (code !== undefined) expect(given).toBe(code);
      else
        expect([
          await channel.verify?.(approvalQuestion('a'), 'wrong'),
          await channel.verify?.(approvalQuestion('a'), given),
        ]).toEqual([false, true]);
    });

    it('lets a code count once', async () => {
      const { channel, answer } = await open();
      const { code } = await channel.ask(approvalQuestion('a'));
      const given = await answer();
      if (code === undefined) {
        expect(await channel.verify?.(approvalQuestion('a'), given)).toBe(true);
        expect(await channel.verify?.(approvalQuestion('a'), given)).toBe(false);
        expect(await channel.verify?.(approvalQuestion('b'), given)).toBe(false);
      } else {
        expect((await channel.ask(approvalQuestion('a'))).code === code).toBe(false);
      }
    });

    it('accepts one of two answers that come at once', async () => {
      const { channel, answer } = await open();
      const { code } = await channel.ask(approvalQuestion('a'));
      if (code !== undefined) return;
      const given = await answer();
      const verdicts = await Promise.all(['a', 'b'].map(async (request) => channel.verify?.(approvalQuestion(request), given)));
      expect(verdicts.filter((verdict) => verdict === true).length).toBe(1);
    });

    it('shows the disclosure as it is', async () => {
      const { channel, shown } = await open();
      await channel.ask(approvalQuestion('a'));
      if (shown) expect(shown()).toContain(approvalQuestion('a').text);
    });

    it('answers no question by a page being fetched', async () => {
      expect(await answersByFetching(name, await open())).toEqual([]);
    });

    it('takes a question back, also one that was never asked', async () => {
      const { channel } = await open();
      await channel.ask(approvalQuestion('a'));
      await channel.withdraw('a');
      await channel.withdraw('never');
    });
  });
