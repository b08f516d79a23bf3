"""Pictures of a QR as a phone's camera takes them: each kind of damage alone, and several together.

All are grey pictures of about the size of the symbol that was drawn, and the same for the same seed: the randomness
comes from `random.Random`, never from Pillow, whose noise has no seed.
"""

from collections.abc import Callable, Mapping
from functools import cache
from io import BytesIO
from math import cos, radians, sin
from random import Random
from statistics import NormalDist

from PIL import Image, ImageChops, ImageFilter

Degradation = Callable[[Image.Image, Random], Image.Image]
Point = tuple[float, float]

DESK = 96
"""The grey around the screen."""


def blur(image: Image.Image, dice: Random) -> Image.Image:
    """Out of focus."""
    return _blurred(image, dice.uniform(1.0, 2.9))


def shake(image: Image.Image, dice: Random) -> Image.Image:
    """A hand that moved while the shutter was open: the mean of the picture along a line of 3 to 7 pixels."""
    steps, angle = dice.randint(3, 7), radians(dice.uniform(0, 180))
    mean = image
    for step in range(1, steps):
        moved = ImageChops.offset(image, round(step * cos(angle)), round(step * sin(angle)))
        mean = Image.blend(mean, moved, 1 / (step + 1))
    return mean


def noise(image: Image.Image, dice: Random) -> Image.Image:
    """A dim room: each pixel is off by a normal deviate."""
    return _noisy(image, dice, deviation=dice.uniform(30, 110))


def rotation(image: Image.Image, dice: Random) -> Image.Image:
    """A phone held at any angle, upside down too."""
    return _rotated(image, dice.uniform(0, 360))


def perspective(image: Image.Image, dice: Random) -> Image.Image:
    """A screen seen from the side: each corner is off by up to a quarter of the width."""
    return _tilted(image, dice, farthest=0.25)


def low_contrast(image: Image.Image, dice: Random) -> Image.Image:
    """A dark screen behind a reflecting glass: 18 to 60 of 256 levels between black and white, slightly noisy."""
    black = dice.uniform(60, 130)
    return _noisy(_between(image, black, black + dice.uniform(18, 60)), dice, deviation=3)


def uneven_light(image: Image.Image, dice: Random) -> Image.Image:
    """A shadow across the screen, and the spot of a lamp that may blind the camera in its middle."""
    return _lamp(_shadow(image, dice, darkest=dice.uniform(0.1, 0.4)), dice, strength=dice.uniform(0.4, 1.2))


def jpeg(image: Image.Image, dice: Random) -> Image.Image:
    """A picture that a messenger made smaller and compressed hard."""
    part = dice.uniform(0.6, 1.0)
    smaller = image.resize((round(image.width * part), round(image.height * part)), Image.Resampling.BICUBIC)
    return _compressed(smaller, quality=dice.randint(3, 25))


def combination(image: Image.Image, dice: Random) -> Image.Image:
    """All of it moderately: what a hand, a camera and a messenger do to one picture."""
    image = _rotated(_between(image, dice.uniform(20, 60), dice.uniform(180, 240)), dice.uniform(-30, 30))
    image = _shadow(_tilted(image, dice, farthest=0.12), dice, darkest=dice.uniform(0.4, 0.8))
    image = _blurred(_lamp(image, dice, strength=dice.uniform(0.0, 0.4)), dice.uniform(0.5, 1.5))
    return _compressed(_noisy(image, dice, deviation=dice.uniform(4, 20)), quality=dice.randint(30, 80))


KINDS: Mapping[str, Degradation] = {
    kind.__name__: kind
    for kind in (blur, shake, noise, rotation, perspective, low_contrast, uneven_light, jpeg, combination)
}


def degrade(image: Image.Image, kind: str, seed: int) -> Image.Image:
    """Return a picture with one kind of damage, the same for the same seed.

    Args:
        image: grey, with the quiet zone around the symbol.
        kind: of `KINDS`.
        seed: chooses how much, and where.
    """
    return KINDS[kind](image, Random(f"{kind} {seed}"))


def _blurred(image: Image.Image, radius: float) -> Image.Image:
    return image.filter(ImageFilter.GaussianBlur(radius))


def _between(image: Image.Image, black: float, white: float) -> Image.Image:
    return image.point([round(black + (white - black) * level / 255) for level in range(256)])


