"""A pool of synthesised phrases by espeak-ng and flite. `synthesise.py TARGET COUNT SEED`"""

import io
import random
import subprocess
import sys
import wave

import numpy as np

from phrases import phrase

ACCENTS = ["en", "en-us", "en-gb-scotland", "en-gb-x-rp", "en-gb-x-gbclan", "en-gb-x-gbcwmd", "en-029", "en-us-nyc"]
VARIANTS = (
    "m1 m2 m3 m4 m5 m6 m7 m8 f1 f2 f3 f4 f5 Alex Alicia Andrea Andy Annie Denis Diogo Gene Henrique Hugo Jacky Lee "
    "Marco Mario Michael Mike Nguyen Reed Steph Steph2 Steph3 Tweaky anikaRobot aunty belinda benjamin boris "
    "david ed edward edward2 grandma grandpa ian iven iven2 iven3 iven4 john klatt klatt2 linda marcelo max michel miguel "
    "norbert pablo paul pedro quincy rob robert robosoft rosie steph travis victor zac"
).split()
FLITE = ["awb", "rms", "slt", "kal16", "awb", "rms", "slt"]


def resampled(sound, rate):
    count = round(len(sound) * 8000 / rate)
    spectrum = np.fft.rfft(sound)
    bins = count // 2 + 1
    spectrum = spectrum[:bins] if len(spectrum) >= bins else np.pad(spectrum, (0, bins - len(spectrum)))
    return (np.fft.irfft(spectrum, count) * (count / len(sound))).astype(np.float32)


def spoken(random, text):
    if random.random() < 0.3:
        voice = random.choice(FLITE)
        stretch = "%.2f" % random.uniform(0.75, 1.3)
        command = ["flite", "-voice", voice, "--setf", "duration_stretch=" + stretch, "-t", text, "-o", "/dev/stdout"]
        if voice in ("rms", "slt", "kal16"):
            command[3:3] = ["--setf", "int_f0_target_mean=%d" % random.randint(80, 230)]
    else:
        voice = random.choice(ACCENTS) + "+" + random.choice(VARIANTS)
        command = ["espeak-ng", "-v", voice, "-s", str(random.randint(110, 230)), "-p", str(random.randint(15, 85)), "--stdout", text]
    data = subprocess.run(command, check=True, capture_output=True).stdout
    with wave.open(io.BytesIO(data)) as file:
        rate = file.getframerate()
        # A length is not known when writing to a pipe: what stands there counts.
        samples = np.frombuffer(data[44 : 44 + (len(data) - 44) // 2 * 2], np.int16)
    return resampled(samples / np.float32(32768), rate), voice


def main(target, count, seed):
    source = random.Random(seed)
    rows = []
    for _ in range(count):
        text, tokens = phrase(source)
        sound, voice = spoken(source, text)
        if 800 < len(sound) < 8000 * 12 and np.abs(sound).max() > 1e-2:
            rows.append((sound.astype(np.float16), tokens, voice))
    np.save(target, {"synthetic": rows}, allow_pickle=True)
    print("synthetic", len(rows), "%.2f h" % (sum(len(sound) for sound, _, _ in rows) / 8000 / 3600), flush=True)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
