import { BurgeonError } from '@burgeon/kit';

const unitMs: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Longest span that can be written: ten years, in days. */
const mostDays = 3_650;

/**
 * Milliseconds of a span like `90s`, `15m`, `12h` or `30d`.
 * @throws {BurgeonError} USAGE
 */
export const readDuration = (text: string): number => {
  const [, amount = '', unit = ''] = /^(\d{1,9})([smhd])$/.exec(text.trim()) ?? [];
  const ms = Number(amount) * (unitMs[unit] ?? 0);
  if (ms > 0 && ms <= mostDays * 86_400_000) return ms;
  throw new BurgeonError('USAGE', {
    message: `${JSON.stringify(text.slice(0, 50))} is no span of time.`,
    hint: `Write a number and s, m, h or d, at most ${mostDays}d: 90s, 12h, 30d.`,
  });
};
