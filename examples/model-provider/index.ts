import {
  type Answer,
  answerIn,
  completionRequest,
  embeddingRequest,
  modelsIn,
  type Pieces,
  piecesIn,
  type Question,
  vectorsIn,
} from './completions.ts';
import { ask, hasKey, settings } from './endpoint.ts';
import { type Fault, faultError, faultOfHost, type RawAnswer } from './faults.ts';

/** Milliseconds that are waited for an answer unless the caller says otherwise. */
const usualTimeoutMs = 60_000;

/** A question, and how long its caller waits. */
type Timed<Input> = Input & { timeoutMs?: number };

/** Asks, and gives up when the time is over: the request itself then ends unheard. @throws an error with a fault */
const within = async (timeoutMs: number, path: string, body?: unknown): Promise<RawAnswer> => {
  let timer: number | undefined;
  const late = new Promise<never>((_, reject) => {
    const message = `The provider did not answer within ${timeoutMs} ms.`;
    timer = setTimeout(() => reject(faultError({ code: 'TIMEOUT', message, retryable: true })), timeoutMs);
  });
  try {
    return await Promise.race([ask(path, body), late]);
  } catch (error) {
    throw faultOfHost(error);
  } finally {
    clearTimeout(timer);
  }
};

const complete = async ({ timeoutMs = usualTimeoutMs, ...question }: Timed<Question>, stream: boolean): Promise<RawAnswer> =>
  within(timeoutMs, '/chat/completions', completionRequest(question, settings, stream));

const embed = async (input: Timed<{ texts: string[] }>): Promise<{ vectors: number[][] }> => {
  const { texts, timeoutMs = usualTimeoutMs } = input;
  const { embeddingModel } = settings;
  if (embeddingModel === undefined)
    throw faultError({ code: 'REMOTE_ERROR', message: 'The endpoint has no embeddings.', retryable: false, reason: 'none' });
  const raw = await within(timeoutMs, '/embeddings', embeddingRequest(texts, embeddingModel));
  return { vectors: vectorsIn(raw, texts.length) };
};

/** A fault that says what has to be put right. */
type Problem = Pick<Fault, 'code' | 'message'>;

const problemOf = (error: unknown): Problem => {
  const { data } = error as { data?: Fault };
  if (data === undefined) throw error;
  return { code: data.code, message: data.message };
};

/** Everything that would keep questions from being answered. */
const validate = async (): Promise<{ ready: boolean; problems: Problem[] }> => {
  const named = (code: Fault['code'], message: string): { ready: boolean; problems: Problem[] } => ({
    ready: false,
    problems: [{ code, message }],
  });
  if (!(await hasKey())) return named('SECRET_MISSING', 'The key is not set: burgeon secret set model/openai-compatible/key');
  try {
    const models = modelsIn(await within(usualTimeoutMs, '/models'));
    if (models.includes(settings.model)) return { ready: true, problems: [] };
    return named('REMOTE_ERROR', `The endpoint does not list the model ${settings.model}.`);
  } catch (error) {
    return { ready: false, problems: [problemOf(error)] };
  }
};

/** What a model can do, as Burgeon asks for it. */
interface Capabilities {
  name: string;
  contextTokens: number;
  streaming: boolean;
  structured: boolean;
  embeddings: boolean;
}

/** What this module can do; the table in plugin.json describes the same. */
export const operations = {
  capabilities: async (): Promise<Capabilities> => ({
    name: settings.model,
    contextTokens: settings.contextTokens,
    // Operations answer as a whole; `stream` gives pieces, but all at once.
    streaming: false,
    structured: true,
    embeddings: settings.embeddingModel !== undefined,
  }),
  generate: async (question: Timed<Question>): Promise<Answer> => answerIn(await complete(question, false), question, settings),
  stream: async (question: Timed<Question>): Promise<Pieces> => piecesIn(await complete(question, true)),
  embed,
  validate,
};
