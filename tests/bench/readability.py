"""Damages pictures of printed codes and counts what two readers still make of them.

Called by readability.rs with a folder of one-page PDFs and texts.tsv (name, modules, side in mm, text). All damage is
measured in millimetres on paper and drawn from a seed of the damage, level and number of the ticket, the same
for each kind of ticket; what is wet is a share of the code, however large. A read counts only when the text is the right one.
"""

import io
import random
import subprocess
import sys
import xml.etree.ElementTree as tree
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import zxingcpp
from PIL import Image, ImageDraw, ImageFilter

DPI = 300
PX = DPI / 25.4  # pixels a millimetre
SEEN = 62.0  # so many millimetres are the stated pixels wide
SIDE = 76.0  # what is looked at, from the same distance whatever the code's size: code, border, some paper, in mm


def rendered(pdf):
    done = subprocess.run(
        ["pdftoppm", "-r", str(DPI), "-gray", "-singlefile", str(pdf)], check=True, capture_output=True
    )
    page = Image.open(io.BytesIO(done.stdout)).convert("L")
    left, top = (page.width - SIDE * PX) / 2, (page.height - SIDE * PX) / 2
    return page.crop((round(left), round(top), round(left + SIDE * PX), round(top + SIDE * PX)))


def seen(picture, pixels):
    """As a camera sees it from where `SEEN` is so many pixels wide."""
    pixels = round(pixels * SIDE / SEEN)
    return picture.resize((pixels, pixels), Image.Resampling.BOX)


def noisy(picture, sigma, rng):
    grain = np.random.default_rng(rng.randrange(2**32)).normal(0, sigma, (picture.height, picture.width))
    return Image.fromarray(np.clip(np.asarray(picture, float) + grain, 0, 255).astype(np.uint8))


def uneven(picture, depth, rng):
    """Light from one side."""
    ramp = np.linspace(1.0, 1.0 - depth, picture.width)
    if rng.random() < 0.5:
        ramp = ramp[::-1]
    return Image.fromarray((np.asarray(picture, float) * ramp).astype(np.uint8))


def turned(picture, degrees):
    return picture.rotate(degrees, Image.Resampling.BICUBIC, fillcolor=255)


def blur(picture, level, rng, _side):
    sigma = [0.30, 0.38, 0.46, 0.54, 0.62][level] * PX
    return noisy(seen(turned(picture.filter(ImageFilter.GaussianBlur(sigma)), rng.uniform(-8, 8)), 480), 2, rng)


def tilt(picture, level, rng, _side):
    angle = np.radians([35, 45, 53, 60, 65][level])
    size, far = picture.width, 2.6 * SEEN / SIDE
    picture = turned(picture, rng.uniform(-12, 12))

    def on_screen(x, y):
        x, y = x / size - 0.5, y / size - 0.5
        depth = far + y * np.sin(angle)
        return ((x * far / depth) + 0.5) * size, ((y * np.cos(angle) * far / depth) + 0.5) * size

    corners = [(0, 0), (size, 0), (size, size), (0, size)]
    rows, target = [], []
    for (x, y), (u, v) in zip(corners, [on_screen(*corner) for corner in corners]):
        rows += [[u, v, 1, 0, 0, 0, -x * u, -x * v], [0, 0, 0, u, v, 1, -y * u, -y * v]]
        target += [x, y]
    plane = np.linalg.solve(np.array(rows), np.array(target))
    picture = picture.filter(ImageFilter.GaussianBlur(2.0))
    picture = picture.transform((size, size), Image.Transform.PERSPECTIVE, plane, Image.Resampling.BICUBIC, fillcolor=255)
    return noisy(seen(picture, 420), 3, rng)


def low_contrast(picture, level, rng, _side):
    span = [0.35, 0.18, 0.10, 0.07, 0.05][level]
    flat = np.asarray(picture, float) * span + 255 * (1 - span) * 0.55
    picture = seen(Image.fromarray(flat.astype(np.uint8)).filter(ImageFilter.GaussianBlur(1.5)), 480)
    return noisy(uneven(picture, 0.15, rng), 3.5, rng)


