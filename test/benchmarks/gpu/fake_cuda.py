"""Runs torch_side.py on a processor as if it had CUDA: `fake_cuda.py TORCH_SIDE.py`. Needs torch.

What torch_side.py asks of `torch.cuda` is done on the processor. A captured graph is the list of its operations, which are done again
on the same tensors and leave their results in the same tensors, as a graph of CUDA does. LOWFORMER_FAKE_FAILS names what
fails in place of that: `graph` and `compile` raise an error, at `tf32` the process ends.
"""

import contextlib
import os
import sys
import types

import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_flatten

FAILS = os.environ.get('LOWFORMER_FAKE_FAILS', '').split()


class CUDAGraph:
    def __init__(self):
        if 'graph' in FAILS:
            raise RuntimeError('CUDA error: operation not permitted when stream is capturing\nCompile with ...')
        self.operations = []

    def replay(self):
        for function, arguments, named, results in self.operations:
            again = tree_flatten(function(*arguments, **named))[0]
            for result, new in zip(results, again):
                if isinstance(result, torch.Tensor) and result.data_ptr() != new.data_ptr():
                    result.copy_(new)


class Capture(TorchDispatchMode):
    def __init__(self, graph):
        super().__init__()
        self.graph = graph

    def __torch_dispatch__(self, function, kinds, arguments=(), named=None):
        results = function(*arguments, **(named or {}))
        self.graph.operations.append((function, arguments, named or {}, tree_flatten(results)[0]))
        return results


class Stream:
    def wait_stream(self, other):
        assert isinstance(other, Stream)


@contextlib.contextmanager
def stream(used):
    assert isinstance(used, Stream)
    yield


class Matmul:
    @property
    def allow_tf32(self):
        return False

    @allow_tf32.setter
    def allow_tf32(self, wanted):
        if wanted and 'tf32' in FAILS:
            os._exit(9)


class Over(types.ModuleType):
    """A module whose attributes are another's where it has none of that name itself."""

    def __init__(self, under, **own):
        super().__init__(under.__name__)
        self.__dict__.update(own, under=under)

    def __getattr__(self, name):
        return getattr(self.under, name)


def compiled(model):
    if 'compile' in FAILS:
        raise RuntimeError('Windows not yet supported for torch.compile\nmore of it')
    # Traced, and run as it was traced: no C++ compiler is needed. Not `aot_eager`, which in PyTorch 2.1 takes
    # scaled_dot_product_attention apart wrongly on a processor (off by 0.98; float32 too).
    return torch.compile(model, backend='eager')


def half():
    """float16, or bfloat16 where the processor has no convolutions in it, as in PyTorch before 2.3."""
    try:
        torch.conv2d(torch.zeros(1, 1, 1, 1, dtype=torch.float16), torch.zeros(1, 1, 1, 1, dtype=torch.float16))
        return torch.float16
    except RuntimeError:
        return torch.bfloat16


cuda = Over(
    torch.cuda,
    is_available=lambda: True,
    get_device_name=lambda index: f'fake card {index}',
    empty_cache=lambda: None,
    synchronize=lambda: None,
    current_stream=Stream,
    Stream=Stream,
    stream=stream,
    CUDAGraph=CUDAGraph,
    graph=Capture,
)
backends = Over(torch.backends, cuda=types.SimpleNamespace(matmul=Matmul()))
fake = Over(torch, cuda=cuda, backends=backends, compile=compiled, float16=half(), device=lambda name: torch.device('cpu'))


def main():
    # torch_side.py alone sees the fake: its networks import torch as it is.
    sys.modules['torch'] = fake
    source = sys.argv[1]
    with open(source) as file:
        code = compile(file.read().replace('\nmain()\n', '\n'), source, 'exec')
    module = {'__name__': 'torch_side'}
    exec(code, module)
    sys.modules['torch'] = torch
    module['main']()


main()
