import { describe, expect, test } from 'vitest';
import { resnet } from '../../backbones/resnet.js';
import { tensor } from '../../core/tensor.js';
import { decodeClassification } from '../../decoding/classification.js';
import { graphBuilder } from '../../graph/builder.js';
import { lastFeature } from '../../layers/last_feature.js';

describe('decodeClassification', () => {
  const logits = tensor([2, 3], Float32Array.of(0, Math.log(2), Math.log(5), 1000, 999, -1000));

  test('softmax of each picture of a batch', () => {
    const decode = decodeClassification('Head', 3);
    expect(Array.from(decode({ logits }, 0), (share) => Number(share.toFixed(6)))).toEqual([0.125, 0.25, 0.625]);
    const [first = 0, second = 0, third] = decode({ logits }, 1);
    // Large logits do not overflow.
    expect(first).toBeCloseTo(1 / (1 + Math.exp(-1)), 6);
    expect(first + second).toBeCloseTo(1, 6);
    expect(third).toBe(0);
  });

  test.each([Number.NaN, Number.POSITIVE_INFINITY])('a logit of %d is an error, of its picture alone', (logit) => {
    const broken = { logits: tensor([2, 3], Float32Array.of(0, logit, 1, 1, 2, 3)) };
    expect(() => decodeClassification('Head', 3)(broken, 0)).toThrow('Head: expected numbers from the network');
    expect(decodeClassification('Head', 3)(broken, 1)).toHaveLength(3);
  });

  test.each([
    ['another number of classes', 4, { logits }, 1],
    ['a picture that is not there', 3, { logits }, 2],
    ['no such output', 3, {}, 0],
  ])('%s is a fault of the engine, by the head’s name', (_, classes, outputs, index) => {
    const expected = `Head: expected an output 'logits' of ${classes} classes`;
    expect(() => decodeClassification('Head', classes)(outputs, index)).toThrow(expected);
  });
});

test('lastFeature is the coarsest, checked against in_channels', () => {
  const g = graphBuilder();
  const config = resnet.schema.parse({ depth: 18, base_channels: 2 });
  const features = resnet.build(g, g.input('input', 3), config);
  expect(lastFeature('Head', features, undefined).channels).toBe(16);
  expect(lastFeature('Head', features, 16)).toBe(lastFeature('Head', features, undefined));
  expect(() => lastFeature('Head', features, 2048)).toThrow('Head.in_channels: expected 16');
});
