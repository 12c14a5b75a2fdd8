import { BurgeonError } from '@burgeon/kit';
import { describe, expect, it } from 'vitest';
import { isoNow, manualClock, systemClock } from './clock.ts';
import { countedIds, randomIds } from './ids.ts';
import { lineLogger, silentLogger } from './log.ts';
import { version } from './version.ts';
import manifest from '../../package.json' with { type: 'json' };

describe('clocks', () => {
  it('a manual clock moves only when told to', async () => {
    const clock = manualClock(0);
    await clock.sleep(1_000);
    clock.advance(500);
    expect(clock.now()).toBe(1_500);
    expect(isoNow(clock)).toBe('1970-01-01T00:00:01.500Z');
    await expect(clock.sleep(1, AbortSignal.abort())).rejects.toThrow();
  });

  it('the system clock sleeps, and wakes when cancelled', async () => {
    await systemClock.sleep(1);
    expect(systemClock.now()).toBeGreaterThan(0);
    const controller = new AbortController();
    const sleeping = systemClock.sleep(60_000, controller.signal).catch((error: unknown) => BurgeonError.from(error).code);
    controller.abort();
    expect(await sleeping).toBe('CANCELLED');
    await expect(systemClock.sleep(60_000, AbortSignal.abort())).rejects.toThrow('cancelled');
  });
});

describe('ids', () => {
  it('are counted or random', () => {
    const counted = countedIds();
    expect([counted.next('req'), counted.next('req')]).toEqual(['req_1', 'req_2']);
    expect(randomIds.next('req')).toMatch(/^req_[a-z0-9]{20}$/);
    expect(randomIds.next('req')).not.toBe(randomIds.next('req'));
  });
});

describe('loggers', () => {
  it('write a line each, debug lines only when verbose', () => {
    const lines: string[] = [];
    for (const verbose of [false, true]) {
      const log = lineLogger(
        (line) => lines.push(line),
        () => 0,
        verbose,
      );
      log.debug('quiet');
      log.info('told', { a: 1 });
      log.warn('odd');
    }
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      { at: '1970-01-01T00:00:00.000Z', level: 'info', message: 'told', data: { a: 1 } },
      { at: '1970-01-01T00:00:00.000Z', level: 'warn', message: 'odd' },
      { at: '1970-01-01T00:00:00.000Z', level: 'debug', message: 'quiet' },
      { at: '1970-01-01T00:00:00.000Z', level: 'info', message: 'told', data: { a: 1 } },
      { at: '1970-01-01T00:00:00.000Z', level: 'warn', message: 'odd' },
    ]);
    for (const level of ['debug', 'info', 'warn'] as const) silentLogger[level]('nothing');
  });
});

it('the version is the package’s', () => {
  expect(version).toBe(manifest.version);
});
