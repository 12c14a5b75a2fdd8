/** The process in which untrusted code is parsed for its imports: files in, imports out. */
import { answerRequests } from '../base/warm-answers.ts';
import { importsOf } from './code-imports.ts';

answerRequests((request) => importsOf(request as { path: string; text: string }[]));
