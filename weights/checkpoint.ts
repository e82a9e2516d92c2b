import type { FileState } from '../files/file_state.js';
import { type CheckpointContent, type CheckpointOptions, readCheckpoint } from './checkpoint_content.js';
import { openFile } from './open_file.js';

export { type CheckpointFormat, type CheckpointMeta, type CheckpointOptions, modelKeys } from './checkpoint_content.js';

/** An open checkpoint. Its tensors are read from the file when asked for; disposing it closes the file. */
export interface Checkpoint extends CheckpointContent, Disposable {
  /** Of its file, at this moment. */
  state(): FileState;
}

/**
 * Opens a checkpoint of torch (either format) or safetensors, as `readCheckpoint` reads it.
 * @throws {LowformerError} `unreadable-file` when the file cannot be opened; `unreadable-checkpoint` when it is no
 * checkpoint, is damaged, names what a checkpoint may not, or has no state_dict or several.
 */
export async function openCheckpoint(path: string, options: CheckpointOptions = {}): Promise<Checkpoint> {
  const file = openFile(path);
  const dispose = file[Symbol.dispose];
  try {
    return { ...readCheckpoint(file, options), state: () => file.state(), [Symbol.dispose]: dispose };
  } catch (error) {
    dispose();
    throw error;
  }
}
