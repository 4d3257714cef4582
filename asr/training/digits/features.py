"""
The front end: 8 kHz sound to log mel energies, 100 frames a second. asr/engines/digits/front-end.ts builds the same
arithmetic into the graph: change both or neither.
"""

import numpy as np

RATE_HZ = 8000
FRAME = 200
HOP = 80
FFT = 256
MELS = 40
LOW_HZ, HIGH_HZ = 100.0, 3900.0
# Energies below this, the loudest 100 ms of the utterance being 0, are all the same (natural logarithm of power).
FLOOR = -10.0


def mel(hz):
    return 2595.0 * np.log10(1.0 + hz / 700.0)


def filters():
    """[FFT / 2 + 1, MELS]: triangles of equal width in mel, of equal height."""
    edges = np.linspace(mel(LOW_HZ), mel(HIGH_HZ), MELS + 2)
    bins = mel(np.arange(FFT // 2 + 1) * RATE_HZ / FFT)[:, None]
    rising = (bins - edges[:-2]) / (edges[1:-1] - edges[:-2])
    falling = (edges[2:] - bins) / (edges[2:] - edges[1:-1])
    return np.maximum(0.0, np.minimum(rising, falling)).astype(np.float32)


WINDOW = (0.5 - 0.5 * np.cos(2 * np.pi * (np.arange(FRAME) + 0.5) / FRAME)).astype(np.float32)
FILTERS = filters()


def log_mels(sound):
    """Samples in -1..1 (at least FRAME) to [frames, MELS] in 0..-FLOOR, the loudest 100 ms near -FLOOR."""
    frames = np.lib.stride_tricks.sliding_window_view(sound, FRAME)[::HOP]
    power = np.abs(np.fft.rfft(frames * WINDOW, FFT, axis=1)).astype(np.float32) ** 2
    mels = power @ FILTERS
    loudness = mels.sum(axis=1)
    count = min(10, len(loudness))
    peak = np.convolve(loudness, np.ones(count, np.float32) / count, "valid").max() / MELS
    return np.maximum(np.log((mels + 1e-9) / (peak + 1e-9)), FLOOR).astype(np.float32) - np.float32(FLOOR)
