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

/** A project's models, one row each; those of one method lie in one folder. */
export function openmmlabModels<Backbone extends string>({
  metric,
  folder,
  parameters,
  ...project
}: Project<Backbone>) {
  return <const Name extends string>(
    method: string,
    dataset: string,
    rows: readonly Row<Name, Backbone>[],
  ): readonly (PublishedModel & { readonly name: Name; readonly backbone: Backbone })[] =>
    rows.map(([name, backbone, value, file, own = parameters[backbone]]) => {
      const [, subfolder = '', sha256 = ''] = STAMP.exec(file) ?? [];
      return {
        ...project,
        name,
        backbone,
        dataset,
        accuracy: { metric, value },
        parameters: own,
        licence: 'Apache-2.0',
        checkpoint: { address: `${HOST}/${folder}/${method}/${subfolder}/${file}.pth`, sha256 },
      };
    });
}