def creases(picture, level, rng, _side):
    """Folded lines on which the toner has come off, with a shadow beside each."""
    picture = picture.copy()
    pen, size = ImageDraw.Draw(picture), picture.width
    for _ in range([1, 2, 3, 5, 7][level]):
        angle = rng.uniform(0, np.pi)
        x, y = size / 2 + rng.uniform(-16, 16) * PX, size / 2 + rng.uniform(-16, 16) * PX
        dx, dy = np.cos(angle) * size, np.sin(angle) * size
        wide = rng.uniform(0.8, 1.7) * PX
        pen.line((x - dx, y - dy, x + dx, y + dy), fill=245, width=round(wide))
        nx, ny = -np.sin(angle) * wide, np.cos(angle) * wide
        pen.line((x - dx + nx, y - dy + ny, x + dx + nx, y + dy + ny), fill=150, width=round(0.3 * PX))
    picture = turned(picture.filter(ImageFilter.GaussianBlur(1.5)), rng.uniform(-8, 8))
    return noisy(seen(picture, 480), 3, rng)


def blotches(picture, level, rng, side):
    """Wet spots: the ink runs, and the paper turns dark."""
    run = picture.filter(ImageFilter.GaussianBlur(1.6 * PX)).point(lambda value: value * 0.62)
    mask, inner, corner_wide = Image.new("L", picture.size, 0), (SIDE - side) / 2, side * 12 / 42
    pen = ImageDraw.Draw(mask)
    covered, wanted = 0.0, [0.04, 0.08, 0.12, 0.17, 0.22][level] * side * side
    while covered < wanted:
        wide, tall = rng.uniform(3, 7), rng.uniform(3, 7)
        # Not on the three corners, where no ticket survives.
        x, y = inner + rng.uniform(4, side - 4), inner + rng.uniform(4, side - 4)
        near, far = inner + corner_wide, inner + side - corner_wide
        corner = (x < near or x > far) and (y < near or y > far)
        if corner and not (x > far and y > far):
            continue
        pen.ellipse([(x - wide / 2) * PX, (y - tall / 2) * PX, (x + wide / 2) * PX, (y + tall / 2) * PX], fill=255)
        covered += np.pi * wide * tall / 4
    picture = Image.composite(run, picture, mask.filter(ImageFilter.GaussianBlur(0.25 * PX)))
    return noisy(seen(turned(picture, rng.uniform(-8, 8)), 480), 3, rng)


def thermal(picture, level, rng, side):
    """Dots of the head that do not heat: white stripes along the feed; the rest is pale and coarse."""
    coarse = picture.resize((round(SIDE * 8), round(SIDE * 8)), Image.Resampling.BOX).point(lambda v: 255 if v > 127 else 70)
    coarse = coarse.resize(picture.size, Image.Resampling.NEAREST)
    pen = ImageDraw.Draw(coarse)
    for _ in range([1, 2, 4, 6, 8][level]):
        x = ((SIDE - side) / 2 + rng.uniform(1, side - 1)) * PX
        pen.rectangle([x, 0, x + rng.choice([0.25, 0.5, 0.75]) * PX, coarse.height], fill=255)
    coarse = turned(coarse.filter(ImageFilter.GaussianBlur(2.0)), rng.uniform(-5, 5))
    return noisy(seen(coarse, 480), 3, rng)


def photo(picture, level, rng, _side):
    """A picture that somebody sends: small, uneven, packed hard."""
    pixels, quality = [(260, 45), (220, 35), (190, 28), (170, 22), (150, 18)][level]
    picture = turned(picture.filter(ImageFilter.GaussianBlur(0.22 * PX)), rng.uniform(-10, 10))
    picture = noisy(uneven(seen(picture, pixels), 0.35, rng), 4, rng)
    packed = io.BytesIO()
    picture.save(packed, "JPEG", quality=quality)
    return Image.open(packed).convert("L")


