import type { PublishedModel } from './published_model.js';

const HOST = 'https://download.openmmlab.com';
/** What ends a file's name after the folder's: the day, the second, the first digits of its SHA-256. */
const STAMP = /^(.+?)(?:_\d{8}(?:_\d{6})?)?-([\da-f]{8})$/;

interface Project<Backbone extends string> extends Pick<PublishedModel, 'source' | 'task'> {
  readonly metric: PublishedModel['accuracy']['metric'];
  /** Where all of its models lie on OpenMMLab's host. */
  readonly folder: string;
  /** Of the network with the classes that most of them have. */
  readonly parameters: Readonly<Record<Backbone, number>>;
}

type Row<Name extends string, Backbone> = readonly [
  name: Name,
  backbone: Backbone,
  accuracy: number,
  /** Without `.pth`. */
  file: string,
  /** Where they are not the backbone's usual ones. */
  parameters?: number,
];

/** A published model whose parts are known by their names. */
export interface OpenmmlabModel<Name extends string, Method, Dataset, Backbone> extends PublishedModel {
  readonly name: Name;
  readonly method: Method & string;
  readonly dataset: Dataset & string;
  readonly backbone: Backbone & string;
}

/** A project's models, one row each; those of one method and data set lie in one folder. */
export function openmmlabModels<Backbone extends string>({
  metric,
  folder,
  parameters,
  ...project
}: Project<Backbone>) {
  return <
    const Method extends string,
    const Dataset extends string,
    const Name extends string,
    const Own extends Backbone,
  >(
    method: Method,
    dataset: Dataset,
    subfolder: string,
    rows: readonly Row<Name, Own>[],
  ): readonly OpenmmlabModel<Name, Method, Dataset, Own>[] =>
    rows.map(([name, backbone, value, file, own = parameters[backbone]]) => {
      const [, stem = '', sha256 = ''] = STAMP.exec(file) ?? [];
      return {
        ...project,
        name,
        method,
        backbone,
        dataset,
        accuracy: { metric, value },
        parameters: own,
        licence: 'Apache-2.0',
        checkpoint: { address: `${HOST}/${folder}/${subfolder}/${stem}/${file}.pth`, sha256 },
      };
    });
}
