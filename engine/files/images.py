"""Decoding of picture files of any mode to pixels of a given size and number of channels.

Files are untrusted: the size in the header is checked before a pixel is decoded, and every exception that
Pillow raises for damaged files becomes a DataError with a readable message.
"""

from __future__ import annotations

import io
import struct
import warnings
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal, NamedTuple, cast

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from glassnet.engine.errors import DataError
from glassnet.engine.files.pixel_scale import Range, Scale

#: How a picture of another aspect ratio is fitted.
Fit = Literal["crop", "pad", "stretch"]

#: The most pixels of a picture: a photograph of 64 megapixels takes 200 MB while it is decoded.
MAX_PIXELS = 64_000_000

#: The formats that are read. Pillow knows more, some of which run other programs.
FORMATS = ("PNG", "JPEG", "GIF", "BMP", "WEBP", "TIFF", "PPM")

#: Formats whose files may contain several independent pictures.
FRAMED = ("GIF", "TIFF", "WEBP", "PNG")

#: The tag of Exif with the orientation of the camera.
_ORIENTATION = 0x0112

#: The exceptions of Pillow's decoders for damaged files.
_DAMAGED = (
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    IndexError,
    KeyError,
    TypeError,
    struct.error,
    zlib.error,
)


@dataclass(frozen=True)
class Decoded:
    """The pixels of a picture file, uint8 (channels, h, w), and facts about its decoding."""

    pixels: np.ndarray
    #: The number of pictures in the file, of which this is the first.
    frames: int
    #: Whether it became one colour, such as white lines on a transparent ground, over white.
    blank: bool


def decoded(
    content: bytes,
    channels: int,
    size: tuple[int, int],
    fit: Fit = "crop",
    invert: bool = False,
) -> np.ndarray:
    """A picture file as uint8 (channels, h, w), for `size` (h, w). Raises DataError.

    Transparency becomes white, the camera's orientation is applied, 16 bits become 8.
    """
    values = decoded_with(content, channels, size, fit).pixels
    return np.ascontiguousarray(255 - values if invert else values)


def decoded_with(
    content: bytes, channels: int, size: tuple[int, int], fit: Fit = "crop", scale: Scale | None = None
) -> Decoded:
    """A decoded picture file; grey values are mapped by `scale` where one is given. Raises DataError."""
    with opened(content) as image:
        if scale is None:  # a draft would have fewer pixels than the scale was guessed from
            image.draft(None if image.mode == "CMYK" else ("RGB" if channels == 3 else "L"), size[::-1])
        frames = getattr(image, "n_frames", 1) if image.format in FRAMED else 1
        _shorten_transparency(image)
        image.load()
        plain = _plain(ImageOps.exif_transpose(image), channels, scale)
        pixels = np.array(_fitted(plain, size, fit), np.uint8).reshape(*size, channels).transpose(2, 0, 1)
        blank = int(pixels.min()) == int(pixels.max()) and not _uniform(image)
    return Decoded(np.ascontiguousarray(pixels), frames, blank)


def value_range(content: bytes, most: int, *, shallow: bool = False) -> Range | None:
    """The range of a picture with more than eight bits, with at most `most` sampled values; None for others.

    Of others only the header is read. `shallow` includes grey pictures of eight bits. Raises DataError.
    """
    with opened(content) as image:
        if not _deep(image) and not (shallow and image.mode == "L"):
            return None
        return Range.of(np.asarray(image), most)


