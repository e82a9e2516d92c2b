/** The same request from a shell. */
import { type Model, pathOf, typeOf } from './ask.js';

export interface ShellRequest {
  readonly model: Model;
  /** Undefined before one is chosen. */
  readonly file: Pick<File, 'name' | 'type'> | undefined;
  readonly threshold: number;
  /** Whether the server asks for a key, which is not in the line. */
  readonly withKey: boolean;
}

/** A line for a shell. */
export function curlLine({
  model,
  file = { name: 'picture.jpg', type: 'image/jpeg' },
  threshold,
  withKey,
}: ShellRequest) {
  const address = new URL(pathOf(model), location.href);
  if (model.task === 'detection') address.searchParams.set('score-thr', String(threshold));
  const words = ['curl', '--data-binary', `@${file.name}`, '--header', `content-type: ${typeOf(file)}`];
  const key = withKey ? ' --header "authorization: Bearer $LOWFORMER_KEY"' : '';
  return `${words.map(quoted).join(' ')}${key} ${quoted(address.href)}`;
}

/** In quotes as a shell takes them: nothing in it means anything. */
function quoted(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
