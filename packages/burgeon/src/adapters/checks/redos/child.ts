/** The process in which regular expressions are judged: they are made to take long. */
import { answerRequests } from '../../../base/warm-answers.ts';
import { judgeExpressions, type JudgeRequest } from './judge.ts';

answerRequests((request) => judgeExpressions(request as JudgeRequest));
