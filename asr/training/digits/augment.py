"""What a telephone line and a room do to a voice. Samples in -1..1 at 8 kHz; `random`: numpy's Generator."""

import numpy as np

RATE_HZ = 8000


def at_speed(sound, factor):
    """Faster and higher by `factor`, as a tape is."""
    count = int(len(sound) / factor)
    spectrum = np.fft.rfft(sound)
    bins = count // 2 + 1
    spectrum = spectrum[:bins] if len(spectrum) >= bins else np.pad(spectrum, (0, bins - len(spectrum)))
    return (np.fft.irfft(spectrum, count) * (count / len(sound))).astype(np.float32)


def response(random, length):
    """Of room and microphone: some echo in half of the cases, a tilt and three bumps, a band that begins at 50 to 350 Hz."""
    impulse = np.zeros(length, np.float32)
    impulse[0] = 1
    if random.random() < 0.5:
        seconds = random.uniform(0.08, 0.5)
        tail = int(seconds * RATE_HZ)
        decay = random.standard_normal(tail) * np.exp(-6.9 * np.arange(tail) / tail)
        impulse[1 : tail + 1] += decay[: length - 1] * random.uniform(0.02, 0.5) / np.sqrt((decay**2).sum())
    hz = np.fft.rfftfreq(length, 1 / RATE_HZ)
    gain_db = random.uniform(-3, 3) * np.log2(np.maximum(hz, 50) / 1000)
    for _ in range(3):
        gain_db += random.uniform(-6, 6) * np.exp(-(((hz - random.uniform(100, 3800)) / random.uniform(200, 800)) ** 2))
    low, high = random.uniform(50, 350), random.uniform(3100, 3990)
    gain_db -= 24 * np.maximum(0, np.log2(low / np.maximum(hz, 10))) + np.maximum(0, hz - high) / 10
    return np.fft.rfft(impulse) * 10 ** (gain_db / 20)


def noise(random, count, babble):
    """Of power 1: coloured noise, hum, or others' talk."""
    kind = random.random()
    if kind < 0.35 and len(babble):
        talk = np.zeros(count, np.float32)
        for _ in range(random.integers(1, 5)):
            other = babble[random.integers(len(babble))].astype(np.float32)
            talk += np.resize(other, count)
        made = talk
    else:
        spectrum = np.fft.rfft(random.standard_normal(count))
        made = np.fft.irfft(spectrum / np.arange(1, len(spectrum) + 1) ** random.uniform(0, 1), count)
        if kind > 0.9:
            made = made / made.std() + np.sin(np.arange(count) * 2 * np.pi * random.choice([50, 60, 100, 120]) / RATE_HZ)
    return made / (np.sqrt((made**2).mean()) + 1e-9)


def mu_law(sound):
    packed = np.sign(sound) * np.log1p(255 * np.minimum(np.abs(sound), 1)) / np.log(256)
    packed = (np.round(packed * 127.5 - 0.5) + 0.5) / 127.5
    return np.sign(packed) * (256 ** np.abs(packed) - 1) / 255


def lose_packets(random, sound):
    """20 ms each; concealed by the 20 ms before, half as loud, or by nothing."""
    share = random.uniform(0.005, 0.05)
    repeat = random.random() < 0.7
    for start in range(160, len(sound) - 160, 160):
        if random.random() < share:
            sound[start : start + 160] = sound[start - 160 : start] * 0.6 if repeat else 0


def through_a_line(random, sound, babble):
    """`sound` with room round it, as it comes out of a telephone line."""
    if random.random() < 0.7:
        sound = at_speed(sound, random.uniform(0.84, 1.18))
    before, after = random.uniform(0.05, 0.5, 2)
    sound = np.pad(sound, (int(before * RATE_HZ), int(after * RATE_HZ) + 200))
    if random.random() < 0.85:
        length = 1 << (len(sound) + 4000).bit_length()
        sound = np.fft.irfft(np.fft.rfft(sound, length) * response(random, length), length)[: len(sound)]
    power = np.sqrt((sound**2).mean()) + 1e-9
    decibels = random.uniform(5, 20) if random.random() < 0.35 else random.uniform(20, 55)
    sound = sound / power + noise(random, len(sound), babble) * 10 ** (-decibels / 20)
    sound *= 10 ** (random.uniform(-40, -14) / 20)
    if random.random() < 0.08:
        sound = np.clip(sound, -random.uniform(0.02, 0.1), random.uniform(0.02, 0.1))
    if random.random() < 0.25:
        lose_packets(random, sound)
    return mu_law(sound).astype(np.float32)
