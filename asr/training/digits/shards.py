"""
Training material as features, in shards: each is every kind of material once, drawn and disturbed anew.
`shards.py FOLDER FIRST LAST`: FOLDER has corpora.npy and synthetic-*.npy; writes FOLDER/shard-N.npz.
"""

import glob
import os
import sys

import numpy as np

from augment import through_a_line
from features import log_mels

COUNTS = {"an4": 700, "strings": 150, "ordinary": 450, "synthetic": 900, "words": 250, "spliced": 700, "nothing": 60}


def load(folder):
    groups = {}
    for path in sorted(glob.glob(os.path.join(folder, "corpora.npy")) + glob.glob(os.path.join(folder, "synthetic-*.npy")) + glob.glob(os.path.join(folder, "cuts-*.npy"))):
        for group, rows in np.load(path, allow_pickle=True).item().items():
            groups.setdefault(group, []).extend(rows)
    return groups


def spliced(random, words, speakers):
    """Two to ten words said alone, joined: of one speaker where there are enough of his, and of any otherwise."""
    rows = words
    if random.random() < 0.7:
        own = speakers[words[random.integers(len(words))][2]]
        rows = own if len(own) >= 4 else words
    parts, tokens = [], []
    for _ in range(random.integers(2, 11)):
        sound, labels, _ = rows[random.integers(len(rows))]
        sound = sound.astype(np.float32)
        sound = sound / (np.sqrt((sound**2).mean()) + 1e-6) * 10 ** (random.uniform(-3, 3) / 20)
        gap = random.uniform(-0.03, 0.12) if random.random() < 0.8 else random.uniform(0.1, 0.5)
        if parts and gap < 0:
            overlap = min(int(-gap * 8000), len(parts[-1]), len(sound))
            if overlap:
                parts[-1][-overlap:] += sound[:overlap]
                sound = sound[overlap:]
        elif parts:
            parts.append(np.zeros(int(gap * 8000), np.float32))
        parts.append(sound)
        tokens += labels
    return np.concatenate(parts), tokens


def shard(random, groups):
    words = groups["words"] + groups.get("cuts", [])
    speakers = {}
    for row in words:
        speakers.setdefault(row[2], []).append(row)
    babble = [sound for sound, _, _ in groups["ordinary"]]
    rows = []
    for kind, count in COUNTS.items():
        for _ in range(count):
            if kind == "spliced":
                sound, tokens = spliced(random, words, speakers)
            elif kind == "nothing":
                sound, tokens = random.standard_normal(int(random.uniform(0.3, 4) * 8000)).astype(np.float32) * 1e-4, []
            else:
                source = groups[kind]
                sound, tokens, _ = source[random.integers(len(source))]
            rows.append((log_mels(through_a_line(random, sound.astype(np.float32), babble)).astype(np.float16), tokens))
    return rows


def main(folder, first, last):
    groups = load(folder)
    for number in range(first, last + 1):
        target = os.path.join(folder, f"shard-{number}.npz")
        rows = shard(np.random.default_rng(1000 + number), groups)
        with open(target + ".part", "wb") as file:
            np.savez(
                file,
                features=np.concatenate([features for features, _ in rows]),
                frames=np.array([len(features) for features, _ in rows]),
                tokens=np.array([token for _, tokens in rows for token in tokens], np.int32),
                lengths=np.array([len(tokens) for _, tokens in rows]),
            )
        os.rename(target + ".part", target)
        print(target, len(rows), "%.2f h" % (sum(len(features) for features, _ in rows) / 360000), flush=True)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
