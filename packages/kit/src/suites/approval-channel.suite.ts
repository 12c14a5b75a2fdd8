import type { ApprovalChannel, ApprovalQuestion } from '../contracts/approval-channel.ts';
import type { SuiteRunner } from './check.suite.ts';

/** A channel under test and the person on its other end. */
export interface ApprovalChannelFixture {
  channel: ApprovalChannel;
  /** What the person would give back to the last question: the code that reached them. */
  answer: () => Promise<string>;
  /** Everything the person was shown so far; absent when the channel shows nothing. */
  shown?: () => string;
}

/** What {@link approvalChannelSuite} needs. */
export interface ApprovalChannelSuiteOptions {
  name: string;
  /** Makes a channel that is set up, with nothing asked yet. */
  open: () => Promise<ApprovalChannelFixture>;
}

const question = (request: string): ApprovalQuestion => ({
  request,
  text: `New module 'api/${request}' wants to:\n- Call api.example.com`,
  fingerprint: '0123abcd',
  expiresAt: '2030-01-01T00:00:00.000Z',
});

/**
 * What every approval channel must keep: it is ready once set up, a right code is told from a wrong one, a code that the channel judges
 * itself counts once, a code that it sends is unlike the one before, and what it shows is the disclosure as it is.
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
      const { code } = await channel.ask(question('a'));
      expect((code === undefined) === (channel.verify !== undefined)).toBe(true);
    });

    it('reaches the person with the right code, and knows a wrong one', async () => {
      const { channel, answer } = await open();
      const { code } = await channel.ask(question('a'));
      const given = await answer();
      if (code !== undefined) expect(given).toBe(code);
      else
        expect([await channel.verify?.(question('a'), 'wrong'), await channel.verify?.(question('a'), given)]).toEqual([
          false,
          true,
        ]);
    });

    it('lets a code count once', async () => {
      const { channel, answer } = await open();
      const { code } = await channel.ask(question('a'));
      const given = await answer();
      if (code === undefined) {
        expect(await channel.verify?.(question('a'), given)).toBe(true);
        expect(await channel.verify?.(question('a'), given)).toBe(false);
        expect(await channel.verify?.(question('b'), given)).toBe(false);
      } else {
        expect((await channel.ask(question('a'))).code === code).toBe(false);
      }
    });

    it('accepts one of two answers that come at once', async () => {
      const { channel, answer } = await open();
      const { code } = await channel.ask(question('a'));
      if (code !== undefined) return;
      const given = await answer();
      const verdicts = await Promise.all(['a', 'b'].map(async (request) => channel.verify?.(question(request), given)));
      expect(verdicts.filter((verdict) => verdict === true).length).toBe(1);
    });

    it('shows the disclosure as it is', async () => {
      const { channel, shown } = await open();
      await channel.ask(question('a'));
      if (shown) expect(shown()).toContain(question('a').text);
    });

    it('takes a question back, also one that was never asked', async () => {
      const { channel } = await open();
      await channel.ask(question('a'));
      await channel.withdraw('a');
      await channel.withdraw('never');
    });
  });
