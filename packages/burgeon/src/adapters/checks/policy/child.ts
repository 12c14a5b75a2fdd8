/** The process in which untrusted code is parsed and judged: files in, findings out. */
import { answerRequests } from '../../../base/warm-answers.ts';
import { type PolicyFile, judgeFiles } from './files.ts';

answerRequests((request) => judgeFiles(request as PolicyFile[]));
