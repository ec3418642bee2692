"""Picture files as pixels: decoded within limits, whatever their mode, and fitted to a size.

Files come from anywhere. What a header announces is checked before a pixel is decoded, and everything
that Pillow raises for damaged files becomes a DataError that says what is wrong.
"""

from __future__ import annotations

import io
import struct
import warnings
import zlib
from collections.abc import Sequence
from typing import Literal

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from engine.errors import DataError

#: How a picture of another form becomes one of the form wanted.
Fit = Literal["crop", "pad", "stretch"]

#: Pixels of one picture: a photograph of 64 megapixels takes 200 MB while it is decoded.
MAX_PIXELS = 64_000_000

#: Pillow knows more, some of them by running other programs.
FORMATS = ("PNG", "JPEG", "GIF", "BMP", "WEBP", "TIFF", "PPM")

#: What Pillow's decoders raise for files that are not what they say.
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


def decoded(
    content: bytes, channels: int, size: tuple[int, int], fit: Fit = "crop", invert: bool = False
) -> np.ndarray:
    """A picture file as uint8 (channels, h, w), for `size` (h, w); raises DataError.

    What is transparent shows white; what a camera turned is turned back; 16 bits become 8.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # metadata that nobody reads, sizes that are checked here
        try:
            with Image.open(io.BytesIO(content), formats=FORMATS) as image:
                _check_size(image)
                image.draft(None if image.mode == "CMYK" else ("RGB" if channels == 3 else "L"), size[::-1])
                image.load()
                pixels = _fitted(_plain(ImageOps.exif_transpose(image), channels), size, fit)
        except UnidentifiedImageError:
            raise DataError(f"no picture that can be read; expected {', '.join(FORMATS)}") from None
        except Image.DecompressionBombError as error:
            raise DataError(str(error)) from None
        except MemoryError:
            raise DataError("more memory than there is would be needed; expected a smaller picture") from None
        except _DAMAGED as error:
            raise DataError(f"a damaged picture: {str(error) or type(error).__name__}") from None
    values = np.array(pixels, np.uint8).reshape(*size, channels).transpose(2, 0, 1)
    return np.ascontiguousarray(255 - values if invert else values)


def refitted(pixels: np.ndarray, channels: int, size: tuple[int, int], fit: Fit = "crop") -> np.ndarray:
    """Pixels (1 or 3, h, w) uint8 in another size (h, w) and in grey or colour."""
    image = Image.fromarray(
        pixels[0] if len(pixels) == 1 else np.ascontiguousarray(pixels.transpose(1, 2, 0))
    )
    plain = _fitted(_plain(image, channels), size, fit)
    return np.array(plain, np.uint8).reshape(*size, channels).transpose(2, 0, 1)


def sheet(rows: Sequence[Sequence[np.ndarray]], across: int, shape: Sequence[int]) -> bytes:
    """Pictures (channels, h, w) in rows, as a PNG; what is missing in a row stays clear."""
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


def _plain(image: Image.Image, channels: int) -> Image.Image:
    """The picture in grey or in colour, eight bits a channel, over white."""
    mode = "RGB" if channels == 3 else "L"
    if image.mode.startswith("I"):
        # 16 bits a pixel, whatever Pillow keeps them in; its own conversion would cut off, not scale.
        deep = np.asarray(image, np.float64)
        image = Image.fromarray(np.clip(deep / 257 + 0.5, 0, 255).astype(np.uint8))
    elif image.mode == "F":
        raise DataError("pixels as floating-point numbers, whose range nobody knows; expected whole numbers")
    if "A" in image.getbands() or "transparency" in image.info:
        picture = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", picture.size, "white"), picture)
    return image.convert("RGB").convert(mode)


def _fitted(image: Image.Image, size: tuple[int, int], fit: Fit) -> Image.Image:
    wanted = size[::-1]
    if image.size == wanted:
        return image
    match fit:
        case "stretch":
            return image.resize(wanted, Image.Resampling.LANCZOS, reducing_gap=3)
        case "crop":
            return ImageOps.fit(image, wanted, Image.Resampling.LANCZOS)
        case "pad":
            return ImageOps.pad(image, wanted, Image.Resampling.LANCZOS, color=0)
