/** How a network's parameters are filled before training, in mmengine's terms (`init_cfg`). */

interface Filled {
  /** Classes of torch modules whose weights it fills (`Conv2d`, `Linear`, `_BatchNorm`): all of them where absent. */
  readonly layer?: string | readonly string[] | undefined;
  /** Of biases. */
  readonly bias?: number | undefined;
  /** In place of `bias`: the probability that a sigmoid of the bias gives. */
  readonly bias_prob?: number | undefined;
}

type Form =
  | { readonly type: 'Constant'; readonly val: number }
  | { readonly type: 'Normal'; readonly mean?: number | undefined; readonly std?: number | undefined }
  | {
      readonly type: 'TruncNormal';
      readonly mean?: number | undefined;
      readonly std?: number | undefined;
      /** Smallest and largest value: -2 and 2. */
      readonly a?: number | undefined;
      readonly b?: number | undefined;
    }
  | { readonly type: 'Uniform'; readonly a?: number | undefined; readonly b?: number | undefined }
  /** Glorot and Bengio, AISTATS 2010. */
  | {
      readonly type: 'Xavier';
      readonly gain?: number | undefined;
      readonly distribution?: 'normal' | 'uniform' | undefined;
    }
  /** He et al., arXiv 1502.01852. */
  | {
      readonly type: 'Kaiming';
      /** Slope below 0, for `leaky_relu`. */
      readonly a?: number | undefined;
      readonly mode?: 'fan_in' | 'fan_out' | undefined;
      readonly nonlinearity?: 'relu' | 'leaky_relu' | undefined;
      readonly distribution?: 'normal' | 'uniform' | undefined;
      /** Outputs are counted of one group alone, as timm and the PVT code do; not a key of mmengine. */
      readonly per_group?: boolean | undefined;
    }
  | { readonly type: 'Caffe2Xavier' };

/** One way of filling, and which modules of a part it fills. */
export type InitCfg = Form &
  Filled & {
    /** For modules of these names in the part, in place of what stands beside. */
    readonly override?: InitOverride | readonly InitOverride[] | undefined;
  };
export type InitOverride = Form &
  Filled & {
    /** As a config has it: the module of this name, and what is in it. As a part has it, also what the parameters' names show. */
    readonly name: string | RegExp;
  };
