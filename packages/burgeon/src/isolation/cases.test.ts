import { describe, expect, it } from 'vitest';
import type { HostKind, Language } from './case.ts';
import { cases } from './cases.ts';
import { whyNot } from './reasons.ts';
import { subjectOf } from './subject.ts';

const kinds: readonly HostKind[] = ['isolate', 'strict', 'wasm', 'process'];
const host = { name: 'none', start: () => Promise.reject(new TypeError('It is never started.')) };
const speaks = (kind: HostKind): readonly Language[] => subjectOf(kind, host).speaks;

describe('the list of attacks', () => {
  it('has every number of the published list once, in order', () => {
    expect(cases.map(({ number }) => number)).toEqual(Array.from({ length: 76 }, (_, index) => index + 1));
  });

  it.each(cases)('$number $title: has a program for a host at least, and a reason for every other', (each) => {
    const fitting = kinds.filter((kind) => each.attacks.some(({ language }) => speaks(kind).includes(language)));
    expect(fitting).not.toEqual([]);
    for (const kind of kinds.filter((other) => !fitting.includes(other))) expect(whyNot(each, kind)).toMatch(/^[A-Z].{20,}\.$/s);
    expect(new Set(each.attacks.map(({ name, language }) => `${language} ${name}`)).size).toBe(each.attacks.length);
  });

  it('attacks every host in many ways', () => {
    const count = (kind: HostKind): number =>
      cases.filter(({ attacks }) => attacks.some(({ language }) => speaks(kind).includes(language))).length;
    expect(Math.min(count('isolate'), count('strict'))).toBeGreaterThan(50);
    expect(count('process')).toBeGreaterThan(30);
    expect(count('wasm')).toBeGreaterThan(15);
  });

  it('names no attacker of the language of a host that lacks it', () => {
    expect(subjectOf('isolate', host, false)).toMatchObject({ name: 'isolate-jitless', trusted: false, speaks: ['javascript'] });
  });
});
