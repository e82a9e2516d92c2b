/** The program of a thread that prepares batches. Its name is its own, so that a bundler can put it beside others. */
import { answerRequests } from '../../engines/thread/worker_answers.js';
import { loadingSession } from './session.js';

answerRequests(loadingSession());
