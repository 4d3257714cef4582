#!/usr/bin/env bash
# The digit recogniser from corpora to asr/engines/digits/weights: `train.sh SPEECH WORK`.
# SPEECH has a folder a corpus (corpora.py names them); WORK takes 2 GB. Debian: python3-torch, python3-numpy, libopus0,
# espeak-ng, flite. One thread; what it gave is in docs/training.md.
set -euo pipefail
here=$(dirname "$(realpath "$0")")
speech=$(realpath "$1")
mkdir -p "$2"
work=$(realpath "$2")
cd "$here"
export PYTHONDONTWRITEBYTECODE=1 OMP_NUM_THREADS=1
/usr/bin/python3 corpora.py "$speech" "$work/corpora.npy"
for seed in 2 3; do /usr/bin/python3 synthesise.py "$work/synthetic-$seed.npy" 1500 "$seed"; done
/usr/bin/python3 shards.py "$work" 0 3
/usr/bin/python3 train.py "$work" 24 4
/usr/bin/python3 export.py "$work/model.pt" ../../engines/digits/weights/digits.weights
