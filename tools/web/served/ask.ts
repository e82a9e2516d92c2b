/** What is asked of the server, whose page this is. */
import type { RunLengthMask } from '../../../geometry/mask_runs.js';
import type { classificationRecord, detectionRecord, segmentationRecord } from '../../../models/result_records.js';
import { find } from '../page/elements.js';
import { ToldError } from '../page/messages.js';

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

type ClassRecords = ReturnType<typeof segmentationRecord>;

/** With the pixels of each class, for which `askRecord` asks. */
export interface MaskedRecord extends Omit<ClassRecords, 'classes'> {
  readonly classes: readonly (ClassRecords['classes'][number] & { readonly segmentation: RunLengthMask })[];
}

/** What an answer says of a picture. */
export type PictureRecord = ReturnType<typeof detectionRecord> | MaskedRecord | ReturnType<typeof classificationRecord>;

const UNREACHED = 'The server does not answer. Perhaps it has ended, or the network is down.';

/** The models that the server has. @throws {ToldError} in the server's words. */
export async function askModels(): Promise<readonly Model[]> {
  const answer: { readonly models: readonly Model[] } = await (await ask('v1/models')).json();
  return answer.models;
}

export interface Question {
  readonly model: Model;
  readonly file: File;
  readonly signal: AbortSignal;
}

export interface Answer {
  readonly record: PictureRecord;
  /** From the question to the answer. */
  readonly milliseconds: number;
}

/** Asks about a picture, once. @throws {ToldError} in the server's words; the signal's reason. */
export async function askRecord({ model, file, signal }: Question): Promise<Answer> {
  const start = performance.now();
  const path = `${pathOf(model)}${model.task === 'segmentation' ? '?masks=rle' : ''}`;
  const headers = { 'content-type': typeOf(file), accept: 'application/json' };
  const response = await ask(path, { method: 'POST', body: file, signal, headers });
  const [record]: readonly PictureRecord[] = await response.json();
  if (record === undefined) throw new ToldError('The server has answered nothing.');
  return { record, milliseconds: performance.now() - start };
}

/** Where a model is asked, from the page's address. */
export function pathOf({ name, verb }: Model): string {
  return `v1/models/${encodeURIComponent(name)}/${verb}`;
}

/** Of a request with a file as its body. */
export function typeOf({ type }: Pick<File, 'type'>): string {
  return type.startsWith('image/') ? type : 'application/octet-stream';
}

interface Asking extends RequestInit {
  readonly headers?: Readonly<Record<string, string>>;
}

async function ask(path: string, { headers, ...rest }: Asking = {}): Promise<Response> {
  const given = find('#key', HTMLInputElement).value;
  const key = given === '' ? {} : { authorization: `Bearer ${given}` };
  const response = await fetch(path, { ...rest, headers: { ...headers, ...key } }).catch((error: unknown) => {
    throw error instanceof DOMException && error.name === 'AbortError' ? error : new ToldError(UNREACHED);
  });
  if (response.ok) return response;
  throw await refusal(response);
}

/** An answer that is none of HTTP's successes, as the server says it. */
async function refusal(response: Response): Promise<Error> {
  if (response.status === 401) find('#key-field', HTMLLabelElement).hidden = false;
  const text = await response.text();
  try {
    const { detail }: { readonly detail?: string } = JSON.parse(text);
    return new ToldError(detail ?? text);
  } catch {
    return new ToldError(`${response.status} ${response.statusText}`);
  }
}
