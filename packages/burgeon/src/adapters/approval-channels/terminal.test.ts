import { approvalChannelSuite, approvalQuestion, memoryStore } from '@burgeon/kit/suites';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../../base/clock.ts';
import { createTerminal, terminal } from './terminal.ts';

const open = (locale?: 'en' | 'pl') => {
  let text = '';
  const channel = createTerminal({ write: (more) => (text += more), ...(locale ? { locale } : {}) });
  return { channel, shown: () => text, answer: async () => [...text.matchAll(/(?:Code|Kod): (\w+)/g)].at(-1)?.[1] ?? '' };
};

approvalChannelSuite({ describe, it, expect }, { name: 'terminal', open: async () => open() });

describe('the terminal', () => {
  const question = { ...approvalQuestion('req_1'), text: 'T', expiresAt: '2030' };

  it.each([
    ['en', ['Code', 'Approve', 'Reject', 'Valid until']],
    ['pl', ['Kod', 'Zatwierdź', 'Odrzuć', 'Ważne do']],
  ] as const)('speaks the language of the owner: %s', async (locale, [code, approve, reject, until]) => {
    const { channel, shown } = open(locale);
    const asked = await channel.ask(question);
    expect(shown()).toBe(
      `T\n\n${code}: ${asked.code}\n${until}: 2030\n[${approve}] burgeon approve req_1 --code ${asked.code}\n[${reject}] burgeon reject req_1\n`,
    );
  });

  it('opens from the list', async () => {
    const context = { clock: systemClock, store: memoryStore(), write: () => {}, secret: async () => undefined };
    for (const more of [{}, { locale: 'pl' } as const]) expect(terminal.open({ ...context, ...more }).name).toBe(terminal.name);
  });
});