def _compressed(image: Image.Image, quality: int) -> Image.Image:
    file = BytesIO()
    image.save(file, "JPEG", quality=quality)
    return Image.open(file).convert("L")


@cache
def _normal_quantiles() -> tuple[float, ...]:
    """Return 256 equally likely values of the standard normal distribution."""
    return tuple(NormalDist().inv_cdf((level + 0.5) / 256) for level in range(256))


def _noisy(image: Image.Image, dice: Random, *, deviation: float) -> Image.Image:
    grain = Image.frombytes("L", image.size, dice.randbytes(image.width * image.height))
    levels = [min(255, max(0, round(128 + deviation * quantile))) for quantile in _normal_quantiles()]
    return ImageChops.add(image, grain.point(levels), scale=1, offset=-128)


def _rotated(image: Image.Image, degrees: float) -> Image.Image:
    return image.rotate(degrees, Image.Resampling.BICUBIC, expand=True, fillcolor=DESK)


def _tilted(image: Image.Image, dice: Random, *, farthest: float) -> Image.Image:
    """Map four points outside the picture to the corners of the result."""
    width, height = image.size

    def outside(corner: Point, away: Point) -> Point:
        return (
            corner[0] + away[0] * dice.uniform(0, farthest) * width,
            corner[1] + away[1] * dice.uniform(0, farthest) * height,
        )

    corners = (
        outside((0, 0), (-1, -1)),
        outside((width, 0), (1, -1)),
        outside((width, height), (1, 1)),
        outside((0, height), (-1, 1)),
    )
    coefficients = _square_to_quadrilateral(corners, width, height)
    return image.transform(
        image.size, Image.Transform.PERSPECTIVE, coefficients, Image.Resampling.BICUBIC, fillcolor=DESK
    )


def _square_to_quadrilateral(corners: tuple[Point, Point, Point, Point], width: int, height: int) -> list[float]:
    """Return Pillow's eight coefficients, from a place in the result to one in the source.

    Heckbert, Fundamentals of Texture Mapping (1989) §2.2.3: the unit square to a quadrilateral, in closed form.
    """
    (x0, y0), (x1, y1), (x2, y2), (x3, y3) = corners
    dx1, dx2, sx = x1 - x2, x3 - x2, x0 - x1 + x2 - x3
    dy1, dy2, sy = y1 - y2, y3 - y2, y0 - y1 + y2 - y3
    area = dx1 * dy2 - dx2 * dy1
    g, h = (sx * dy2 - dx2 * sy) / area, (dx1 * sy - sx * dy1) / area
    across = (x1 - x0 + g * x1, y1 - y0 + g * y1, g)
    down = (x3 - x0 + h * x3, y3 - y0 + h * y3, h)
    return [
        across[0] / width, down[0] / height, x0,
        across[1] / width, down[1] / height, y0,
        across[2] / width, down[2] / height,
    ]  # fmt: skip


def _shadow(image: Image.Image, dice: Random, *, darkest: float) -> Image.Image:
    """Darken towards one side, down to the given part of the light."""
    gradient = Image.linear_gradient("L").rotate(dice.uniform(0, 360), Image.Resampling.BICUBIC)
    # Rotating leaves black corners: only the middle of the gradient is used.
    middle = gradient.crop((38, 38, 218, 218)).resize(image.size, Image.Resampling.BICUBIC)
    return ImageChops.multiply(image, _between(middle, 255 * darkest, 255))


def _lamp(image: Image.Image, dice: Random, *, strength: float) -> Image.Image:
    """Add a round reflection that fades out, about half as wide as the picture, somewhere over its edge or in it."""
    side = round(image.width * dice.uniform(0.4, 0.7))
    # Pillow's gradient is 0 in the middle and 181 in the middle of each side.
    fading = Image.radial_gradient("L").point([round(max(0, 1 - level / 181) * 255) for level in range(256)])
    light = Image.new("L", image.size, 0)
    corner = (dice.randint(-side // 2, image.width - side // 2), dice.randint(-side // 2, image.height - side // 2))
    light.paste(fading.resize((side, side), Image.Resampling.BICUBIC), corner)
    return ImageChops.add(image, _between(light, 0, 255 * strength))
