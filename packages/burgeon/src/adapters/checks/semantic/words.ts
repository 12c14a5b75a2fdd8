import { type Candidate, type Diagnostic, type Operation, manifestExtension } from '@burgeon/kit';
import { finding } from './finding.ts';

const words = ({ summary, description }: Operation): string => `${summary ?? ''} ${description ?? ''}`.trim();

/** Actions that take a power, with the kinds of power that could do them. */
const actions: readonly { said: RegExp; what: string; kinds: readonly string[] }[] = [
  {
    said: /\b(?:sends?|posts?) (?:an? |the )?(?:e-?mails?|sms|text messages?|notifications?|webhooks?)\b|\bwysyła (?:e-?maila?|wiadomość|powiadomieni)/iu,
    what: 'sending messages',
    kinds: ['net.http', 'net.socket', 'module.call', 'bus'],
  },
  {
    said: /\b(?:downloads?|fetch(?:es)?|uploads?) (?:[\w-]+ ){0,3}(?:from|to) (?:the )?(?:internet|web|network|server|cloud)\b|\b(?:pobiera|wysyła) .{0,30}(?:z|do) (?:internetu|sieci|serwera)/iu,
    what: 'the network',
    kinds: ['net.http', 'net.socket', 'module.call'],
  },
  {
    said: /\b(?:writes?|saves?|stores?|inserts?|deletes?|updates?|reads?) (?:[\w-]+ ){0,4}(?:in|into|to|from) (?:the |a )?(?:database|table|db)\b|\b(?:zapisuje|usuwa|odczytuje|czyta) .{0,30}(?:bazy|bazie|tabeli|tabel)/iu,
    what: 'a database',
    kinds: ['db', 'net.http', 'net.socket', 'module.call'],
  },
];

const hostName = /\bhttps?:\/\/([a-z0-9.-]{3,253})|\b((?:api|www|cdn|hooks)\.[a-z0-9-]{2,63}(?:\.[a-z]{2,24}){1,2})\b/gi;

/** Hosts that a text names where it is not told to look something up. */
const hostsIn = (text: string): string[] => [
  ...new Set(
    [...text.matchAll(hostName)].flatMap((match) => {
      const before = text.slice(Math.max(0, match.index - 30), match.index);
      return /\b(?:see|docs?|at|by|of|as|in|per|zob|patrz|example|e\.g)[.:]?\s*[(<[]?$/i.test(before)
        ? []
        : [(match[1] ?? match[2] ?? '').toLowerCase()];
    }),
  ),
];

const covered = (host: string, granted: readonly string[]): boolean =>
  granted.some(
    (each) => each === '*' || each.replace(/:\d+$/, '') === host || (each.startsWith('*.') && host.endsWith(each.slice(1))),
  );

/** Operations that say nothing, and what is said that the capabilities leave no room for. */
export const judgeSaid = ({ manifest, interface: description }: Candidate): Diagnostic[] => {
  const { kind, capabilities } = manifest.extensions[manifestExtension];
  const isCode = kind === 'code';
  const granted = capabilities.flatMap(({ scope }) =>
    Array.isArray(scope['hosts']) ? scope['hosts'].filter((each) => typeof each === 'string') : [],
  );
  return description.operations.flatMap((operation, index) => {
    const at = `/interface/operations/${index}`;
    const shown = `"${operation.id.slice(0, 100)}"`;
    const text = words(operation).slice(0, 4_000);
    if (text === '') return [finding(isCode ? 'warning' : 'info', 'summary-missing', at, `Nothing says what ${shown} does.`)];
    if (!isCode) return [];
    const hosts = hostsIn(text).filter((host) => !covered(host, granted));
    const powers = actions.filter(
      ({ said, kinds }) => said.test(text) && !capabilities.some((each) => kinds.includes(each.kind)),
    );
    return [
      ...hosts.map((host) => finding('warning', 'reach-undeclared', at, `${shown} names ${host}, which no capability reaches.`)),
      ...powers.map(({ what }) =>
        finding('warning', 'reach-undeclared', at, `${shown} speaks of ${what}, for which there is no capability.`),
      ),
    ];
  });
};