DAMAGE = {
    "blur": blur,
    "tilt": tilt,
    "low contrast": low_contrast,
    "creases": creases,
    "wet blotches": blotches,
    "thermal gaps": thermal,
    "JPEG photo": photo,
}
LEVELS = 5


def read_by_zxing(picture):
    found = zxingcpp.read_barcodes(np.asarray(picture), formats=zxingcpp.BarcodeFormat.QRCode)
    return {one.text for one in found}


def read_by_zbar(pictures, folder):
    """One call for many: its XML says which text came from which file."""
    names = []
    for number, picture in enumerate(pictures):
        picture.save(folder / f"{number}.pgm")
        names.append(str(folder / f"{number}.pgm"))
    done = subprocess.run(
        ["zbarimg", "--quiet", "--xml", "-Sdisable", "-Sqrcode.enable", *names], capture_output=True, check=False
    )
    texts = [set() for _ in names]
    if done.stdout:
        for source in tree.fromstring(done.stdout):
            place = names.index(source.attrib["href"])
            texts[place] = {data.text for data in source.iter() if data.tag.endswith("data")}
    return texts


def rates(tickets, harm, side, folder):
    """Right reads of both readers in per cent."""
    damaged = [
        (harm(picture, level, random.Random(f"{harm.__name__} {level} {number}"), side), text)
        for number, (picture, text) in enumerate(tickets)
        for level in range(LEVELS)
    ]
    zxing = sum(text in read_by_zxing(picture) for picture, text in damaged)
    zbar_texts = read_by_zbar([picture for picture, _ in damaged], folder)
    zbar = sum(text in texts for (_, text), texts in zip(damaged, zbar_texts))
    return 100 * zxing / len(damaged), 100 * zbar / len(damaged)


def main():
    folder = Path(sys.argv[1])
    kinds = {}
    with ThreadPoolExecutor(2) as pool:
        rows = [line.split("\t") for line in (folder / "texts.tsv").read_text().splitlines()]
        pictures = pool.map(lambda row: rendered(folder / f"{row[0]}.pdf"), rows)
        for (name, modules, side, text), picture in zip(rows, pictures):
            kinds.setdefault((name.split(".")[0], int(modules), float(side)), []).append((picture, text))
    width = max(len(kind) for kind, _, _ in kinds) + 5
    count = len(next(iter(kinds.values())))
    print(f"right reads in per cent, {count} tickets a kind × {LEVELS} levels of damage; (modules, mm a side); zxing-cpp / zbar")
    print(" " * 14 + "".join(f"{kind} ({modules}, {side:g})".rjust(width + 6) for kind, modules, side in kinds))
    for damage, harm in DAMAGE.items():
        cells = [rates(tickets, harm, side, folder) for (_, _, side), tickets in kinds.items()]
        print(damage.ljust(14) + "".join(f"{zxing:5.1f} / {zbar:5.1f}".rjust(width + 6) for zxing, zbar in cells))
    print("as a screen shows the page, undamaged")
    for dpi in (60, 72, 100, 150):
        cells = []
        for kind, _, _ in kinds:
            pages = []
            for pdf in sorted(folder.glob(f"{kind}.*.pdf")):
                done = subprocess.run(
                    ["pdftoppm", "-r", str(dpi), "-gray", "-singlefile", str(pdf)], check=True, capture_output=True
                )
                pages.append(Image.open(io.BytesIO(done.stdout)).convert("L"))
            wanted = [text for _, text in next(tickets for (name, _, _), tickets in kinds.items() if name == kind)]
            zxing = sum(text in read_by_zxing(page) for page, text in zip(pages, wanted))
            zbar = sum(text in texts for text, texts in zip(wanted, read_by_zbar(pages, folder)))
            cells.append((100 * zxing / len(pages), 100 * zbar / len(pages)))
        print(f"{dpi} dpi".ljust(14) + "".join(f"{a:5.1f} / {b:5.1f}".rjust(width + 6) for a, b in cells))


main()
