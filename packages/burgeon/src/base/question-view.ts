import type { ApprovalQuestion } from '@burgeon/kit';
import { type Html, html } from './html.ts';

const words = {
  en: {
    fingerprint: 'Fingerprint',
    compare: 'Whichever channel asks, it shows the same one. If one differs, reject.',
    until: 'Valid until',
    asks: 'What it asks for',
  },
  pl: {
    fingerprint: 'Odcisk',
    compare: 'Każdy kanał, który pyta, pokazuje ten sam. Jeśli któryś jest inny, odrzuć.',
    until: 'Ważne do',
    asks: 'O co prosi',
  },
};

/** A question as a page shows it: the disclosure letter by letter, to its end, and the fingerprint to compare right above the answers. */
export const questionView = (question: ApprovalQuestion, language: 'en' | 'pl'): Html => {
  const say = words[language];
  return html`<h1>${question.module} ${question.version}</h1>
    <section class="card" aria-label="${say.asks}"><pre>${question.text}</pre></section>
    <section class="card">
      <div class="soft">${say.fingerprint}</div>
      <code class="print">${question.fingerprint}</code>
      <div class="soft">${say.compare}</div>
      <p>${say.until} ${timeView(question.expiresAt)}</p>
    </section>`;
};

/** A point in time (ISO 8601 UTC) as people read it: to the minute. */
export const timeView = (at: string): Html =>
  html`<time datetime="${at}">${at.replace(/^(.{10})T(.{5}).*$/, '$1 $2 UTC')}</time>`;
