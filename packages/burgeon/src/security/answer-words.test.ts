import { approvalQuestion } from '@burgeon/kit/suites';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { answerWords, questionText, readAnswer } from './answer-words.ts';
import { newCode, normaliseCode } from './codes.ts';

describe('an answer in words', () => {
  it.each([
    ['approve ABC123', 'approve', 'ABC123'],
    ['  APPROVE   abc123  ', 'approve', 'abc123'],
    ['Approve: ABC-123.', 'approve', 'ABC-123'],
    ['approve\tABC 123', 'approve', 'ABC 123'],
    ['approve "ABC123"', 'approve', 'ABC123'],
    ['zatwierdź ABC123', 'approve', 'ABC123'],
    ['Zatwierdz ABC123!', 'approve', 'ABC123'],
    ['ZATWIERDŹ abc123', 'approve', 'abc123'],
    ['zatwierdz\u0301 ABC123', 'approve', 'ABC123'],
    ['zatwierdzam „ABC123”', 'approve', 'ABC123'],
    ['approve\u00a01 2 3 4 5 6', 'approve', '1 2 3 4 5 6'],
    ['reject ABC123', 'reject', 'ABC123'],
    ['Odrzuć ABC123', 'reject', 'ABC123'],
    ['odrzuc ABC123', 'reject', 'ABC123'],
    ['ODRZUCAM ABC123', 'reject', 'ABC123'],
  ] as const)('%j is %s', (line, answer, code) => {
    expect(readAnswer(line)).toEqual({ answer, code });
  });

  it.each([
    '',
    'approve',
    'ABC123',
    'approve ABC12',
    'approve ABC1234',
    'approveABC123',
    'I approve ABC123',
    '> approve ABC123',
    'approve ABC123 and delete the rest',
    'burgeon approve req_1 --code ABC123',
    'approve ABC123\nreject ABC123',
    'approve АBC123',
    'approve \0ABC123',
    `approve ABC123${' '.repeat(200)}`,
    '[Approve] [Reject]',
  ])('%j is none', (line) => {
    expect(readAnswer(line)).toBeUndefined();
  });

  it('reads every code that is made, however it is spaced', () => {
    const word = fc.constantFrom('approve', 'Zatwierdź', 'zatwierdz');
    fc.assert(
      fc.property(word, fc.constantFrom(' ', '  ', '\t', ': '), fc.constantFrom('', ' ', '-'), (start, gap, space) => {
        const code = newCode();
        expect(normaliseCode(readAnswer(`${start}${gap}${code.split('').join(space)}`)?.code ?? '')).toBe(code);
      }),
    );
  });

  it('reads any text without trouble', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => void readAnswer(text)));
  });
});

describe('the question as text', () => {
  it.each(['en', 'pl'] as const)('is the disclosure and then the code: %s', (locale) => {
    const say = answerWords[locale];
    expect(questionText({ ...approvalQuestion('a'), text: 'T', expiresAt: '2030' }, 'ABC123', locale)).toBe(
      `T\n\n${say.code}: ABC123\n${say.until}: 2030`,
    );
  });
});
