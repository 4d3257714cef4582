"""
Writes the trained weights as asr/engines/digits reads them: `export.py MODEL TARGET`.
A file is: the length of the head in bytes (uint32, little endian), the head (JSON), and for each layer of the head in
order a scale an output (float32), a bias an output (float32) and the weights [outputs, inputs, taps] as int8, of which
each output's are multiplied by its scale. Batch normalisation is in the weights already.
"""

import json
import struct
import sys

import numpy as np
import torch

from network import Network
from vocabulary import TOKENS


def folded(conv, norm):
    gain = norm.weight / torch.sqrt(norm.running_var + norm.eps)
    return conv.weight * gain[:, None, None], norm.bias - norm.running_mean * gain


def layers_of(model):
    model.eval()
    yield "first", folded(model.first, model.first_norm), model.first
    yield "second", folded(model.second, model.second_norm), model.second
    for index, block in enumerate(model.blocks):
        yield f"block{index}", folded(block.conv, block.norm), block.conv
    yield "last", (model.last.weight, model.last.bias), model.last


def main(source, target):
    model = Network()
    model.load_state_dict(torch.load(source))
    head, parts = {"tokens": TOKENS, "layers": []}, []
    with torch.no_grad():
        for name, (weight, bias), conv in layers_of(model):
            weight, bias = weight.numpy(), bias.numpy()
            scale = np.maximum(np.abs(weight).max(axis=(1, 2)), 1e-8) / 127
            parts += [scale.astype("<f4"), bias.astype("<f4"), np.round(weight / scale[:, None, None]).astype(np.int8)]
            head["layers"].append(
                {"name": name, "shape": list(weight.shape), "stride": conv.stride[0], "dilation": conv.dilation[0]}
            )
    text = json.dumps(head).encode()
    text += b" " * (-len(text) % 4)
    with open(target, "wb") as file:
        file.write(struct.pack("<I", len(text)) + text)
        for part in parts:
            file.write(part.tobytes())


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