@contextmanager
def opened(content: bytes) -> Iterator[Image.Image]:
    """An opened picture file with a checked header; Pillow's exceptions inside become DataError."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about metadata that is not used, and sizes that are checked here
        try:
            with Image.open(io.BytesIO(content), formats=FORMATS) as image:
                _check_size(image)
                yield image
        except UnidentifiedImageError:
            raise DataError(f"no picture that can be read; expected {', '.join(FORMATS)}") from None
        except Image.DecompressionBombError as error:
            raise DataError(str(error)) from None
        except MemoryError:
            raise DataError("more memory than there is would be needed; expected a smaller picture") from None
        except _DAMAGED as error:
            raise DataError(f"a damaged picture: {str(error) or type(error).__name__}") from None


def refitted(pixels: np.ndarray, channels: int, size: tuple[int, int], fit: Fit = "crop") -> np.ndarray:
    """Pixels (1 or 3, h, w) uint8 in another size (h, w) and in grey or colour."""
    image = Image.fromarray(
        pixels[0] if len(pixels) == 1 else np.ascontiguousarray(pixels.transpose(1, 2, 0))
    )
    plain = _fitted(_plain(image, channels, None), size, fit)
    return np.array(plain, np.uint8).reshape(*size, channels).transpose(2, 0, 1)


def sheet(rows: Sequence[Sequence[np.ndarray]], across: int, shape: Sequence[int]) -> bytes:
    """A PNG contact sheet of pictures (channels, h, w) in rows; missing ones are transparent."""
    _, height, width = shape
    gap, larger = 2, max(1, 48 // height)
    step, tall = width * larger + gap, height * larger + gap
    whole = Image.new("RGBA", (across * step - gap, max(1, len(rows)) * tall - gap))
    for down, row in enumerate(rows):
        for place, pixels in enumerate(row):
            mode = pixels[0] if len(pixels) == 1 else np.ascontiguousarray(pixels.transpose(1, 2, 0))
            tile = Image.fromarray(mode).resize((width * larger, height * larger), Image.Resampling.NEAREST)
            whole.paste(tile.convert("RGBA"), (place * step, down * tall))
    buffer = io.BytesIO()
    whole.save(buffer, "PNG")
    return buffer.getvalue()


def _check_size(image: Image.Image) -> None:
    width, height = image.size
    if width * height > MAX_PIXELS:
        raise DataError(f"{width:,}×{height:,} pixels; expected at most {MAX_PIXELS:,} in all")


def _deep(image: Image.Image) -> bool:
    """Whether a picture's values have more than eight bits, in any mode of Pillow."""
    return image.mode.startswith("I") or image.mode == "F"


def _uniform(image: Image.Image) -> bool:
    """Whether every band, transparency included, has a single value."""
    if image.mode == "P":
        image = image.convert("RGBA")
    extremes = image.getextrema()
    bands = extremes if isinstance(extremes[0], tuple) else (extremes,)
    return all(low == high for low, high in cast(Sequence[tuple[float, float]], bands))


def _plain(image: Image.Image, channels: int, scale: Scale | None) -> Image.Image:
    """The picture in grey or in colour, eight bits a channel, over white."""
    mode = "RGB" if channels == 3 else "L"
    if _deep(image):
        return _shallow(image, scale).convert("RGB").convert(mode)
    if "A" in image.getbands() or "transparency" in image.info:
        picture = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", picture.size, "white"), picture)
    image = image.convert("RGB").convert(mode)
    if scale is not None and scale.high <= 255:
        image = Image.fromarray(scale.bytes_of(np.asarray(image)))
    return image


def _shorten_transparency(image: Image.Image) -> None:
    """Convert the transparent colour of a 16-bit PNG to eight bits, as Pillow converts its pixels."""
    clear = image.info.get("transparency")
    tiles = getattr(image, "tile", [])
    if isinstance(clear, tuple) and tiles and "16" in str(tiles[0][3]):
        image.info["transparency"] = tuple(value >> 8 for value in clear)


def _shallow(image: Image.Image, scale: Scale | None) -> Image.Image:
    """A deep picture scaled to eight bits; Pillow's own conversion would clip, not scale."""
    deep = np.asarray(image, np.float64)
    if scale is None:
        if image.mode == "F":
            raise DataError("pixels as floating-point numbers of unknown range; expected whole ones")
        scale = Scale(0, 255 if image.mode == "I" and deep.max() <= 255 else 65535)
    shallow = scale.bytes_of(deep)
    clear = image.info.get("transparency")
    if isinstance(clear, int):  # the one grey that is transparent, of as many bits as the picture's
        shallow[deep == clear] = 255
    return Image.fromarray(shallow)


