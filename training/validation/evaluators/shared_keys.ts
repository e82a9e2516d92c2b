/** Keys that every evaluator of OpenMMLab takes and that change no figure: where results travel and lie. */
import { z } from 'zod';

const without = z.unknown().optional().describe('without effect here');

export const storageKeys = { collect_device: without, backend_args: without, file_client_args: without };

/** Writing results and scoring nothing is no validation. */
export const formatOnly = z.literal(false).default(false);
