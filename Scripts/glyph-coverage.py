#!/usr/bin/env python3
"""Measures how much of each 2x4 sub-cell the printable ASCII glyphs ink, and prints the Swift table of it.

usage: glyph-coverage.py > Sources/Protocols/CellGraphics/Renderers/GlyphCoverage.swift
needs: apt-get install fonts-dejavu-core fonts-unifont; pip install numpy pillow

Terminals draw with many fonts. Two that differ much stand for them: DejaVu Sans Mono (an outline, drawn large) and GNU Unifont
(a bitmap of 8x16), which counts double, because its strokes of whole pixels are what small sizes come to.
"""
import numpy
from PIL import Image, ImageDraw, ImageFont

FONTS = (("/usr/share/fonts/truetype/dejavu/DejaVuSansMono.ttf", 64, 1), ("/usr/share/fonts/opentype/unifont/unifont.otf", 16, 2))
COLUMNS, ROWS = 2, 4


def weights(source, target):
    """The share of each source pixel in each target sample, as a matrix whose rows add up to 1."""
    edges = numpy.arange(target + 1) * source / target
    pixels = numpy.arange(source)
    shares = numpy.minimum(edges[1:, None], pixels + 1) - numpy.maximum(edges[:-1, None], pixels)
    return numpy.maximum(0, shares) * target / source


def measured(path, size, character):
    font = ImageFont.truetype(path, size)
    height, width = sum(font.getmetrics()), round(font.getlength("M"))
    image = Image.new("L", (width, height), 0)
    ImageDraw.Draw(image).text((0, 0), character, font=font, fill=255)
    return weights(height, ROWS) @ (numpy.asarray(image, float) / 255) @ weights(width, COLUMNS).T


print("""/// How much of each sub-cell a glyph inks: made by Scripts/glyph-coverage.py, which says how.
enum GlyphCoverage {
    /// Of the glyphs 0x20...0x7e, eight sub-cells each, two across and four down, row by row; 255: all of it.
    static let subcells: [UInt8] = [""")
for code in range(0x20, 0x7f):
    inked = sum(weight * measured(path, size, chr(code)) for path, size, weight in FONTS) / sum(weight for *_, weight in FONTS)
    numbers = ", ".join(str(round(255 * value)) for value in inked.flatten())
    print(f"        {numbers},  // {chr(code)}".rstrip() if code > 0x20 else f"        {numbers},  // space")
print("    ]\n}")
