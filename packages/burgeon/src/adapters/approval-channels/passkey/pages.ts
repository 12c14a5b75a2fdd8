import type { ApprovalQuestion } from '@burgeon/kit';
import { type Html, html } from '../../../base/html.ts';
import { pageResponse } from '../../../base/page.ts';
import { questionView } from '../../../base/question-view.ts';
import { type OutcomeWords, outcomeWords } from '../../../security/answer-words.ts';
import { passkeyWords } from './words.ts';

/** Path below which everything here is. */
export const passkeyPath = '/approve/passkey';

/** Path of the one script that the pages run. */
export const scriptPath: string = `${passkeyPath}/script.js`;

/** The pages of the channel, in one language. */
export interface PasskeyPages {
  question(question: ApprovalQuestion): Response;
  register(): Response;
  /** For a request that is not to be answered here. */
  notHere(): Response;
}

/** Makes the pages. Their script finds all it may say in them, so that it holds no words of its own. */
export const createPasskeyPages = (language: 'en' | 'pl'): PasskeyPages => {
  const say = { ...outcomeWords[language], ...passkeyWords[language] };
  return {
    question: (question) =>
      pageResponse({
        title: `${say.question} ${question.module} - Burgeon`,
        language,
        script: scriptPath,
        body: html`${questionView(question, language)}
          <form data-deed="answer">
            <p class="soft">${say.signs}</p>
            <div class="answers">
              <button value="approve">${say.approve}</button><button value="reject" class="plain">${say.reject}</button>
            </div>
          </form>
          ${(['half', 'approved', 'rejected'] as const).map((name) => outcomeView(say, name))} ${complaintsView(say)}`,
      }),
    register: () =>
      pageResponse({
        title: `${say.register} - Burgeon`,
        language,
        script: scriptPath,
        body: html`<h1>${say.register}</h1>
          <form class="card" data-deed="register">
            <p>${say.registerMore}</p>
            <label for="name">${say.name}</label>
            <input id="name" name="name" maxlength="60" required autocomplete="off" placeholder="${say.example}" />
            <div class="answers"><button>${say.add}</button></div>
          </form>
          ${outcomeView(say, 'registered')} ${complaintsView(say)}`,
      }),
    notHere: () =>
      pageResponse({
        title: `${say.notHere} - Burgeon`,
        language,
        status: 404,
        body: html`<h1>${say.notHere}</h1>
          <p>${say.notHereMore}</p>`,
      }),
  };
};

type Words = (typeof passkeyWords)['en'] & OutcomeWords;

const outcomeView = (say: Words, name: 'half' | 'approved' | 'rejected' | 'registered'): Html =>
  html`<section class="card" data-outcome="${name}" tabindex="-1" hidden>
    <strong>${say[name]}</strong>
    <p>${say[`${name}More`]}</p>
  </section>`;

const complaintsView = (say: Words): Html =>
  html`<p class="warn" role="alert" hidden></p>
    ${(['cancelled', 'known', 'failed', 'unsupported'] as const).map((name) => html`<span data-say="${name}" hidden>${say[name]}</span>`)}
    <noscript><p class="warn">${say.script}</p></noscript>`;
