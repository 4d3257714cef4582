"""What a line does to a voice, for whole batches: a room, noise, other people's talk, a narrow band, G.711."""

import math

import torch


def mu_law(x):
    """There and back again by 8 bits of mu-law."""
    mu = 255.0
    packed = torch.sign(x) * torch.log1p(mu * x.abs().clamp(max=1)) / math.log1p(mu)
    packed = torch.round(packed * 127.5 - 0.5) + 0.5
    packed = packed / 127.5
    return torch.sign(packed) * (torch.expm1(packed.abs() * math.log1p(mu))) / mu


def uniform(rng, rows, low, high):
    return torch.rand(rows, 1, generator=rng) * (high - low) + low


def chance(rng, rows, share):
    return (torch.rand(rows, 1, generator=rng) < share).float()


def power(x):
    return (x * x).mean(1, keepdim=True) + 1e-10


def reverberate(x, rng):
    """For a third of the rows, a room: noise that dies away in 0.1 to 0.5 s, 3 to 15 dB under the direct sound."""
    rows, samples = x.shape
    length = 2400
    time = torch.arange(length) / 8000.0
    decay = torch.exp(-6.9 * time / uniform(rng, rows, 0.1, 0.5))
    tail = torch.randn(rows, length, generator=rng) * decay
    tail = tail / (tail * tail).sum(1, keepdim=True).sqrt() * 10 ** (-uniform(rng, rows, 3, 15) / 20)
    tail[:, 0] = 1.0
    size = 1 << (samples + length).bit_length()
    use = chance(rng, rows, 0.33)[:, 0] > 0
    wet = torch.fft.irfft(torch.fft.rfft(x[use], size) * torch.fft.rfft(tail[use], size), size)[:, :samples]
    x = x.clone()
    x[use] = wet
    return x


def noise_for(x, rng):
    """A third each: coloured noise, the talk of five others of the batch, and one other."""
    rows, samples = x.shape
    spectrum = torch.fft.rfft(torch.randn(rows, samples, generator=rng))
    tilt = uniform(rng, rows, 0.0, 1.0)
    bins = torch.arange(1, spectrum.shape[1] + 1).float()
    coloured = torch.fft.irfft(spectrum / bins ** tilt, samples)
    coloured = coloured / power(coloured).sqrt()
    level = x / power(x).sqrt()
    shifts = torch.randperm(rows - 1, generator=rng)[:5] + 1
    one = level.roll(int(shifts[0]), 0)
    babble = sum(level.roll(int(shift), 0) for shift in shifts)
    babble = babble / power(babble).sqrt()
    kind = torch.rand(rows, 1, generator=rng)
    noise = torch.where(kind < 0.5, coloured, torch.where(kind < 0.85, babble, one))
    least = torch.where(kind < 0.85, uniform(rng, rows, 3, 25), uniform(rng, rows, 12, 25))
    return noise * power(x).sqrt() * 10 ** (-least / 20)


def narrow(x, rng):
    """For half of the rows, the band of a telephone: edges at 150 to 350 Hz and at 2900 to 3800 Hz, and a tilt."""
    rows, samples = x.shape
    spectrum = torch.fft.rfft(x)
    hz = torch.linspace(0, 4000, spectrum.shape[1])
    low = torch.sigmoid((hz - uniform(rng, rows, 150, 350)) / 30)
    high = torch.sigmoid((uniform(rng, rows, 2900, 3800) - hz) / 60)
    tilt = 10 ** (uniform(rng, rows, -6, 6) * (hz / 4000) / 20)
    use = chance(rng, rows, 0.5)
    return torch.fft.irfft(spectrum * (use * low * high * tilt + (1 - use)), samples)


def telephone(x, rng):
    """Sound [rows, samples] within -1..1 as it may come from a line; two of three through G.711."""
    rows = x.shape[0]
    x = reverberate(x, rng)
    x = x + noise_for(x, rng) * chance(rng, rows, 0.6)
    x = narrow(x, rng)
    x = x / power(x).sqrt() * 10 ** (uniform(rng, rows, -38, -16) / 20)
    use = chance(rng, rows, 0.67)
    return use * mu_law(x) + (1 - use) * torch.round(x.clamp(-1, 1) * 32768) / 32768


def mask(features, rng):
    """For half of the rows, up to 6 bands and up to 0.3 s are blank."""
    rows, bands, frames = features.shape
    use = chance(rng, rows, 0.5)
    for axis, most in ((bands, 6), (frames, 30)):
        start = torch.rand(rows, 1, generator=rng) * (axis - most)
        length = torch.rand(rows, 1, generator=rng) * most * use
        at = torch.arange(axis).float()
        keep = 1 - ((at >= start) & (at < start + length)).float()
        features = features * (keep.unsqueeze(2) if axis == bands else keep.unsqueeze(1))
    return features
