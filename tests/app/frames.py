"""Frames as a worker's link delivers them."""

from glassnet.app.workers import Frame


def picture(key: str, number: int, size: int = 10) -> Frame:
    return Frame(key, "surface", b"p" * size, scalar=False, first=number, count=1, made=0.0)


def rows(key: str, first: int, count: int = 1, size: int = 100) -> Frame:
    return Frame(key, "progress", b"r" * size, scalar=True, first=first, count=count, made=0.0)
