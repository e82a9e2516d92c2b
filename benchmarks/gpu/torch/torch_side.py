"""Runs networks that were written as PyTorch source, asked line by line (JSON on stdin, an answer a line on stdout).

Needs torch alone. What is asked for:
  {"do": "describe"}
  {"do": "open", "source": FILE.py, "weights": FILE, "shapes": [[...], ...], "input": [N, 3, H, W], "device": "cuda",
   "precision": "float32" | "tf32" | "float16", "channels_last": false, "compile": false, "graph": false}
  {"do": "outputs", "input": FILE, "outputs": FILE}     float32 in and out, row-major, one output after the other
  {"do": "run"}                                         milliseconds of one run
Answers: {"ok": {...}} or {"error": "one line"}. A run is timed twice over: from an array in the host's memory to arrays in
the host's memory, and of the network alone, with its input on the device.
"""

import importlib.util
import json
import os
import sys
import time
import warnings

import torch

warnings.filterwarnings('ignore')


class Side:
    def describe(self, _):
        cuda = torch.cuda.is_available()
        return {
            'torch': torch.__version__,
            'cuda': torch.version.cuda or '',
            'device': torch.cuda.get_device_name(0) if cuda else 'cpu',
            'here': ['cuda', 'cpu'] if cuda else ['cpu'],
        }

    def open(self, asked):
        # What was open before goes first: two networks at once are not what is measured.
        self.model = self.graph = self.static = None
        self.device = torch.device(asked['device'])
        self.on_card = on_card = asked['device'] == 'cuda'
        precision = asked['precision']
        if not on_card and (precision == 'tf32' or asked['graph']):
            raise ValueError('TF32 and CUDA graphs are of CUDA')
        if on_card:
            torch.cuda.empty_cache()
            torch.backends.cuda.matmul.allow_tf32 = precision == 'tf32'
            torch.backends.cudnn.allow_tf32 = precision == 'tf32'
            torch.backends.cudnn.benchmark = True
        self.dtype = torch.float16 if precision == 'float16' else torch.float32
        self.format = torch.channels_last if asked['channels_last'] else torch.contiguous_format
        network = loaded(asked['source']).Network(weights(asked['weights'], asked['shapes']))
        self.model = network.to(self.device, self.dtype).to(memory_format=self.format).eval()
        self.shape = asked['input']
        self.host = torch.rand(self.shape) * 4 - 2
        if asked['compile']:
            self.model = torch.compile(self.model)
        start = time.perf_counter()
        with torch.inference_mode():
            self.resident = self.placed(self.host)
            for _ in range(3):
                self.model(self.resident)
            self.wait()
            if asked['graph']:
                self.capture()
        return {'seconds': time.perf_counter() - start}

    def capture(self):
        self.static = self.resident.clone(memory_format=torch.preserve_format)
        side = torch.cuda.Stream()
        side.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(side):
            for _ in range(3):
                self.model(self.static)
        torch.cuda.current_stream().wait_stream(side)
        self.graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(self.graph):
            self.captured = self.model(self.static)
        self.wait()

    def placed(self, host):
        return host.to(self.device, self.dtype).contiguous(memory_format=self.format)

    def wait(self):
        if self.on_card:
            torch.cuda.synchronize()

    def forward(self, host):
        """From the host's memory to the host's memory."""
        if self.graph is None:
            outputs = self.model(self.placed(host))
        else:
            self.static.copy_(host)
            self.graph.replay()
            outputs = self.captured
        return [output.float().contiguous().cpu() for output in outputs]

    def outputs(self, asked):
        with torch.inference_mode():
            found = self.forward(floats(asked['input']).reshape(self.shape))
        with open(asked['outputs'], 'wb') as file:
            for output in found:
                file.write(bytes(output.reshape(-1).untyped_storage())[: 4 * output.numel()])
        return {'shapes': [list(output.shape) for output in found]}

    def run(self, _):
        with torch.inference_mode():
            self.wait()
            start = time.perf_counter()
            self.forward(self.host)
            whole = time.perf_counter()
            if self.graph is None:
                self.model(self.resident)
            else:
                self.graph.replay()
            self.wait()
            alone = time.perf_counter()
        return {'milliseconds': 1000 * (whole - start), 'network': 1000 * (alone - whole)}


def loaded(path):
    # The same name each time: what was loaded before is not kept.
    spec = importlib.util.spec_from_file_location('network', path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def floats(path):
    with open(path, 'rb') as file:
        return torch.frombuffer(bytearray(file.read()), dtype=torch.float32)


def weights(path, shapes):
    values, found = floats(path), []
    for shape in shapes:
        count = 1
        for extent in shape:
            count *= extent
        found.append(values[:count].reshape(shape))
        values = values[count:]
    return found


def main():
    # Whatever libraries print goes to stderr: stdout carries answers alone.
    answers = os.fdopen(os.dup(1), 'w')
    os.dup2(2, 1)
    side = Side()
    actions = {'describe': side.describe, 'open': side.open, 'outputs': side.outputs, 'run': side.run}
    for line in sys.stdin:
        try:
            asked = json.loads(line)
            answer = {'ok': actions[asked['do']](asked)}
        except Exception as error:  # noqa: BLE001: whatever it is, the other side goes on without it
            said = str(error).strip().splitlines() or ['']
            answer = {'error': f'{type(error).__name__}: {said[0]}'}
        print(json.dumps(answer), file=answers, flush=True)


main()
