"""
Trains the speaker network on what collect.ts gathered: CACHE_DIR/audio.raw and index.json. Writes CACHE_DIR/weights.npz
and a line of the log every fifty steps. One thread, and the same again on the same machine.
"""

import argparse
import json
import math
import os
import subprocess
import time

import numpy
import torch
from torch.nn import functional as F

from model import EMBEDDING, HOP, RATE, Filterbank, SpeakerNet
from telephone import mask, telephone

# A voice played slower or faster is another voice: other pitch, other throat.
SPEEDS = (1.0, 0.9, 1.1)
SCALE = 20.0
# Half as many voices, two crops each.
ROWS = 64
# Of the second stretch, and of it those over which the rate goes down.
SECOND_STEPS = 5000
SECOND_DOWN = 1900
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


def loss_of(embeddings, prototypes, classes, temper, margin):
    """
    Which of all voices it is, by cosine to a vector for each, its own taken `margin` (radians) further away than it is
    (Deng et al., "ArcFace", CVPR 2019); and which of the batch's first crops each second crop goes with (the angular
    prototypical loss of Chung et al., "In defence of metric learning", Interspeech 2020).
    """
    vectors = F.normalize(embeddings)
    # As a convolution the product takes a quarter of the time.
    cosines = F.conv1d(vectors.unsqueeze(2), F.normalize(prototypes).unsqueeze(2)).squeeze(2)
    if margin > 0:
        own = cosines.gather(1, classes[:, None])
        sine = (1 - own * own).clamp(min=1e-6).sqrt()
        cosines = cosines.scatter(1, classes[:, None], own * math.cos(margin) - sine * math.sin(margin))
    named = F.cross_entropy(SCALE * cosines, classes)
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


def middles(net, bank, voices, rng):
    """A vector for each training voice, the mean of two crops of it: where the second stretch begins."""
    net.eval()
    pairs = [(index, version) for index in range(len(voices.speakers)) for version in range(len(SPEEDS))]
    found = []
    with torch.no_grad():
        for at in range(0, len(pairs), 64):
            crops = [[voices.crop(i, v, 0, 2 * RATE, rng) for i, v in pairs[at : at + 64]] for _ in range(2)]
            found.append(sum(F.normalize(net(bank(torch.from_numpy(numpy.stack(each))))) for each in crops))
    net.train()
    return F.normalize(torch.cat(found))


def first_rate(step, steps):
    """One cycle: up over a fifth, down over the rest, by cosine."""
    if step < steps * 0.2:
        return 2e-3 * (0.52 - 0.48 * math.cos(math.pi * step / (steps * 0.2)))
    return 1e-3 * (1 + math.cos(math.pi * (step - steps * 0.2) / (steps * 0.8)))


def second_rate(step, steps):
    """Up at once, level, and down in a straight line over the last part."""
    return 1.5e-3 * min(1.0, (step + 1) / 100, max(0.01, (steps - step) / SECOND_DOWN))


def second_margin(step, _steps):
    return 0.1 * min(1.0, max(0.0, (step - 300) / 600))


def train(net, bank, cache, voices, held, stretch):
    """One stretch of steps, with an optimiser and vectors for the voices of its own."""
    torch.manual_seed(stretch["seed"])
    rng = numpy.random.default_rng(stretch["seed"])
    noise = torch.Generator().manual_seed(stretch["seed"])
    steps = stretch["steps"]
    start = torch.randn(voices.count, EMBEDDING) * 0.1 if stretch["from_nothing"] else middles(net, bank, voices, rng) * 1.1
    prototypes = torch.nn.Parameter(start)
    temper = torch.nn.Parameter(torch.tensor([10.0, -5.0]))
    weights = [p for p in net.parameters() if p.ndim > 1] + [prototypes]
    others = [p for p in net.parameters() if p.ndim == 1] + [temper]
    optimiser = torch.optim.AdamW([{"params": weights, "weight_decay": 2e-2}, {"params": others, "weight_decay": 0.0}])
    began, losses = time.time(), []
    for step in range(steps):
        for group in optimiser.param_groups:
            group["lr"] = stretch["rate"](step, steps)
        # Whole numbers of frames: transforms of odd lengths are slow.
        length = HOP * 4 * int(rng.integers(30, 51))
        sound, classes = voices.batch(ROWS, length, rng)
        features = mask(bank(telephone(sound, noise)), noise)
        with torch.autocast("cpu", dtype=torch.bfloat16):
            embeddings = net(features)
        loss = loss_of(embeddings.float(), prototypes, classes, temper, stretch["margin"](step, steps))
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 5.0)
        optimiser.step()
        losses.append(loss.item())
        if (step + 1) % 50 == 0 or step + 1 == steps:
            rates = judge(net, bank, cache, held) if (step + 1) % 400 == 0 or step + 1 == steps else ""
            seconds = f"{time.time() - began:.0f} s, {time.process_time():.0f} s of CPU"
            print(f"step {step + 1} loss {sum(losses) / len(losses):.3f} {seconds} {rates}", flush=True)
            losses = []
            numpy.savez(f"{cache}/weights.npz", **{k: v.numpy() for k, v in net.state_dict().items()})


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("cache")
    cache = parser.parse_args().cache
    torch.set_num_threads(1)
    torch.manual_seed(11)
    torch.use_deterministic_algorithms(True)
    with open(f"{cache}/index.json", encoding="utf8") as file:
        index = json.load(file)
    held = [each for number, each in enumerate(index) if number % HELD_BACK == 0]
    voices = Voices(cache, [each for number, each in enumerate(index) if number % HELD_BACK != 0])
    net, bank = SpeakerNet(), Filterbank()
    print(f"{sum(p.numel() for p in net.parameters())} parameters, {voices.count} voices, {len(held)} speakers held back", flush=True)
    first = {"seed": 11, "steps": 900, "rate": first_rate, "margin": lambda *_: 0.0, "from_nothing": True}
    second = {"seed": 12, "steps": SECOND_STEPS, "rate": second_rate, "margin": second_margin, "from_nothing": False}
    train(net, bank, cache, voices, held, first)
    train(net, bank, cache, voices, held, second)


if __name__ == "__main__":
    main()
