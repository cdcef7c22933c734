"""Packed RGB in the encodings of sensor_msgs/Image, by numpy and the definition of BT.601 alone."""

import numpy

Rows = numpy.ndarray


def full_range_yuv(rgb: Rows) -> Rows:
    """Y, U and V of every pixel as floats; chroma around 128."""
    red, green, blue = (rgb[..., channel].astype(numpy.float64) for channel in range(3))
    luma = 0.299 * red + 0.587 * green + 0.114 * blue
    return numpy.stack([luma, 128 + (blue - luma) / 1.772, 128 + (red - luma) / 1.402], axis=-1)


def rounded(levels: Rows) -> Rows:
    """Whole levels of a byte."""
    return numpy.clip(numpy.rint(levels), 0, 255).astype(numpy.uint8)


def interleaved(rgb: Rows, luma_first: bool) -> Rows:
    """4:2:2: chroma is the mean of two pixels; a last pixel without partner is doubled."""
    if rgb.shape[1] % 2 == 1:
        rgb = numpy.concatenate([rgb, rgb[:, -1:]], axis=1)
    yuv = full_range_yuv(rgb)
    height, width, _ = yuv.shape
    luma = rounded(yuv[..., 0])
    chroma = rounded(yuv[..., 1:].reshape(height, width // 2, 2, 2).mean(axis=2)).reshape(height, width)
    pair = [luma, chroma] if luma_first else [chroma, luma]
    return numpy.stack(pair, axis=-1).reshape(height, width * 2)


def nv12(rgb: Rows) -> Rows:
    """Rows of Y, then of U and V interleaved; sides are even."""
    yuv = full_range_yuv(rgb)
    height, width, _ = yuv.shape
    chroma = yuv[..., 1:].reshape(height // 2, 2, width // 2, 2, 2).mean(axis=(1, 3))
    return numpy.concatenate([rounded(yuv[..., 0]), rounded(chroma).reshape(height // 2, width)])


def with_alpha(rgb: Rows) -> Rows:
    """A fourth channel that would show if it were read."""
    return numpy.concatenate([rgb, numpy.full((*rgb.shape[:2], 1), 7, dtype=numpy.uint8)], axis=-1)


def rows_of(rgb: Rows, encoding: str) -> Rows:
    """Bytes of every row."""
    height = rgb.shape[0]
    if encoding == 'nv12':
        return nv12(rgb)
    if encoding == 'mono8':
        return rounded(full_range_yuv(rgb)[..., 0])
    if encoding in ('yuv422_yuy2', 'yuyv'):
        return interleaved(rgb, luma_first=True)
    if encoding in ('yuv422', 'uyvy'):
        return interleaved(rgb, luma_first=False)
    channels = with_alpha(rgb) if 'a' in encoding else rgb
    if encoding.startswith('b'):
        order = [2, 1, 0, *range(3, channels.shape[-1])]
        channels = channels[..., order]
    return channels.reshape(height, -1)
