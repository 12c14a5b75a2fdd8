import { type ApprovalQuestion, type BurgeonError, errorTable } from '@burgeon/kit';
import { type Html, html } from '../../../base/html.ts';
import { isObject } from '../../../base/json.ts';
import { pageResponse } from '../../../base/page.ts';
import { questionView, timeView } from '../../../base/question-view.ts';
import { type OutcomeWords, outcomeWords } from '../../../security/answer-words.ts';
import type { Session } from './sessions.ts';
import { webWords } from './words.ts';

/** Path below which everything here is. */
export const webPath = '/approve/web';

/** What can be said at the end of an answer. */
export type Outcome = 'half' | 'approved' | 'rejected';

/** The pages of the channel, in one language. */
export interface WebPages {
  /** Asks for a key; the form comes back to `path`. */
  signIn(path: string, options: { wrong: boolean; status: number }): Response;
  inbox(questions: readonly ApprovalQuestion[], session: Session): Response;
  question(question: ApprovalQuestion, session: Session): Response;
  /** For a request that is not to be answered here. */
  notHere(): Response;
  outcome(outcome: Outcome, question: ApprovalQuestion): Response;
  failure(error: BurgeonError): Response;
}

/** Makes the pages. */
export const createWebPages = (language: 'en' | 'pl'): WebPages => {
  const say = { ...outcomeWords[language], ...webWords[language] };
  const page = (title: string, body: Html, more: { status?: number; headers?: Record<string, string> } = {}): Response =>
    pageResponse({ title: `${title} - Burgeon`, language, body, ...more });
  const back = html`<p><a href="${webPath}">${say.back}</a></p>`;
  return {
    signIn: (path, { wrong, status }) => page(say.signIn, signInForm(say, path, wrong), { status }),
    inbox: (questions, session) =>
      page(
        say.title,
        html`<h1>${say.title}</h1>
          ${
            questions.length === 0
              ? html`<p class="card">${say.none}</p>`
              : html`<ul class="list">
                  ${questions.map(inboxRow)}
                </ul>`
          }
          ${signOutForm(say, session)}`,
      ),
    question: (question, session) =>
      page(
        `${say.question} ${question.module}`,
        html`${questionView(question, language)} ${answerForm(say, question, session)} ${back}`,
      ),
    notHere: () =>
      page(
        say.notHere,
        html`<h1>${say.notHere}</h1>
          ${back}`,
        { status: 404 },
      ),
    outcome: (outcome, { module, version, fingerprint }) =>
      page(
        say[outcome],
        html`<h1>${say[outcome]}</h1>
          <section class="card">
            <strong>${module} ${version}</strong><code class="print">${fingerprint}</code>
            <p>${say[`${outcome}More`]}</p>
          </section>
          ${back}`,
      ),
    failure: (error) =>
      page(
        say.failed,
        html`<h1>${say.failed}</h1>
          <p class="card">${error.message} ${error.hint}</p>
          ${back}`,
        {
          status: errorTable[error.code].status,
          headers: retryAfter(error),
        },
      ),
  };
};

type Words = (typeof webWords)['en'] & OutcomeWords;

const signInForm = (say: Words, path: string, wrong: boolean): Html =>
  html`<h1>${say.signIn}</h1>
    <form class="card" method="post" action="${path}">
      ${wrong && html`<p class="warn" role="alert">${say.wrongKey}</p>`}
      <label for="key">${say.key}</label>
      <input id="key" name="key" type="password" autocomplete="current-password" maxlength="512" required spellcheck="false" />
      <p class="soft">${say.once}</p>
      <button>${say.enter}</button>
    </form>`;

const signOutForm = (say: Words, { who, formToken }: Session): Html =>
  html`<form method="post" action="${webPath}/sign-out">
    <input type="hidden" name="form" value="${formToken}" />
    <p class="soft">${say.signedIn} ${who}. <button class="quiet">${say.leave}</button></p>
  </form>`;

/** Carries what was shown, so that what is approved is what was read. */
const answerForm = (say: Words, { request, digest, capabilitiesDigest }: ApprovalQuestion, { formToken }: Session): Html =>
  html`<form method="post" action="${webPath}/${request}">
    <input type="hidden" name="form" value="${formToken}" />
    <input type="hidden" name="digest" value="${digest}" />
    <input type="hidden" name="capabilities" value="${capabilitiesDigest}" />
    <div class="answers">
      <button name="answer" value="approve">${say.approve}</button>
      <button name="answer" value="reject" class="plain">${say.reject}</button>
    </div>
  </form>`;

const inboxRow = ({ request, module, version, fingerprint, expiresAt }: ApprovalQuestion): Html =>
  html`<li class="card">
    <a href="${webPath}/${request}"
      ><strong>${module} ${version}</strong><code>${fingerprint}</code> <span class="soft">${timeView(expiresAt)}</span></a
    >
  </li>`;

/** @see RFC 9110 section 10.2.3 */
const retryAfter = ({ data }: BurgeonError): Record<string, string> => {
  const ms = isObject(data) ? data['retryAfterMs'] : undefined;
  return typeof ms === 'number' ? { 'retry-after': String(Math.ceil(ms / 1_000)) } : {};
};