def _fitted(
    image: Image.Image,
    size: tuple[int, int],
    fit: Fit,
    resampling: Image.Resampling = Image.Resampling.LANCZOS,
    bars: int = 0,
) -> Image.Image:
    """A picture in another size (h, w); padded ones have bars of the value `bars`."""
    wanted = size[::-1]
    if image.size == wanted:
        return image
    match fit:
        case "stretch":
            return image.resize(wanted, resampling, reducing_gap=3)
        case "crop":
            return ImageOps.fit(image, wanted, resampling)
        case "pad":
            whole = Image.new(image.mode, wanted, bars)
            inner, corner = _inner(image.size, wanted)
            whole.paste(image.resize(inner, resampling), corner)
            return whole


def _inner(given: tuple[int, int], wanted: tuple[int, int]) -> tuple[tuple[int, int], tuple[int, int]]:
    """Size and corner of the whole picture between bars; of a thin one, at least one line remains."""
    share = min(wanted[0] / given[0], wanted[1] / given[1])
    width, height = max(1, round(given[0] * share)), max(1, round(given[1] * share))
    return (width, height), ((wanted[0] - width) // 2, (wanted[1] - height) // 2)


# What is known of pixels and places ----------------------------------------------------------------------


class Placement(NamedTuple):
    """Where a place of a picture is once it is fitted: x · scale_x + shift_x, and y alike."""

    scale_x: float
    scale_y: float
    shift_x: float
    shift_y: float


def placement(given: tuple[int, int], size: tuple[int, int], fit: Fit) -> Placement:
    """The placement of a picture of `given` pixels (w, h) that is fitted to `size` (h, w)."""
    (width, height), (tall, wide) = given, size
    match fit:
        case "stretch":
            return Placement(wide / width, tall / height, 0, 0)
        case "crop":
            share = max(wide / width, tall / height)
            return Placement(share, share, (wide - width * share) / 2, (tall - height * share) / 2)
        case "pad":
            inner, corner = _inner(given, (wide, tall))
            return Placement(inner[0] / width, inner[1] / height, *corner)


def upright_size(content: bytes) -> tuple[int, int]:
    """The size (w, h) of a picture file, as its camera's orientation turns it. Raises DataError."""
    with opened(content) as image:
        turned = image.getexif().get(_ORIENTATION, 1) in (5, 6, 7, 8)
        return image.size[::-1] if turned else image.size


def mask_values(content: bytes) -> np.ndarray:
    """The value of each pixel of a mask file (h, w): greys, or indices of a palette. Raises DataError."""
    with opened(content) as image:
        if image.format == "JPEG":
            raise DataError("a JPEG, which changes values; expected a mask as PNG, GIF, BMP or TIFF")
        upright = ImageOps.exif_transpose(image)
        if upright.mode in ("1", "L", "P") or upright.mode.startswith("I"):
            return np.asarray(upright)
        if upright.mode not in ("RGB", "RGBA", "LA", "PA"):
            raise DataError(f"pixels of {upright.mode}; expected one whole number a pixel, or a palette")
        bands = np.asarray(upright)
        if upright.mode.endswith("A"):
            _refuse_where(bands[..., -1] < 255, bands, "transparent")
            bands = bands[..., :-1]
        _refuse_where((bands != bands[..., :1]).any(axis=-1), bands, "coloured")
        return bands[..., 0]


def _refuse_where(wrong: np.ndarray, bands: np.ndarray, what: str) -> None:
    if wrong.any():
        y, x = (int(place) for place in np.argwhere(wrong)[0])
        values = tuple(int(value) for value in bands[y, x])
        raise DataError(
            f"the pixel at {x}, {y} is {what}, {values}; expected a grey from 0 to 255, its class, or a "
            "palette whose indices are the classes"
        )


def fitted_mask(values: np.ndarray, size: tuple[int, int], fit: Fit, bars: int) -> np.ndarray:
    """A mask (h, w) uint8 in another size (h, w), each pixel as the nearest is; `bars` fill what is added."""
    image = Image.fromarray(values)
    return np.asarray(_fitted(image, size, fit, Image.Resampling.NEAREST, bars), np.uint8)
