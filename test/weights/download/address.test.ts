import { describe, expect, test } from 'vitest';
import { checkpointAddress, isAddress } from '../../../weights/download/address.js';
import { mirrored, mostBytes } from '../../../weights/download/settings.js';

const WHOLE = '0123456789abcdef'.repeat(4);

test('addresses are http and https alone', () => {
  expect(['https://host/a.pth', 'HTTP://host/a.pth'].map(isAddress)).toEqual([true, true]);
  expect(['C:\\a.pth', 'a.pth', 'torchvision://resnet50', 'file:///a.pth', 'https:'].map(isAddress)).toEqual(
    Array.from({ length: 5 }, () => false),
  );
});

describe('the checksum', () => {
  test.each([
    ['retinanet_r50_fpn_1x_coco_20200130-c2398f9e.pth', 'c2398f9e'],
    ['fpn_r50_512x1024_80k_cityscapes_20200717_021437-94018a0d.pth', '94018a0d'],
    ['retinanet_resnet50_fpn_coco-eeacb38b.pth', 'eeacb38b'],
    ['resnet18-5c106cde.pth', '5c106cde'],
    // A checksum may look like a date, behind a date.
    ['model_20200130-20210101.pth', '20210101'],
    ['model-20210101.pth', undefined],
    ['model-1234.pth', undefined],
    ['model.safetensors', undefined],
    ['c2398f9e.pth', undefined],
  ])('of %s is %s', (name, digits) => {
    expect(checkpointAddress(`https://host/${name}`).checksum).toBe(digits);
  });

  test('behind the address comes before that in the name, and is no part of the address', () => {
    for (const sign of [':', '=']) {
      const address = checkpointAddress(`https://host/a-c2398f9e.pth#sha256${sign}${WHOLE.toUpperCase()}`);
      expect(address).toMatchObject({ href: 'https://host/a-c2398f9e.pth', checksum: WHOLE });
    }
  });

  test.each(['#sha256:12', '#md5:0123456789abcdef', `#sha256:${WHOLE}0`, '#main'])('is not %s', (fragment) => {
    expect(() => checkpointAddress(`https://host/a.pth${fragment}`)).toThrow(
      `checkpoint: expected nothing behind an address, or #sha256: and 8 to 64 hexadecimal digits, but received '${fragment}'`,
    );
  });
});

describe('over http', () => {
  test.each([
    'http://127.0.0.1:8000/a.pth',
    'http://localhost/a.pth',
    'http://[::1]/a.pth',
    `http://host/a.pth#sha256:${WHOLE}`,
  ])('%s may be asked for', (address) => {
    expect(checkpointAddress(address).href).toBe(address.replace(/#.*/, ''));
  });

  test.each([
    'http://host/a.pth',
    'http://host/a-c2398f9e.pth',
    'http://localhost.host/a.pth',
    'http://127.0.0.1.host/a.pth',
  ])('%s may not', (address) => {
    expect(() => checkpointAddress(address)).toThrow(
      `${address}: expected an https: address. Over http the file could be changed on the way: write #sha256: and all 64 digits behind the address.`,
    );
  });
});

test('secrets are in no message, and not taken', () => {
  expect(checkpointAddress('https://host/a.pth?token=secret')).toMatchObject({
    href: 'https://host/a.pth?token=secret',
    shown: 'https://host/a.pth?…',
  });
  expect(() => checkpointAddress('https://me:secret@host/a.pth')).toThrow(
    /^https:\/\/host\/a\.pth: expected an address without a user and password\. Download/,
  );
});

test.each([
  ['https://host/a%20b/c%2Fd.pth', 'c_d.pth'],
  ['https://host/', 'checkpoint'],
  ['https://host/..%2f..', '_'],
  ['https://host/%E0%A4%A', '_E0_A4_A'],
  [`https://host/${'a'.repeat(300)}.pth`, `${'a'.repeat(116)}.pth`],
])('the file of %s is called %s', (address, name) => {
  expect(checkpointAddress(address).fileName).toBe(name);
});

test('an address that is none', () => {
  expect(() => checkpointAddress('https://')).toThrow(/expected an address that can be read/);
});

describe('LOWFORMER_MIRROR', () => {
  const address = checkpointAddress('https://download.openmmlab.com/v2.0/a-c2398f9e.pth');
  test.each([
    [undefined, address.href],
    ['', address.href],
    ['https://mirror/openmmlab/', 'https://mirror/openmmlab/v2.0/a-c2398f9e.pth'],
    ['http://127.0.0.1:1234', 'http://127.0.0.1:1234/v2.0/a-c2398f9e.pth'],
  ])('%s', (LOWFORMER_MIRROR, expected) => {
    expect(mirrored(address, { LOWFORMER_MIRROR })).toBe(expected);
  });

  test('is https, and an address', () => {
    expect(() => mirrored(address, { LOWFORMER_MIRROR: 'http://mirror' })).toThrow(/expected an https: address/);
    expect(() => mirrored(address, { LOWFORMER_MIRROR: 'mirror' })).toThrow(/^LOWFORMER_MIRROR: expected the address/);
  });
});

test('LOWFORMER_MAX_DOWNLOAD', () => {
  expect(mostBytes({})).toBe(4e9);
  expect(mostBytes({ LOWFORMER_MAX_DOWNLOAD: '0.5' })).toBe(5e8);
  for (const LOWFORMER_MAX_DOWNLOAD of ['0', '-1', 'much']) {
    expect(() => mostBytes({ LOWFORMER_MAX_DOWNLOAD })).toThrow(/expected a number of GB above 0 but received/);
  }
});
