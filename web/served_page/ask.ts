/** What is asked of the server, whose page this is. */
import type { classificationRecord, detectionRecord, segmentationRecord } from '../../models/result_records.js';
import { keyField, keyLabel } from './elements.js';

/** An entry of `GET /v1/models`. */
export interface Model {
  readonly name: string;
  readonly task: 'detection' | 'segmentation' | 'classification';
  /** What it is asked by. */
  readonly verb: string;
  readonly classes: readonly string[];
  /** `#rrggbb`, in the order of the classes. */
  readonly colours: readonly string[];
}

/** What an answer says of a picture. */
export type PictureRecord =
  | ReturnType<typeof detectionRecord>
  | ReturnType<typeof segmentationRecord>
  | ReturnType<typeof classificationRecord>;

const UNREACHED = 'The server does not answer. Perhaps it has ended, or the network is down.';

/** The models that the server has. @throws {Error} in the server's words. */
export async function askModels(): Promise<readonly Model[]> {
  const answer: { readonly models: readonly Model[] } = await (await ask('v1/models')).json();
  return answer.models;
}

export interface Question {
  readonly model: Model;
  readonly file: File;
  readonly signal: AbortSignal;
}

/** @throws {Error} in the server's words; the signal's reason. */
export async function askRecord(question: Question): Promise<PictureRecord> {
  const [record]: readonly PictureRecord[] = await (await post(question, 'application/json')).json();
  if (record === undefined) throw new Error('The server has answered nothing.');
  return record;
}

/** The picture with what was found in it. @throws as `askRecord` does. */
export async function askPicture(question: Question): Promise<Blob> {
  return (await post(question, 'image/png')).blob();
}

/** Where a model is asked, from the page's address. */
export function pathOf({ name, verb }: Model): string {
  return `v1/models/${encodeURIComponent(name)}/${verb}`;
}

/** Of a request with a file as its body. */
export function typeOf({ type }: Pick<File, 'type'>): string {
  return type.startsWith('image/') ? type : 'application/octet-stream';
}

function post({ model, file, signal }: Question, accept: string): Promise<Response> {
  return ask(pathOf(model), { method: 'POST', body: file, signal, headers: { 'content-type': typeOf(file), accept } });
}

interface Asking extends RequestInit {
  readonly headers?: Readonly<Record<string, string>>;
}

async function ask(path: string, { headers, ...rest }: Asking = {}): Promise<Response> {
  const key = keyField.value === '' ? {} : { authorization: `Bearer ${keyField.value}` };
  const response = await fetch(path, { ...rest, headers: { ...headers, ...key } }).catch((error: unknown) => {
    throw error instanceof DOMException && error.name === 'AbortError' ? error : new Error(UNREACHED);
  });
  if (response.ok) return response;
  throw await refusal(response);
}

/** An answer that is none of HTTP's successes, as the server says it. */
async function refusal(response: Response): Promise<Error> {
  if (response.status === 401) keyLabel.hidden = false;
  const text = await response.text();
  try {
    const { detail }: { readonly detail?: string } = JSON.parse(text);
    return new Error(detail ?? text);
  } catch {
    return new Error(`${response.status} ${response.statusText}`);
  }
}
