"""Names in ZIP files come out as they were written, and what is no picture is left out and said."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest

from glassnet.engine.errors import DataError
from glassnet.engine.files.image_import.names import encoding_of, fitting
from tests.engine.uploads import coloured, left, png, read, with_names, zipped

PNG = png()


def classes(*names: str, count: int = 6) -> list[tuple[str, bytes]]:
    return [(f"{name}/{number}.png", PNG) for name in names for number in range(count)]


@pytest.mark.parametrize(
    ("words", "encoding"),
    [
        (["Äpfel", "Öl"], "utf-8"),
        (["Äpfel", "Öl"], "cp437"),
        (["Äpfel", "Öl", "Straße"], "cp1252"),
        (["猫", "犬"], "cp932"),
        (["ネコ", "いぬ"], "cp932"),
        (["苹果", "香蕉"], "gbk"),
        (["Кошки", "Собаки"], "cp866"),
        (["Кошки", "Собаки"], "cp1251"),
    ],
)
def test_how_names_are_encoded_is_told_by_how_they_read(words: list[str], encoding: str) -> None:
    assert encoding_of([f"{word}/1.png".encode(encoding) for word in words]) == encoding
    assert encoding_of([b"cats/1.png"]) is None


def test_utf8_without_its_flag_is_read_as_such(tmp_path: Path) -> None:
    files = [(f"{name}/{n}.png".encode(), PNG) for name in ("Äpfel", "Öl") for n in range(6)]
    found = read(with_names(tmp_path / "a.zip", files))
    assert (found.names, found.counts(), found.report.encoding) == (["Äpfel", "Öl"], [6, 6], "utf-8")
    assert found.report.notes == []


def test_a_guessed_encoding_is_said_and_can_be_changed(tmp_path: Path) -> None:
    path = with_names(
        tmp_path / "a.zip",
        [(f"{c}/{n}.png".encode("cp1252"), PNG) for c in ("Äpfel", "Öl") for n in range(6)],
    )
    assert "read as cp1252" in read(path).report.notes[0]
    assert read(path, encoding="cp1251").names == ["Дpfel", "Цl"]
    with pytest.raises(DataError, match="is not utf-8; expected another encoding"):
        read(path, encoding="utf-8")


def test_what_looks_the_same_is_one_class(tmp_path: Path) -> None:
    forms = [unicodedata.normalize("NFC" if n % 2 else "NFD", f"café/{n // 2}.png") for n in range(6)]
    found = read(
        zipped(tmp_path / "a.zip", [*((name, coloured(n)) for n, name in enumerate(forms)), *classes("the")])
    )
    assert (found.names, found.counts()) == (["café", "the"], [6, 6])
    spaced = read(zipped(tmp_path / "b.zip", [*classes("cats ", "dogs"), ("cats/x.png", PNG)]))
    assert (spaced.names, spaced.counts()) == (["cats", "dogs"], [7, 6])


def test_names_that_differ_in_case_are_one_class_unless_told_apart(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", classes("Cats", "cats", "dogs", "A", "a"))
    found = read(path)
    assert (found.names, found.counts()) == (["A", "a", "Cats", "dogs"], [6, 6, 12, 6])
    assert found.report.notes == ["'Cats' and 'cats' differ in case alone, and are one class, 'Cats'"]
    assert read(path, case="apart").names == ["A", "a", "Cats", "cats", "dogs"]


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ([], None),
        ([("data/", b""), ("data/cats/", b""), ("data/dogs/", b"")], None),
        (
            [("data/cats/Thumbs.db", b"x"), ("__MACOSX/data/cats/._0.png", b"x"), ("data/.DS_Store", b"x")],
            "left by a system",
        ),
        ([("data/desktop.ini", b"x"), ("data/cats/.ipynb_checkpoints/0.png", PNG)], "left by a system"),
    ],
)
@pytest.mark.parametrize("separator", ["/", "\\"])
def test_backslashes_are_slashes(
    tmp_path: Path, more: list[tuple[str, bytes]], reason: str | None, separator: str
) -> None:
    files = [
        (name.replace("/", separator), content)
        for name, content in [*more, *classes("data/cats", "data/dogs")]
    ]
    found = read(zipped(tmp_path / "a.zip", files))
    assert (found.names, found.counts()) == (["cats", "dogs"], [6, 6])
    assert left(found) == ({} if reason is None else {reason: len(more)})


def test_what_is_no_picture_is_left_out_and_said(tmp_path: Path) -> None:
    beside = [
        ("README", b"words"),
        ("labels.csv", b"a,b"),
        ("own/cats/notes.txt", b""),
        ("own/top.png", PNG),
        ("own/x.heic", b"x"),
    ]
    found = read(
        zipped(tmp_path / "a.zip", [*beside, *classes("own/cats", "own/dogs"), ("own/cats/unnamed", PNG)])
    )
    assert found.counts() == [7, 6]
    assert left(found) == {
        "no picture": 3,
        "in no folder of a class": 1,
        "a picture of a kind that cannot be read here: .heic": 1,
    }


def test_a_file_that_stands_twice_is_read_once_where_it_is_the_same(tmp_path: Path) -> None:
    twice = [*classes("cats", "dogs"), ("cats/0.png", PNG)]
    found = read(zipped(tmp_path / "a.zip", twice))
    assert (found.counts(), left(found)) == ([6, 6], {"the same file twice": 1})
    with pytest.raises(DataError, match=r"cats/0\.png: stands twice"):
        read(zipped(tmp_path / "b.zip", [*classes("cats", "dogs"), ("cats/0.png", coloured(3))]))


def test_names_of_classes_are_made_to_fit_and_that_is_said(tmp_path: Path) -> None:
    long = "l" * 120
    found = read(zipped(tmp_path / "a.zip", classes(long, long + "2", "b")))
    assert [len(name) <= 100 for name in found.names] == [True] * 3
    assert len(set(found.names)) == 3
    assert sum("is called" in note for note in found.report.notes) == 2
    assert fitting(["a\x00b", "ab", "\ud800", ""]) == {
        "a\x00b": "ab",
        "ab": "ab (2)",
        "\ud800": "\ufffd",
        "": "unnamed",
    }
