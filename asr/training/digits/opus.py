"""Ogg Opus files to 8 kHz mono, by the system's libopus (Debian: libopus0)."""

import ctypes
import struct

import numpy as np

lib = ctypes.CDLL("libopus.so.0")
lib.opus_decoder_create.restype = ctypes.c_void_p
lib.opus_decode_float.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int32, ctypes.c_void_p, ctypes.c_int, ctypes.c_int]
lib.opus_decoder_ctl.argtypes = [ctypes.c_void_p, ctypes.c_int]
decoder = ctypes.c_void_p(lib.opus_decoder_create(8000, 1, None))
RESET_STATE = 4028
buffer = np.empty(8000, np.float32)


def packets_of(data):
    at, packet = 0, b""
    while at + 27 <= len(data):
        count = data[at + 26]
        granule = struct.unpack_from("<q", data, at + 6)[0]
        lengths = data[at + 27 : at + 27 + count]
        at += 27 + count
        for length in lengths:
            packet += data[at : at + length]
            at += length
            if length < 255:
                yield packet, granule
                packet = b""


def decode(path):
    """Samples in -1..1, float32."""
    with open(path, "rb") as file:
        data = file.read()
    lib.opus_decoder_ctl(decoder, RESET_STATE)
    parts, end, skip = [], 0, 0
    for packet, granule in packets_of(data):
        if packet[:8] == b"OpusHead":
            skip = struct.unpack_from("<H", packet, 10)[0] // 6
        elif packet[:8] != b"OpusTags":
            count = lib.opus_decode_float(decoder, packet, len(packet), buffer.ctypes.data, len(buffer), 0)
            if count > 0:
                parts.append(buffer[:count].copy())
            end = granule
    return np.concatenate(parts)[skip : max(end // 6, skip + 1)]
