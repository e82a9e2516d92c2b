"""Asks a server by Triton's client for HTTP, in each of its ways, and prints as JSON what it is told.

usage: open_inference_client.py HOST:PORT MODEL PICTURE PIXELS HEIGHT WIDTH
PICTURE is a file of a picture, PIXELS one of the same picture's bytes, rows of red, green, blue.
"""

import json
import sys

import numpy
import tritonclient.http as triton

address, model, picture, pixels, height, width = sys.argv[1:]
shape = [1, int(height), int(width), 3]
rgb = numpy.fromfile(pixels, dtype=numpy.uint8).reshape(shape)
with open(picture, 'rb') as file:
    encoded = numpy.array([file.read()], dtype=object)

OUTPUTS = ['boxes', 'scores', 'labels', 'num_detections']


def given(name, datatype, values, binary):
    tensor = triton.InferInput(name, list(values.shape), datatype)
    tensor.set_data_from_numpy(values, binary_data=binary)
    return [tensor]


def told(result):
    return {name: [str(result.as_numpy(name).dtype), result.as_numpy(name).tolist()] for name in OUTPUTS}


def message(ask):
    try:
        ask()
    except triton.InferenceServerException as error:
        return [error.status(), error.message()]


with triton.InferenceServerClient(address) as client:
    as_json = [triton.InferRequestedOutput(name, binary_data=False) for name in OUTPUTS]
    as_bytes = [triton.InferRequestedOutput(name) for name in OUTPUTS]
    binary = given('rgb', 'UINT8', rgb, True)
    answer = {
        'well': [client.is_server_live(), client.is_server_ready(), client.is_model_ready(model)],
        'server': client.get_server_metadata(),
        'model': client.get_model_metadata(model),
        'found': {
            'bytes to bytes': told(client.infer(model, binary)),
            'bytes to named bytes': told(client.infer(model, binary, outputs=as_bytes, request_id='7')),
            'bytes to JSON': told(client.infer(model, binary, outputs=as_json)),
            'JSON to JSON': told(client.infer(model, given('rgb', 'UINT8', rgb, False), outputs=as_json)),
            'JSON to bytes': told(client.infer(model, given('rgb', 'UINT8', rgb, False))),
            'a file': told(client.infer(model, given('file', 'BYTES', encoded, True))),
            'later': told(client.async_infer(model, binary).get_result()),
        },
        'refused': [
            message(lambda: client.infer('dogs', binary)),
            message(lambda: client.infer(model, given('rgb', 'FP32', rgb.astype(numpy.float32), True))),
            message(lambda: client.infer(model, binary, model_version='1')),
            message(lambda: client.infer(model, binary, priority=1)),
        ],
        'known': [client.is_model_ready('dogs')],
    }
json.dump(answer, sys.stdout)
