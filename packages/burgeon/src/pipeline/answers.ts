import { type ApprovalChannel, type ApprovalInbox, BurgeonError, type Logger } from '@burgeon/kit';
import { type Actor, runAs } from '../base/actor.ts';
import type { Gateway } from '../approval/gateway.ts';
import type { ChannelSet } from '../approval/channels.ts';
import { createSerial } from '../security/serial.ts';
import type { Pipeline } from './pipeline.ts';

/** What answers that come by a channel's own way need. */
export interface AnswerParts {
  gateway: Gateway;
  pipeline: Pipeline;
  channels: ChannelSet;
  log: Logger;
  /** What is done every minute while a server runs; never throws. */
  sweep(): Promise<void>;
}

/** The way in for answers that nobody types at this machine. */
export interface Answers {
  /** Hands a request below `/approve/<channel>/` to that channel; undefined when there is none that answers requests. */
  handle(channel: string, request: Request): Promise<Response | undefined>;
  /** Lets every channel listen that can take answers by itself, and looks after what time does. Its owner closes it. */
  listen(): Promise<{ close(): Promise<void> }>;
}

/** How often it is looked after what time does, milliseconds. */
const sweepMs = 60_000;

/** Makes the way in. */
export const createAnswers = (parts: AnswerParts): Answers => ({
  handle: async (name, request) => {
    const channel = (await parts.channels.all()).find((one) => one.name === name);
    return channel?.handle?.(request, inboxOf(parts, channel));
  },
  listen: async () => {
    const inTurn = createSerial();
    let open: Listening[] = [];
    const close = async (): Promise<void> => void (await Promise.allSettled(open.splice(0).map((each) => each.close())));
    const listen = async (): Promise<void> => {
      await close();
      const listening = (await parts.channels.all()).map((channel) => listenTo(parts, channel));
      open = (await Promise.all(listening)).filter((each) => each !== undefined);
    };
    await inTurn(listen);
    // What is set for a channel may change while the server runs.
    const ignore = parts.channels.subscribe(() => void inTurn(listen));
    const sweeping = setInterval(() => void parts.sweep(), sweepMs).unref();
    return {
      close: async () => {
        clearInterval(sweeping);
        ignore();
        await inTurn(close);
      },
    };
  },
});

type Listening = { close(): Promise<void> };

/** One channel that cannot listen keeps no other from it. */
const listenTo = async (parts: AnswerParts, channel: ApprovalChannel): Promise<Listening | undefined> => {
  try {
    return (await channel.ready()) ? await channel.listen?.(inboxOf(parts, channel)) : undefined;
  } catch (error) {
    complain(parts, `the approval channel ${channel.name}`, error);
    return undefined;
  }
};

const complain = ({ log }: AnswerParts, what: string, error: unknown): void => {
  const { code, message } = BurgeonError.from(error);
  log.warn(`${what} failed`, { code, message });
};

const inboxOf = ({ gateway, pipeline }: AnswerParts, channel: ApprovalChannel): ApprovalInbox => {
  const whoever = (by: string | undefined): Actor =>
    by === undefined ? { kind: 'channel', id: channel.name } : { kind: 'key', id: by };
  const requireAsked = async (request: string): Promise<void> => {
    if ((await gateway.questions(channel.name)).some((question) => question.request === request)) return;
    // What is closed or unknown says so itself.
    const { state } = await gateway.get(request);
    throw new BurgeonError('APPROVAL_CLOSED', {
      message: `The request ${request} does not wait for an answer over ${channel.name}.`,
      hint: 'Answer over the channel that was asked.',
      data: { request, state },
    });
  };
  return {
    questions: () => gateway.questions(channel.name),
    approve: ({ request, proof, by }) =>
      runAs(whoever(by), async () => {
        await requireAsked(request);
        const answered = await pipeline.approve(request, { code: proof, channel: channel.name });
        return answered.request.state === 'approved' ? 'approved' : 'half';
      }),
    reject: ({ request, proof, by }, why) =>
      runAs(whoever(by), async () => {
        await requireAsked(request);
        await pipeline.reject(request, why ?? `refused over ${channel.name}`, { code: proof, channel: channel.name });
      }),
  };
};
