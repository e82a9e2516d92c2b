/** The program of the thread that holds one network. Its name is its own, so that a bundler can put it beside others. */
import { answerRequests } from '../thread/worker_answers.js';
import { openvinoSession } from './session.js';

answerRequests(openvinoSession());
