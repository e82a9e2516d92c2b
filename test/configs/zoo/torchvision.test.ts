/** What the table says of torchvision's models, against the networks that bear their names. */
import { expect, test } from 'vitest';
import { torchvisionModels } from '../../../configs/zoo/torchvision.js';
import { countParameters } from '../../../graph/count.js';
import { openConfig } from '../../../models/open_config.js';

test.each(torchvisionModels)('$name', async ({ name, parameters, checkpoint: { address, sha256 } }) => {
  const { model, metaInfo } = await openConfig(name);
  expect(countParameters(model.wholeGraph)).toBe(parameters);
  expect(metaInfo?.classes).toHaveLength(80);
  expect(address.endsWith(`_coco-${sha256}.pth`)).toBe(true);
});
