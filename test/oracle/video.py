"""Videos for tests, written and read by PyAV; python video.py write CODEC FILE, or read FILE."""

import json
import sys
from fractions import Fraction

import av
import numpy as np

BT709 = 1
SIZE = (194, 130)
# Not at equal distances, as phones record.
TIMES_MS = (0, 40, 75, 200, 201, 1000)


def picture(index):
    """Plain areas of colours that differ from picture to picture; edges lie on blocks of codecs."""
    rgb = np.zeros((SIZE[1], SIZE[0], 3), np.uint8)
    rgb[:, :] = (40 * index, 200 - 30 * index, 90)
    rgb[:64, :96] = (250, 20 * index, 10)
    return rgb


def write(codec, path):
    """Every picture at its time; H.264 in the colours of high definition, which it declares."""
    with av.open(path, 'w') as file:
        stream = file.add_stream(codec, rate=25)
        stream.width, stream.height = SIZE
        stream.pix_fmt = {'mjpeg': 'yuvj420p', 'ffv1': 'bgr0'}.get(codec, 'yuv420p')
        if codec == 'libx264':
            stream.codec_context.colorspace = BT709
        stream.time_base = stream.codec_context.time_base = Fraction(1, 1000)
        for index, time_ms in enumerate(TIMES_MS):
            frame = av.VideoFrame.from_ndarray(picture(index), format='rgb24')
            if codec == 'libx264':
                frame = frame.reformat(format='yuv420p', dst_colorspace='ITU709')
            frame.pts, frame.time_base = time_ms, Fraction(1, 1000)
            file.mux(stream.encode(frame))
        file.mux(stream.encode())


def read(path):
    """Size, time and mean colours of two areas of each picture, as PyAV decodes them."""
    with av.open(path) as file:
        for frame in file.decode(video=0):
            rgb = frame.to_ndarray(format='rgb24').astype(float)
            areas = [rgb[:64, :96].mean((0, 1)).tolist(), rgb[64:].mean((0, 1)).tolist()]
            time = frame.pts * frame.time_base
            time_ns = time.numerator * 10**9 // time.denominator
            yield {'width': frame.width, 'height': frame.height, 'timeNs': time_ns, 'areas': areas}


if sys.argv[1] == 'write':
    write(*sys.argv[2:])
else:
    print(json.dumps(list(read(sys.argv[2]))))
