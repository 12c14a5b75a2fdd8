/** The process of TypeScript 6: files in, findings out. */
import { answerRequests } from '../../../base/warm-answers.ts';
import { answerWith } from './type-checker.ts';
import { openTypeScript6 } from './typescript6.ts';

answerRequests(answerWith(openTypeScript6));
