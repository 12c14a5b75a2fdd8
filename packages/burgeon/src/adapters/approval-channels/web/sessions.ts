import { createHash, randomBytes } from 'node:crypto';
import type { ApprovalChannelContext } from '@burgeon/kit';

/** Somebody signed in with one browser. */
export interface Session {
  /** The approver, as the keys of the server name them. */
  readonly who: string;
  /** What each form of this session carries, so that no other page can send one. */
  readonly formToken: string;
}

/** The browsers that are signed in; they are forgotten when the process ends. */
export interface Sessions {
  /** Signs in; gives the value of the `set-cookie` header, or undefined for a key that may not approve. */
  open(key: string, request: Request): Promise<string | undefined>;
  /** Whose browser sent this. The key is asked about anew each time: one that was revoked ends its sessions at once. */
  find(request: Request): Promise<Session | undefined>;
  /** Signs out; gives the value of the `set-cookie` header. */
  close(request: Request): string;
}

const idleMs = 15 * 60 * 1_000;
const longestMs = 8 * 60 * 60 * 1_000;

/** Browsers at a time; the one that signed in first has to do it again. */
const mostSessions = 64;

interface Kept extends Session {
  /** Holds the key, in this process alone: what is kept to find the session by is only a hash. */
  stillApproves(): Promise<boolean>;
  startedMs: number;
  seenMs: number;
}

/** Makes an empty set of sessions. */
export const createSessions = ({ clock, approver }: Pick<ApprovalChannelContext, 'clock' | 'approver'>): Sessions => {
  const kept = new Map<string, Kept>();
  const alive = ({ startedMs, seenMs }: Kept): boolean => {
    const now = clock.now();
    return now >= seenMs && now - seenMs < idleMs && now - startedMs < longestMs;
  };
  const clear = (): void => {
    for (const [hash, session] of kept) if (!alive(session)) kept.delete(hash);
    for (const hash of [...kept.keys()].slice(0, Math.max(0, kept.size - mostSessions + 1))) kept.delete(hash);
  };
  return {
    open: async (key, request) => {
      const person = await approver?.(key);
      if (!person) return undefined;
      clear();
      const [cookie, now] = [`${nameFor(request)}=${randomBytes(32).toString('base64url')}`, clock.now()];
      kept.set(hashOf(cookie), {
        who: person.id,
        formToken: randomBytes(32).toString('base64url'),
        stillApproves: async () => (await approver?.(key))?.id === person.id,
        startedMs: now,
        seenMs: now,
      });
      return `${cookie}; ${attributesOf(cookie)}`;
    },
    find: async (request) => {
      const cookie = cookieOf(request);
      const session = kept.get(hashOf(cookie));
      if (!session) return undefined;
      if (!alive(session) || !(await session.stillApproves())) {
        kept.delete(hashOf(cookie));
        return undefined;
      }
      session.seenMs = clock.now();
      return session;
    },
    close: (request) => {
      const cookie = cookieOf(request);
      kept.delete(hashOf(cookie));
      const [name = ''] = cookie.split('=', 1);
      return `${name}=; ${attributesOf(cookie)}; Max-Age=0`;
    },
  };
};

const hashOf = (cookie: string): string => createHash('sha256').update(cookie).digest('hex');

/** With the prefix a browser takes the cookie from this very host only, and over https only. @see RFC 6265bis section 4.1.3.2 */
const secureName = '__Host-burgeon-approve';
const plainName = 'burgeon-approve';

/** Over http, which only this machine is reached by, browsers differ on the prefix; so the page's own origin decides. */
const nameFor = ({ headers }: Request): string => (headers.get('origin')?.startsWith('https:') === true ? secureName : plainName);

const attributesOf = (cookie: string): string =>
  cookie.startsWith(secureName) ? 'Path=/; Secure; HttpOnly; SameSite=Strict' : 'Path=/approve/web; HttpOnly; SameSite=Strict';

/** The cookie of ours that came along, as `name=value`; `''` when none did. */
const cookieOf = ({ headers }: Request): string => {
  const all = (headers.get('cookie') ?? '').split(';').map((each) => each.trim());
  const named = (name: string): string | undefined => all.find((each) => each.startsWith(`${name}=`));
  return named(secureName) ?? named(plainName) ?? '';
};
