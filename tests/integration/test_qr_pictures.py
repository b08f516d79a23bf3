"""The whole way from a presentation to a picture taken of it and back, with a decoder that others wrote.

`pytest -v` prints how many pictures of each kind were read. The pictures are the same in every run.
"""

import sys
from functools import cache
from io import BytesIO
from itertools import cycle, islice

import pytest
import zxingcpp
from PIL import Image, ImageChops, ImageFilter, ImageStat
from qrcode.util import MODE_ALPHA_NUM

from bench.qr_sample import REFERENCE_SHOWN, presentation
from bench.scheme import CLAIMS
from degraded_pictures import KINDS, degrade
from giayto_crypto import qr
from giayto_sdk._pictures.drawing import QUIET_ZONE, QrSymbol, draw_qr
from giayto_sdk._pictures.reading import read_qr
from giayto_sdk.errors import PictureError

SHOWN = (0, 2, REFERENCE_SHOWN, 6, 8, len(CLAIMS))
"""The symbols that are photographed show so many of the ten claims."""
SIDE = 600
"""About the width of the rendered symbol with its quiet zone, in pixels."""
PICTURES_OF_A_KIND = 30
READ_AT_LEAST = 0.95
LARGEST_REFERENCE_VERSION = 18

each_kind = pytest.mark.parametrize("kind", KINDS)


@cache
def symbol(shown: int) -> tuple[str, QrSymbol]:
    """Return a GT1 text and its symbol."""
    text = qr.pack(presentation(shown))
    return text, draw_qr(text)


@cache
def rendered(shown: int) -> tuple[str, Image.Image]:
    """Return a GT1 text and its picture, undamaged."""
    text, drawn = symbol(shown)
    picture = drawn.png(module_pixels=SIDE // (drawn.modules + 2 * QUIET_ZONE))
    return text, Image.open(BytesIO(picture)).convert("L")


def is_read(picture: Image.Image, text: str) -> bool:
    """Tell whether the SDK reads exactly this text."""
    file = BytesIO()
    picture.save(file, "PNG", compress_level=1)
    try:
        return read_qr(file.getvalue()) == text
    except PictureError:
        return False


def test_there_are_enough_pictures_of_about_600_pixels() -> None:
    assert len(KINDS) * PICTURES_OF_A_KIND >= 200
    for shown in SHOWN:
        _, picture = rendered(shown)
        assert picture.size == (picture.width, picture.width)
        assert SIDE * 0.95 <= picture.width <= SIDE


@each_kind
def test_damaged_pictures_are_read(kind: str, capsys: pytest.CaptureFixture[str], pytestconfig: pytest.Config) -> None:
    unread = []
    for seed, shown in enumerate(islice(cycle(SHOWN), PICTURES_OF_A_KIND)):
        text, picture = rendered(shown)
        if not is_read(degrade(picture, kind, seed), text):
            unread.append(seed)
    read = PICTURES_OF_A_KIND - len(unread)
    if pytestconfig.get_verbosity() > 0:
        with capsys.disabled():
            sys.stdout.write(f"\n    {kind:<14} {read} of {PICTURES_OF_A_KIND} read ")
    assert read >= READ_AT_LEAST * PICTURES_OF_A_KIND, f"not read: seeds {unread}"


@each_kind
def test_a_seed_gives_one_picture_and_the_damage_is_real(kind: str) -> None:
    _, picture = rendered(REFERENCE_SHOWN)
    damaged = degrade(picture, kind, 1)
    assert damaged == degrade(picture, kind, 1)
    assert damaged != degrade(picture, kind, 2)
    off_by = ImageStat.Stat(ImageChops.difference(picture, damaged.resize(picture.size))).rms[0]
    assert off_by > 5


def test_a_picture_beyond_reading_is_not_counted_as_read() -> None:
    text, picture = rendered(REFERENCE_SHOWN)
    assert is_read(picture, text)
    assert not is_read(picture, text + "0")
    assert not is_read(picture.filter(ImageFilter.GaussianBlur(6)), text)


def test_the_reference_presentation_is_one_alphanumeric_segment_in_version_18_at_level_m() -> None:
    text, drawn = symbol(REFERENCE_SHOWN)
    assert [(part.mode, part.data) for part in drawn._code.data_list] == [(MODE_ALPHA_NUM, text.encode())]
    assert drawn.version <= LARGEST_REFERENCE_VERSION

    (found,) = zxingcpp.read_barcodes(Image.open(BytesIO(drawn.png())))
    assert (found.text, found.ec_level, found.extra["Version"]) == (text, "M", str(drawn.version))
