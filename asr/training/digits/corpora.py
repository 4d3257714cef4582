"""What is trained on: rows of (sound, tokens, speaker), by corpus, and what is kept back."""

import hashlib
import json
import os
import sys

import numpy as np

from opus import decode
from vocabulary import tokens_of

# Never heard in training: these judge.
FSDD_HELD_OUT = ("lucas", "theo")


def held_out(speaker):
    """Speech Commands: one speaker of five, by a hash of the name."""
    return hashlib.sha256(speaker.encode()).digest()[0] % 5 == 0


def for_tuning(speaker):
    """AN4's training split: one speaker of eight stops the training and sets the thresholds."""
    return hashlib.sha256(speaker.encode()).digest()[1] % 8 == 0


def rows_of(folder, corpus):
    with open(os.path.join(folder, corpus, "manifest.jsonl"), encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            yield row, os.path.join(folder, corpus, row["path"])


def wanted(folder):
    """(group, path, tokens, speaker)"""
    for row, path in rows_of(folder, "an4"):
        if row["split"] == "train":
            group = "tuning" if for_tuning(row["speaker"]) else "an4"
            yield group, path, tokens_of(row["text"], spelled=True), row["speaker"]
    for row, path in rows_of(folder, "fsdd"):
        if row["speaker"] not in FSDD_HELD_OUT:
            yield "words", path, tokens_of(row["text"]), "fsdd-" + row["speaker"]
    for row, path in rows_of(folder, "speech_commands_9w"):
        if not held_out(row["speaker"]):
            yield "words", path, tokens_of(row["text"]), row["speaker"]
    for row, path in rows_of(folder, "asterisk_prompts"):
        text = row["text"].strip()
        if not text or row["sec"] < 0.2 or row["sec"] > 6:
            continue
        spelled = "/letters/" in path and len(os.path.basename(path)) == len("a.opus")
        tokens = tokens_of(text, spelled or text.lower() == "zed")
        if tokens:
            single = len(tokens) == 1 and tokens[0] > 1
            yield "words" if single else "ordinary", path, tokens, "asterisk-" + row["speaker"]
    for row, path in rows_of(folder, "speechocean762"):
        if row["split"] == "train" and row["sec"] < 8:
            tokens = tokens_of(row["text"])
            yield "strings" if min(tokens) > 1 and len(tokens) > 1 else "ordinary", path, tokens, row["speaker"]
    for row, path in rows_of(folder, "librispeech_tc100_sample"):
        if row["sec"] < 9:
            yield "ordinary", path, tokens_of(row["text"]), row["speaker"]
    for number, (row, path) in enumerate(rows_of(folder, "cmu_arctic_bdl_slt")):
        if number % 3 == 0:
            yield "ordinary", path, tokens_of(row["text"]), row["speaker"]


def trimmed(sound):
    """An isolated word without the silence round it: what is within 30 dB of its loudest 20 ms, and 40 ms more."""
    frames = len(sound) // 160
    if frames < 3:
        return sound
    energy = (sound[: frames * 160].reshape(frames, 160) ** 2).sum(axis=1)
    loud = np.flatnonzero(energy > energy.max() * 1e-3)
    return sound[max(0, loud[0] - 2) * 160 : (loud[-1] + 3) * 160]


def main(folder, target):
    groups = {}
    for group, path, tokens, speaker in wanted(folder):
        sound = decode(path)
        if group == "words":
            sound = trimmed(sound)
        if len(sound) > 800 and np.abs(sound).max() > 1e-3:
            groups.setdefault(group, []).append((sound.astype(np.float16), tokens, speaker))
    np.save(target, groups, allow_pickle=True)
    for group, rows in sorted(groups.items()):
        print(group, len(rows), "%.2f h" % (sum(len(sound) for sound, _, _ in rows) / 8000 / 3600), flush=True)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
