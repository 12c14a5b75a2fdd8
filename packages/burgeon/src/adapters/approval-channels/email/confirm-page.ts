import { type ApprovalInbox, type ApprovalQuestion, BurgeonError, type Store } from '@burgeon/kit';
import { readForm } from '../../../base/form.ts';
import { type Html, html } from '../../../base/html.ts';
import { pageResponse } from '../../../base/page.ts';
import { questionView } from '../../../base/question-view.ts';
import { answerWords } from '../../../security/answer-words.ts';
import { openCode } from './sealed-code.ts';

/** Table of the store: by request, the code that was mailed, sealed by the token of its link. */
export const linksTable = 'approval-email';

/** What the page behind a link works with. */
export interface ConfirmPage {
  store: Store;
  inbox: ApprovalInbox;
  locale: 'en' | 'pl';
}

const words = {
  en: {
    ask: 'May it do this?',
    gone: 'Nothing to answer here',
    goneWhy: 'The link was used, a newer mail took its place, or the question is closed.',
    half: 'Confirmed. Another channel is asked now.',
    approved: 'Approved',
    rejected: 'Rejected for good',
    failed: 'The answer was not taken',
    method: 'Open this page with a browser',
  },
  pl: {
    ask: 'Czy wolno?',
    gone: 'Nie ma tu na co odpowiadać',
    goneWhy: 'Odnośnik został użyty, zastąpiła go nowsza wiadomość albo pytanie jest zamknięte.',
    half: 'Potwierdzono. Teraz pytany jest inny kanał.',
    approved: 'Zatwierdzono',
    rejected: 'Odrzucono ostatecznie',
    failed: 'Odpowiedź nie została przyjęta',
    method: 'Otwórz tę stronę w przeglądarce',
  },
};

/**
 * Answers whoever opens the link of a mail. GET and HEAD show the question and change nothing, however often something fetches the link
 * ahead of the person; only the form of the page answers, once. The link itself is the proof: its token opens the code that was mailed.
 * No page but this one knows the token, so that no other needs to be kept from sending the form.
 */
export const answerLink = async (request: Request, page: ConfirmPage): Promise<Response> => {
  const { pathname, searchParams } = new URL(request.url);
  const id = /^\/approve\/email\/([\w-]{1,100})$/.exec(pathname)?.[1];
  if (id === undefined) return gone(page);
  if (request.method === 'GET' || request.method === 'HEAD') {
    const token = searchParams.get('t') ?? '';
    const found = await openLink(page, id, token);
    return headless(request, found === undefined ? gone(page) : ask(page, found.question, token));
  }
  if (request.method !== 'POST')
    return notice(page, { title: words[page.locale].method, status: 405, headers: { allow: 'GET, HEAD, POST' } });
  return takeForm(request, page, id);
};

const takeForm = async (request: Request, page: ConfirmPage, id: string): Promise<Response> => {
  try {
    const form = await readForm(request);
    const answer = form.get('answer');
    const found = await openLink(page, id, form.get('t') ?? '');
    if (found === undefined || (answer !== 'approve' && answer !== 'reject')) return gone(page);
    if (!(await useUp(page, id, found.rev))) return gone(page);
    return notice(page, { title: await tell(page, { request: id, proof: found.code }, answer) });
  } catch (thrown) {
    const { message, code } = BurgeonError.from(thrown);
    const status = code === 'INTERNAL' ? 500 : 400;
    return notice(page, { title: words[page.locale].failed, text: code === 'INTERNAL' ? undefined : message, status });
  }
};

const tell = async (
  { inbox, locale }: ConfirmPage,
  proof: { request: string; proof: string },
  answer: 'approve' | 'reject',
): Promise<string> => {
  if (answer === 'approve') return words[locale][await inbox.approve(proof)];
  await inbox.reject(proof);
  return words[locale].rejected;
};

interface OpenLink {
  question: ApprovalQuestion;
  code: string;
  rev: number;
}

/** What the link leads to; undefined when it leads nowhere, whatever the reason. */
const openLink = async ({ store, inbox }: ConfirmPage, id: string, token: string): Promise<OpenLink | undefined> => {
  const record = await store.get(linksTable, id);
  const sealed = record?.value['sealed'];
  if (record === undefined || typeof sealed !== 'string' || token.length > 100) return undefined;
  const question = (await inbox.questions()).find(({ request }) => request === id);
  const code = question && openCode(token, question, sealed);
  return code === undefined || question === undefined ? undefined : { question, code, rev: record.rev };
};

/** A link counts once. Two answers at once: one of them finds it gone. */
const useUp = async ({ store }: ConfirmPage, id: string, rev: number): Promise<boolean> => {
  try {
    await store.transact([{ kind: 'delete', table: linksTable, id, rev }]);
    return true;
  } catch (error) {
    if (BurgeonError.is(error) && error.code === 'CONFLICT') return false;
    throw error;
  }
};

const ask = ({ locale }: ConfirmPage, question: ApprovalQuestion, token: string): Response => {
  const say = words[locale];
  const { approve, reject } = answerWords[locale];
  const body = html`${questionView(question, locale)}
    <form method="post" action="/approve/email/${question.request}">
      <input type="hidden" name="t" value="${token}" />
      <div class="answers">
        <button name="answer" value="approve">${approve}</button>
        <button class="plain" name="answer" value="reject">${reject}</button>
      </div>
    </form>`;
  return pageResponse({ title: say.ask, language: locale, body });
};

const gone = (page: ConfirmPage): Response => {
  const { gone: title, goneWhy: text } = words[page.locale];
  return notice(page, { title, text, status: 404 });
};

const notice = (
  { locale }: ConfirmPage,
  {
    title,
    text,
    status = 200,
    headers = {},
  }: { title: string; text?: string | undefined; status?: number; headers?: Record<string, string> },
): Response => {
  const body: Html = html`<h1>${title}</h1>
    ${text !== undefined && html`<p>${text}</p>`}`;
  return pageResponse({ title, language: locale, body, status, headers });
};

const headless = (request: Request, response: Response): Response =>
  request.method === 'HEAD' ? new Response(null, { status: response.status, headers: response.headers }) : response;
