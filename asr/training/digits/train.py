"""
Trains by CTC. `train.py FOLDER PASSES SHARDS`: each pass goes through one shard (waiting until it is there), a new one
every third pass until all are in turn. Keeps a running mean of the weights, which every other pass is judged by the
speakers for tuning and written to FOLDER/model.pt.
"""

import os
import sys
import time

import numpy as np
import torch

from features import FLOOR, log_mels
from network import Network, rows_of
from vocabulary import NUMBER_OF, TOKENS

FRAMES_PER_BATCH = 6000
RATE = 2e-3


def load(folder, number):
    path = os.path.join(folder, f"shard-{number}.npz")
    while not os.path.exists(path):
        time.sleep(2)
    data = np.load(path)
    features = np.split(data["features"], np.cumsum(data["frames"])[:-1])
    tokens = np.split(data["tokens"], np.cumsum(data["lengths"])[:-1])
    return [(f, t) for f, t in zip(features, tokens) if rows_of(int(len(f) * 0.92)) > 2 * len(t)]


def batches(rows, random):
    """Rows of like length together, in any order."""
    order = sorted(range(len(rows)), key=lambda index: len(rows[index][0]) + random.uniform(-40, 40))
    made, batch = [], []
    for index in order:
        if batch and (len(batch) + 1) * len(rows[index][0]) > FRAMES_PER_BATCH:
            made.append(batch)
            batch = []
        batch.append(rows[index])
    made.append(batch)
    random.shuffle(made)
    return made


def varied(features, random):
    """Up to 8 % slower or faster, up to one band higher or lower, tilted by up to 1.5 from end to end."""
    frames, bands = features.shape
    at = np.arange(0, frames - 1, random.uniform(0.92, 1.08))
    low = at.astype(int)
    part = (at - low)[:, None].astype(np.float32)
    features = features.astype(np.float32)
    made = features[low] * (1 - part) + features[low + 1] * part
    shift = random.uniform(-1, 1)
    neighbour = np.pad(made, ((0, 0), (1, 1)), "edge")[:, 2 if shift > 0 else 0 :][:, :bands]
    made = made * (1 - abs(shift)) + neighbour * abs(shift)
    return np.maximum(0, made + np.linspace(-1, 1, bands, dtype=np.float32) * random.uniform(-0.75, 0.75) * (made > 0.5))


def masked(features, random):
    """SpecAugment: two bands of energies and a few short times hidden."""
    for row in features:
        for _ in range(2):
            width, start = random.integers(0, 7), random.integers(0, 36)
            row[start : start + width] = row.mean()
        for _ in range(max(1, row.shape[1] // 200)):
            width, start = random.integers(0, 9), random.integers(0, row.shape[1])
            row[:, start : start + width] = row.mean()


def greedy(rows):
    best, last, tokens = rows.argmax(0), 0, []
    for token in best.tolist():
        if token != last and token != 0:
            tokens.append(token)
        last = token
    return tokens


def distance(a, b):
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        left, row[0] = row[0], i
        for j, y in enumerate(b, 1):
            left, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, left + (x != y))
    return row[-1]


def judge(model, tuning):
    model.eval()
    errors = words = digit_errors = digits = 0
    with torch.no_grad():
        for features, tokens in tuning:
            heard = greedy(model(torch.from_numpy(features.T[None].copy()))[0])
            wrong = distance(heard, tokens)
            errors, words = errors + wrong, words + len(tokens)
            if tokens and all(TOKENS[token] in DIGITS for token in tokens):
                digit_errors, digits = digit_errors + wrong, digits + len(tokens)
    return 100 * errors / words, 100 * digit_errors / max(1, digits)


DIGITS = set("zero one two three four five six seven eight nine o".split())


def main(folder, passes, shards):
    torch.set_num_threads(1)
    torch.manual_seed(1)
    random = np.random.default_rng(1)
    model, mean = Network(), Network()
    mean.load_state_dict(model.state_dict())
    print("parameters", sum(p.numel() for p in model.parameters()), flush=True)
    tuning = [
        (log_mels(np.pad(sound.astype(np.float32), (1600, 1800))), tokens)
        for sound, tokens, _ in np.load(os.path.join(folder, "corpora.npy"), allow_pickle=True).item()["tuning"]
    ]
    optimiser = torch.optim.AdamW(model.parameters(), lr=RATE, weight_decay=1e-2)
    step = 0
    for number in range(passes):
        rows = load(folder, number % min(shards, 1 + number // 3))
        began, total = time.process_time(), 0.0
        model.train()
        made = batches(rows, random)
        for batch in made:
            done = (number + step % len(made) / len(made)) / passes
            for group in optimiser.param_groups:
                group["lr"] = RATE * min(1, (step + 1) / 200) * (1 - done) ** 0.9
            batch = [(varied(f, random), t) for f, t in batch]
            longest = max(len(f) for f, _ in batch)
            features = np.zeros((len(batch), batch[0][0].shape[1], longest), np.float32)
            for index, (f, _) in enumerate(batch):
                features[index, :, : len(f)] = f.T
            masked(features, random)
            with torch.autocast("cpu", torch.bfloat16):
                out = model(torch.from_numpy(features))
            out = out.float().permute(2, 0, 1)
            loss = torch.nn.functional.ctc_loss(
                out,
                torch.from_numpy(np.concatenate([t for _, t in batch]).astype(np.int64)),
                torch.tensor([rows_of(len(f)) for f, _ in batch]),
                torch.tensor([len(t) for _, t in batch]),
                zero_infinity=True,
            )
            optimiser.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 5.0)
            optimiser.step()
            step, total = step + 1, total + loss.item()
            if step % 4 == 0:
                keep = min(0.98, step / (step + 40))
                with torch.no_grad():
                    for target, source in zip(mean.state_dict().values(), model.state_dict().values()):
                        if target.dtype.is_floating_point:
                            target.mul_(keep).add_(source, alpha=1 - keep)
        if number % 2 == 0 and number + 1 < passes:
            print(f"pass {number} steps {step} loss {total / len(made):.3f} cpu {time.process_time() - began:.0f} s", flush=True)
            continue
        everything, digits = judge(mean, tuning)
        print(
            f"pass {number} steps {step} loss {total / len(made):.3f} tuning speakers: words {everything:.1f} % digits {digits:.1f} % "
            f"cpu {time.process_time() - began:.0f} s",
            flush=True,
        )
        torch.save(mean.state_dict(), os.path.join(folder, "model.part"))
        os.rename(os.path.join(folder, "model.part"), os.path.join(folder, "model.pt"))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
