"""Convolutions only: 100 frames of 40 energies a second in, 25 rows of log probabilities a second out."""

import torch
from torch import nn

from features import MELS
from vocabulary import TOKENS

WIDTH = 192
DILATIONS = (1, 2, 4, 1, 2, 4)


class Block(nn.Module):
    def __init__(self, dilation):
        super().__init__()
        self.conv = nn.Conv1d(WIDTH, WIDTH, 3, padding=dilation, dilation=dilation, bias=False)
        self.norm = nn.BatchNorm1d(WIDTH)

    def forward(self, x):
        return x + torch.relu(self.norm(self.conv(x)))


class Network(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.Conv1d(MELS, 96, 5, stride=2, padding=2, bias=False)
        self.first_norm = nn.BatchNorm1d(96)
        self.second = nn.Conv1d(96, WIDTH, 5, stride=2, padding=2, bias=False)
        self.second_norm = nn.BatchNorm1d(WIDTH)
        self.blocks = nn.ModuleList(Block(dilation) for dilation in DILATIONS)
        self.last = nn.Conv1d(WIDTH, len(TOKENS), 1)

    def forward(self, features):
        """[batch, MELS, frames] -> [batch, tokens, frames / 4], log probabilities."""
        x = torch.relu(self.first_norm(self.first(features * 0.1)))
        x = torch.relu(self.second_norm(self.second(x)))
        for block in self.blocks:
            x = block(x)
        return torch.log_softmax(self.last(x), dim=1)


def rows_of(frames):
    """How many rows come of so many frames."""
    return ((frames + 1) // 2 + 1) // 2
