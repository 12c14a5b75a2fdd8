import { BurgeonError, type Clock } from '@burgeon/kit';
import type { ParsedRule } from './host-rules.ts';
import type { DenialRule } from './egress-denial.ts';

/** Different names under one wildcard that may be looked up ... */
const mostNames = 60;

/** ... within so many milliseconds. */
const withinMs = 60_000;

/**
 * Bounds how many names under a granted wildcard are looked up: whoever owns the domain sees each name that is asked for, so names carry
 * what should not leave, without a single connection.
 */
export interface NameBudget {
  /** Counts a name before it is looked up. @throws {BurgeonError} RATE_LIMITED (data.retryAfterMs) when there were too many; it is then not counted */
  take(rules: readonly ParsedRule[], host: string, port: number): void;
}

/** Makes the budget of one gate. */
export const createNameBudget = ({ clock }: { clock: Pick<Clock, 'now'> }): NameBudget => {
  /** When each name was first asked for, by the domain it lies under. */
  const seen = new Map<string, Map<string, number>>();
  return {
    take: (rules, host, port) => {
      const domain = wildcardDomain(rules);
      if (domain === undefined) return;
      const now = clock.now();
      const names = seen.get(domain) ?? new Map<string, number>();
      seen.set(domain, names);
      for (const [name, at] of names) if (at <= now - withinMs || at > now) names.delete(name);
      if (names.has(host)) return;
      const [oldest = now] = names.values();
      if (names.size >= mostNames) throw tooMany({ domain, host, port }, oldest + withinMs - now);
      names.set(host, now);
    },
  };
};

/** The domain when only wildcards under one allow the name. Whoever may reach every public host needs no names to tell something. */
const wildcardDomain = (rules: readonly ParsedRule[]): string | undefined =>
  rules.every(({ wildcard, host }) => wildcard && host !== '') ? rules[0]?.host : undefined;

const tooMany = ({ domain, host, port }: { domain: string; host: string; port: number }, retryAfterMs: number): BurgeonError =>
  new BurgeonError('RATE_LIMITED', {
    message: `The module asked for more than ${mostNames} different names under ${domain} within a minute.`,
    hint: 'Names that are looked up tell the owner of the domain something; grant the hosts by their own names.',
    // The names themselves are what should not leave, so only the domain is told on.
    data: { rule: 'names' satisfies DenialRule, host: `*.${domain}`, port, retryAfterMs, refused: host.length },
    retryable: true,
  });
