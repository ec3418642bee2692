"""Operators on boxes: overlap, suppression, coding, anchors, regions, matching and average precision.

A box is left, top, right, bottom in pixels, right and bottom exclusive; a class may follow. Lists of boxes
have a fixed length and are padded with −1, so that no shape depends on values. Every file imports torch and
math alone, so that exported scripts can contain it.
"""
