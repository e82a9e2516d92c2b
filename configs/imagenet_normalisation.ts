type Channels = [red: number, green: number, blue: number];

/** Mean and standard deviation of ImageNet's pictures, RGB, 0 to 255: what every published LowFormer was trained with. */
export const IMAGENET_NORMALISATION = {
  mean: [123.675, 116.28, 103.53] satisfies Channels,
  std: [58.395, 57.12, 57.375] satisfies Channels,
  bgr_to_rgb: true,
};
