"""
Packs CACHE_DIR/weights.npz for the server (asr/speakers/net/weights.ts reads it): matrices in 8 bits with a scale a row,
the rest as it is. Writes beside it a golden vector: what this code makes of a sound that the tests make again.
"""

import hashlib
import json
import math
import struct
import sys

import numpy
import torch
from torch.nn import functional as F

from model import Filterbank, SpeakerNet


def stored(values):
    """(type, bytes, the values that those bytes mean)."""
    if values.ndim < 2:
        return "float32", values.astype("<f4").tobytes(), values
    rows = values.reshape(values.shape[0], -1)
    scales = (numpy.abs(rows).max(1) / 127).astype("<f4")
    codes = numpy.clip(numpy.round(rows / scales[:, None]), -127, 127).astype(numpy.int8)
    return "int8", scales.tobytes() + codes.tobytes(), (codes * scales[:, None]).reshape(values.shape)


def golden_sound():
    """1.5 s that rises through the band, in whole steps of 16 bits."""
    return [round(8000 * math.sin(0.05 * i + 0.00004 * i * i) + 400 * math.sin(2.2 * i)) for i in range(12000)]


def main():
    cache, folder = sys.argv[1], sys.argv[2]
    state = {k: v for k, v in numpy.load(f"{cache}/weights.npz").items() if not k.endswith("num_batches_tracked")}
    tensors, body, rounded = [], b"", {}
    for name, values in state.items():
        kind, data, meant = stored(values)
        tensors.append({"name": name, "dims": list(values.shape), "type": kind})
        body += data
        rounded[name] = torch.from_numpy(meant.astype("f4"))
    header = {"id": f"sidetone-speaker-{hashlib.sha256(body).hexdigest()[:12]}", "tensors": tensors}
    text = json.dumps(header, separators=(",", ":")).encode()
    with open(f"{folder}/speaker-net.bin", "wb") as file:
        file.write(struct.pack("<I", len(text)) + text + body)

    net = SpeakerNet()
    net.load_state_dict(rounded, strict=False)
    net.eval()
    features = Filterbank()(torch.tensor([golden_sound()]).float() / 32768)
    with torch.no_grad():
        embedding = F.normalize(net(features))[0]
    golden = {
        "frames": features.shape[2],
        "frame70": [round(float(x), 4) for x in features[0, :, 70]],
        "embedding": [round(float(x), 4) for x in embedding],
    }
    with open(f"{folder}/golden.json", "w", encoding="utf8") as file:
        json.dump(golden, file, separators=(",", ":"))
        file.write("\n")
    print(header["id"], len(body), "bytes")


if __name__ == "__main__":
    main()
