"""The speaker network and what it hears. The server's own copy of both: asr/speakers/filterbank.ts and graph.ts."""

import math

import torch
from torch import nn
from torch.nn import functional as F

RATE = 8000
FRAME = 200
HOP = 80
FFT = 256
BANDS = 40
LOW_HZ = 80.0
HIGH_HZ = 3600.0
FLOOR = 1e-6
WIDTH = 128
SQUEEZE = 32
POOLED = 256
ATTENTION = 48
EMBEDDING = 128
DILATIONS = (1, 2, 4)


def mel(hz):
    return 1127.0 * math.log(1.0 + hz / 700.0)


def mel_filters():
    """[FFT / 2 + 1, BANDS]: triangles of equal width on the mel scale, each 1 at its middle."""
    low, high = mel(LOW_HZ), mel(HIGH_HZ)
    step = (high - low) / (BANDS + 1)
    filters = torch.zeros(FFT // 2 + 1, BANDS)
    for bin_ in range(FFT // 2 + 1):
        at = (mel(bin_ * RATE / FFT) - low) / step
        for band in range(BANDS):
            filters[bin_, band] = max(0.0, 1.0 - abs(at - (band + 1)))
    return filters


class Filterbank(nn.Module):
    """Sound [rows, samples] within -1..1 to log energies [rows, bands, frames], the mean of each band taken off."""

    def __init__(self):
        super().__init__()
        # As convolutions both the transform and the filters take half of the time.
        angles = 2 * math.pi / FFT * torch.outer(torch.arange(FFT // 2 + 1), torch.arange(FRAME)).double()
        waves = torch.cat([torch.cos(angles), torch.sin(angles)]) * torch.hann_window(FRAME, periodic=False).double()
        self.register_buffer("waves", waves.float().unsqueeze(1))
        self.register_buffer("filters", mel_filters().T.unsqueeze(2).contiguous())

    def forward(self, sound):
        squares = F.conv1d(sound.unsqueeze(1), self.waves, stride=HOP).square()
        real, imaginary = squares.chunk(2, 1)
        energies = torch.log(F.conv1d(real + imaginary, self.filters) + FLOOR)
        return energies - energies.mean(2, keepdim=True)


class Block(nn.Module):
    """A dilated convolution over time, gated channel by channel by what the whole stretch is like, beside a shortcut."""

    def __init__(self, dilation):
        super().__init__()
        self.conv = nn.Conv1d(WIDTH, WIDTH, 3, dilation=dilation, padding=dilation)
        self.norm = nn.BatchNorm1d(WIDTH)
        self.squeeze = nn.Linear(WIDTH, SQUEEZE)
        self.excite = nn.Linear(SQUEEZE, WIDTH)

    def forward(self, x):
        y = self.norm(F.relu(self.conv(x)))
        gate = torch.sigmoid(self.excite(F.relu(self.squeeze(y.mean(2)))))
        return x + y * gate.unsqueeze(2)


class SpeakerNet(nn.Module):
    """Log energies [rows, bands, frames] to embeddings [rows, EMBEDDING], not yet of length 1."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv1d(BANDS, WIDTH, 5, stride=2, padding=2)
        self.norm = nn.BatchNorm1d(WIDTH)
        self.blocks = nn.ModuleList(Block(dilation) for dilation in DILATIONS)
        self.join = nn.Conv1d(len(DILATIONS) * WIDTH, POOLED, 1)
        self.attend = nn.Conv1d(POOLED, ATTENTION, 1)
        self.weigh = nn.Conv1d(ATTENTION, POOLED, 1)
        self.pooled = nn.BatchNorm1d(2 * POOLED)
        self.embed = nn.Linear(2 * POOLED, EMBEDDING)
        self.last = nn.BatchNorm1d(EMBEDDING)

    def forward(self, features):
        x = self.norm(F.relu(self.conv(features)))
        layers = []
        for block in self.blocks:
            x = block(x)
            layers.append(x)
        x = F.relu(self.join(torch.cat(layers, 1)))
        weights = torch.softmax(self.weigh(torch.tanh(self.attend(x))), 2)
        mean = (x * weights).sum(2)
        deviation = ((x * x * weights).sum(2) - mean * mean).clamp(min=1e-5).sqrt()
        return self.last(self.embed(self.pooled(torch.cat([mean, deviation], 1))))
