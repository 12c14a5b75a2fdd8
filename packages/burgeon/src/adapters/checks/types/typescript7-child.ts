/** The process of TypeScript 7, which is itself a process below it: files in, findings out. */
import { answerRequests } from '../../../base/warm-answers.ts';
import { answerWith } from './type-checker.ts';
import { openTypeScript7 } from './typescript7.ts';

answerRequests(answerWith(openTypeScript7));
