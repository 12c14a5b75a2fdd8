/** The process in which untrusted code is parsed for what it does: files in, facts out, a line each. */
import { answerRequests } from '../../base/warm-answers.ts';
import { factsOf, type FactsRequest } from './facts.ts';

answerRequests((request) => factsOf(request as FactsRequest));
