import { BurgeonError, type JsonObject } from '@burgeon/kit';
import type { ApprovalRequest } from '../approval/request.ts';
import type { Client } from './client.ts';
import type { Invocation } from './command.ts';
import { ask } from './prompt.ts';
import { dim, yellow } from './text.ts';

/** What became of a request; the module is there once it is active. */
export interface Answered {
  request: ApprovalRequest;
  module?: { id: string; version: string; state: string };
}

/**
 * Asks the person at the terminal for the code of each channel that was asked, until the request is approved, the next channel cannot be
 * asked here, or nothing is typed. Gives the last answer; undefined when nothing was answered, as where nobody can be asked.
 */
export const confirmByPerson = async (
  invocation: Invocation,
  client: Client,
  request: ApprovalRequest,
): Promise<Answered | undefined> => {
  const { terminal } = invocation;
  if (!terminal.interactive || terminal.manners.json) return undefined;
  let last: Answered | undefined;
  for (let tries = 0; tries < 6; tries++) {
    const { id, channels } = last?.request ?? request;
    const channel = channels.find(({ state }) => state === 'asked');
    if (!channel) break;
    const code = await ask(invocation, `Code of the channel ${yellow(channel.name)} ${dim('(empty: later)')}`);
    if (code === '') break;
    try {
      last = await answer(client, { request: id, code, channel: channel.name });
    } catch (error) {
      if (!BurgeonError.is(error) || error.code !== 'APPROVAL_CODE_INVALID') throw error;
      terminal.say(error.message);
    }
  }
  return last;
};

/** Answers a request over one channel. @throws {BurgeonError} REQUEST_NOT_FOUND, APPROVAL_CLOSED, APPROVAL_CODE_INVALID */
export const answer = async (client: Client, input: JsonObject): Promise<Answered> =>
  (await client.call('approve', input)) as unknown as Answered;
