import type { Clock } from '@burgeon/kit';
import { isoNow } from '../base/clock.ts';

/** A moment by two clocks: the one on the wall, which can be set, and the time since the machine started, which cannot. */
export interface Moment {
  /** ISO 8601 UTC. */
  at: string;
  /** Which start of the machine `upMs` counts from; absent where the machine does not say. */
  start?: string;
  upMs?: number;
}

/** Now. */
export const momentNow = (clock: Clock): Moment => {
  const up = clock.uptime?.();
  return { at: isoNow(clock), ...(up === undefined ? {} : { start: up.start, upMs: up.ms }) };
};

/**
 * Milliseconds since a moment: the most that any clock says, so that setting one back gains no time. `notBefore`: a time (milliseconds
 * since the epoch) that is known to have been, whatever the clock on the wall says now.
 */
export const passedSince = (moment: Moment, clock: Clock, notBefore = 0): number => {
  const byWall = Math.max(clock.now(), notBefore) - Date.parse(moment.at);
  const up = clock.uptime?.();
  const byMachine = up !== undefined && up.start === moment.start ? up.ms - (moment.upMs ?? up.ms) : 0;
  return Math.max(byWall, byMachine);
};
