import type { JsonObject, JsonValue } from '@burgeon/kit';
import { answer, confirmByPerson, type Answered } from '../approving.ts';
import type { ApprovalRequest } from '../../approval/request.ts';
import type { Client } from '../client.ts';
import { flag, textOption, type Action } from '../command.ts';
import { bold, cyan, dim, green, table, when, yellow } from '../text.ts';
import { paintState } from './modules.ts';

const isOpen = ({ state }: ApprovalRequest): boolean => state === 'pending' || state === 'half';

/** `approvals`: the inbox. */
export const approvals: Action = async (invocation) => {
  const client = await invocation.open();
  const all = (await client.call('listApprovals')) as unknown as ApprovalRequest[];
  const shown = flag(invocation, 'all') ? all : all.filter(isOpen);
  invocation.terminal.result(shown as unknown as JsonValue, () => inboxText(shown));
};

const inboxText = (requests: ApprovalRequest[]): string => {
  if (requests.length === 0) return 'Nothing waits for approval.';
  const rows = requests.map((request) => [
    bold(request.id),
    `${request.module} ${request.version}`,
    paintState(request.state),
    channelsText(request),
    isOpen(request) ? `ends ${when(Date.parse(request.expiresAt), Date.now())}` : (request.reason ?? ''),
  ]);
  const first = requests.find(isOpen);
  const next = first ? ['', `Next: ${cyan(`burgeon approve ${first.id}`)}`] : [];
  return [table(rows, { head: ['request', 'module', 'state', 'channels', ''] }), ...next].join('\n');
};

const channelsText = ({ channels }: ApprovalRequest): string =>
  channels
    .map(({ name, state }) =>
      state === 'confirmed' ? green(`${name} \u2713`) : state === 'asked' ? yellow(`${name} ?`) : dim(name),
    )
    .join(' ');

/** A request by its id, or by the module whose open request is meant; there is one at most. */
const requestOf = async (client: Client, word: string): Promise<string> => {
  if (word.startsWith('req_')) return word;
  const open = ((await client.call('listApprovals')) as unknown as ApprovalRequest[]).filter(isOpen);
  const meant = open.filter(({ module }) => module === word || module.endsWith(`/${word}`));
  return meant.length === 1 ? (meant[0]?.id ?? word) : word;
};

/** `approve REQUEST`: confirms over one channel. Without a code, shows what is asked and asks for the code. */
export const approve: Action = async (invocation) => {
  const { terminal, words } = invocation;
  const [code, channel] = [textOption(invocation, 'code'), textOption(invocation, 'channel')];
  const client = await invocation.open();
  const input: JsonObject = {
    request: await requestOf(client, words[0] ?? ''),
    ...(code === undefined ? {} : { code }),
    ...(channel === undefined ? {} : { channel }),
  };
  let answered = await answer(client, input);
  if (answered.request.state !== 'approved') {
    if (code === undefined && terminal.interactive) terminal.say(answered.request.disclosure);
    answered = (await confirmByPerson(invocation, client, answered.request)) ?? answered;
  }
  terminal.result(answered as unknown as JsonValue, () => answeredText(answered));
};

const answeredText = ({ request, module }: Answered): string => {
  const lines = [`${bold(request.id)}  ${request.module} ${request.version}  ${paintState(request.state)}`];
  if (module?.state === 'active')
    return [...lines, `${green('Live:')} ${module.id}@${module.version}`, '', `Next: ${cyan(`burgeon show ${module.id}`)}`].join(
      '\n',
    );
  lines.push(`  ${channelsText(request)}`);
  if (!isOpen(request)) return lines.join('\n');
  const waits = request.channels.find(({ state }) => state !== 'confirmed');
  if (waits?.name === 'totp' && waits.state === 'waiting')
    lines.push(dim('  No authenticator is set up yet: burgeon init --totp'));
  return [
    ...lines,
    '',
    `Next: ${cyan(`burgeon approve ${request.id} --code CODE`)}${waits ? `   ${dim(`the code of ${waits.name}`)}` : ''}`,
  ].join('\n');
};

/** `reject REQUEST`: turns it down for good. */
export const reject: Action = async (invocation) => {
  const why = textOption(invocation, 'why');
  const client = await invocation.open();
  const result = await client.call('reject', {
    request: await requestOf(client, invocation.words[0] ?? ''),
    ...(why === undefined ? {} : { why }),
  });
  invocation.terminal.result(result, () => answeredText(result as unknown as Answered));
};
