"""
Trains the speaker network on what collect.ts gathered: CACHE_DIR/audio.raw and index.json. Writes CACHE_DIR/weights.npz
and a line of the log every fifty steps. One thread, and the same again for the same steps on the same machine.
"""

import argparse
import json
import os
import subprocess
import time

import numpy
import torch
from torch.nn import functional as F

from model import EMBEDDING, RATE, Filterbank, SpeakerNet
from telephone import mask, telephone

# A voice played slower or faster is another voice: other pitch, other throat.
SPEEDS = (1.0, 0.9, 1.1)
SCALE = 20.0
# Every so-many-th speaker is not trained on, but says whether training helps.
HELD_BACK = 14


def played(cache, speed):
    """audio.raw at another speed, and once more through Opus at 8 kbit/s, made once."""
    raw = ["-t", "raw", "-r", str(RATE), "-e", "signed", "-b", "16", "-c", "1"]
    plain = f"{cache}/speed-{speed}.raw"
    coded = f"{cache}/speed-{speed}-opus.raw"
    if not os.path.exists(plain):
        subprocess.run(["sox", *raw, f"{cache}/audio.raw", *raw, plain, "speed", str(speed), "rate", str(RATE)], check=True)
    if not os.path.exists(coded):
        pcm = ["-f", "s16le", "-ar", str(RATE), "-ac", "1"]
        quiet = ["ffmpeg", "-v", "error", "-y"]
        subprocess.run([*quiet, *pcm, "-i", plain, "-c:a", "libopus", "-b:a", "8k", "-compression_level", "2", f"{cache}/o.ogg"], check=True)
        subprocess.run([*quiet, "-i", f"{cache}/o.ogg", *pcm, coded], check=True)
    return [numpy.memmap(path, dtype="<i2", mode="r") for path in (plain, coded)]


class Voices:
    """Training classes: (speaker, speed), with crops of their speech."""

    def __init__(self, cache, speakers):
        self.sounds = [played(cache, speed) for speed in SPEEDS]
        self.speakers = speakers
        seconds = numpy.array([each["samples"] for each in speakers], dtype=float)
        self.shares = seconds ** 0.75 / (seconds ** 0.75).sum()

    @property
    def count(self):
        return len(self.speakers) * len(SPEEDS)

    def crop(self, index, version, coded, length, rng):
        each = self.speakers[index]
        first = each["startSample"] / SPEEDS[version]
        last = first + each["samples"] / SPEEDS[version] - length
        start = int(rng.uniform(first, max(first + 1, last)))
        return self.sounds[version][coded][start : start + length].astype(numpy.float32) / 32768

    def batch(self, rows, length, rng):
        """Half as many voices as rows, all different: a crop of each, and then another of each."""
        chosen = numpy.tile(rng.choice(len(self.speakers), rows // 2, p=self.shares, replace=False), 2)
        versions = numpy.tile(rng.integers(len(SPEEDS), size=rows // 2), 2)
        crops = [self.crop(i, v, int(rng.random() < 0.25), length, rng) for i, v in zip(chosen, versions)]
        return torch.from_numpy(numpy.stack(crops)), torch.from_numpy(chosen * len(SPEEDS) + versions)


def loss_of(embeddings, prototypes, classes, temper):
    """
    Which of all voices it is, by cosine to a vector for each; and which of the batch's first crops each second crop goes
    with (the angular prototypical loss of Chung et al., "In defence of metric learning", Interspeech 2020).
    """
    vectors = F.normalize(embeddings)
    named = F.cross_entropy(SCALE * F.linear(vectors, F.normalize(prototypes)), classes)
    first, second = vectors.chunk(2)
    paired = F.cross_entropy(temper[0] * second @ first.T + temper[1], torch.arange(len(first)))
    return named + paired


def equal_error(scores, same):
    order = numpy.argsort(-scores)
    same = same[order]
    missed = 1 - numpy.cumsum(same) / same.sum()
    accepted = numpy.cumsum(~same) / (~same).sum()
    at = numpy.argmin(numpy.abs(missed - accepted))
    return 50 * (missed[at] + accepted[at])


def judge(net, bank, cache, speakers):
    """Equal error rates in percent between pieces of 2 s by the speakers held back, within each corpus."""
    net.eval()
    sound = played(cache, 1.0)[0]
    rates = {}
    for corpus in sorted({each["corpus"] for each in speakers}):
        pieces, names = [], []
        for name, each in enumerate(speakers):
            if each["corpus"] != corpus:
                continue
            for part in range(min(8, each["samples"] // (2 * RATE))):
                start = each["startSample"] + part * 2 * RATE
                pieces.append(sound[start : start + 2 * RATE].astype(numpy.float32) / 32768)
                names.append(name)
        if len(set(names)) < 3:
            continue
        with torch.no_grad():
            vectors = F.normalize(torch.cat([net(bank(torch.from_numpy(numpy.stack(pieces[i : i + 64])))) for i in range(0, len(pieces), 64)]))
        scores = (vectors @ vectors.T).numpy()
        pairs = numpy.triu_indices(len(pieces), 1)
        names = numpy.array(names)
        rates[corpus] = round(float(equal_error(scores[pairs], (names[:, None] == names[None, :])[pairs])), 1)
    net.train()
    return rates


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("cache")
    parser.add_argument("--steps", type=int, default=900)
    parser.add_argument("--rows", type=int, default=64)
    parser.add_argument("--rate", type=float, default=2e-3)
    options = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(11)
    torch.use_deterministic_algorithms(True)
    rng = numpy.random.default_rng(11)
    noise = torch.Generator().manual_seed(11)

    with open(f"{options.cache}/index.json", encoding="utf8") as file:
        index = json.load(file)
    held = [each for number, each in enumerate(index) if number % HELD_BACK == 0]
    voices = Voices(options.cache, [each for number, each in enumerate(index) if number % HELD_BACK != 0])
    net, bank = SpeakerNet(), Filterbank()
    prototypes = torch.nn.Parameter(torch.randn(voices.count, EMBEDDING) * 0.1)
    temper = torch.nn.Parameter(torch.tensor([10.0, -5.0]))
    weights = [p for p in net.parameters() if p.ndim > 1] + [prototypes]
    others = [p for p in net.parameters() if p.ndim == 1] + [temper]
    optimiser = torch.optim.AdamW([{"params": weights, "weight_decay": 2e-2}, {"params": others, "weight_decay": 0.0}])
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, options.rate, options.steps, pct_start=0.2)
    print(f"{sum(p.numel() for p in net.parameters())} parameters, {voices.count} voices, {len(held)} speakers held back", flush=True)

    began, losses = time.time(), []
    for step in range(options.steps):
        length = int(rng.uniform(1.2, 2.0) * RATE)
        sound, classes = voices.batch(options.rows, length, rng)
        features = mask(bank(telephone(sound, noise)), noise)
        with torch.autocast("cpu", dtype=torch.bfloat16):
            embeddings = net(features)
        loss = loss_of(embeddings.float(), prototypes, classes, temper)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 5.0)
        optimiser.step()
        schedule.step()
        losses.append(loss.item())
        if (step + 1) % 50 == 0 or step + 1 == options.steps:
            rates = judge(net, bank, options.cache, held) if (step + 1) % 200 == 0 or step + 1 == options.steps else ""
            print(f"step {step + 1} loss {sum(losses) / len(losses):.3f} {time.time() - began:.0f} s {rates}", flush=True)
            losses = []
            numpy.savez(f"{options.cache}/weights.npz", **{k: v.numpy() for k, v in net.state_dict().items()})


if __name__ == "__main__":
    main()
