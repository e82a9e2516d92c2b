/** What a loading thread is asked, and what it answers. */
import type { LoadingSetup, TrainingBatch } from './prepare.js';
import type { PlannedBatch } from './samplers.js';

export type LoadingRequest =
  | { readonly kind: 'open'; readonly setup: LoadingSetup }
  | { readonly kind: 'prepare'; readonly planned: PlannedBatch }
  | { readonly kind: 'close' };

export type LoadingAnswer =
  | { readonly kind: 'opened' }
  | { readonly kind: 'prepared'; readonly batch: TrainingBatch }
  | { readonly kind: 'closed' };
