"""Where `send` finds reports: files of JSON lines, also compressed, folders of them, and standard input."""

from __future__ import annotations

import asyncio
import gzip
import io
import os
import stat
import sys
import zlib
from bisect import bisect_right
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import BinaryIO, Final

import msgspec

from incident_pipeline.cli.exit_codes import CommandError, ExitCode
from incident_pipeline.limits import LINE_BYTES

__all__ = ["ReportFiles", "refuse_other_formats"]

_STANDARD_INPUT: Final = "-"
_SUFFIXES: Final = (".jsonl", ".jsonl.gz", ".ndjson", ".ndjson.gz")
_GZIP: Final = b"\x1f\x8b"
_BREATHE_LINES: Final = 200
_OTHER_FORMATS: Final = {
    b"PK\x03\x04": "a ZIP archive or an Excel workbook",
    b"PAR1": "Parquet",
    b"Obj\x01": "Avro",
    b"\xff\xfe": "UTF-16 text",
    b"\xfe\xff": "UTF-16 text",
    b"SQLite": "an SQLite database",
    b"%PDF": "a PDF",
    b"<": "XML or HTML",
    b"\xfd7zXZ\x00": "packed with xz",
    b"\x28\xb5\x2f\xfd": "packed with zstd",
    b"BZh": "packed with bzip2",
    b"\x04\x22\x4d\x18": "packed with lz4",
    b"7z\xbc\xaf": "a 7-Zip archive",
    _GZIP: "compressed",
}
_BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"

OnRead = Callable[[int], None]
"""Is told now and then how many bytes on disk were read."""


class ReportFiles:
    """Files in the order in which they are sent, with their lines numbered from 1 through all of them."""

    def __init__(self, paths: Sequence[str]) -> None:
        """`paths`: files, folders (their files by name) or `-` alone. Raises `CommandError` where a folder has none."""
        if _STANDARD_INPUT in paths and len(paths) > 1:
            raise CommandError("standard input (-) is sent alone, without other files.", ExitCode.WRONG_USAGE)
        self.paths = paths
        self.names = [name for path in paths for name in _files_of(path)]
        self._firsts: list[int] = []
        """Number of the first line of each file."""
        self._stdin_from = _position(sys.stdin.buffer) if self.is_standard_input else None

    @property
    def is_standard_input(self) -> bool:
        """Whether there are no files."""
        return self.names == [_STANDARD_INPUT]

    @property
    def can_be_read_twice(self) -> bool:
        """Whether all can be looked at before the first line is sent."""
        return not self.is_standard_input or self._stdin_from is not None

    @property
    def size_bytes(self) -> int | None:
        """Bytes on disk; None where that is not known."""
        return None if self.is_standard_input else sum(Path(name).stat().st_size for name in self.names)

    def lines(self, on_read: OnRead) -> Iterator[tuple[int, bytes]]:
        """Yield (number, line) from the beginning. Raises `CommandError` where a file is damaged."""
        number = before_bytes = 0
        self._firsts = []
        for name in self.names:
            self._firsts.append(number + 1)
            with self._opened(name) as raw:
                file = _uncompressed(raw)
                while line := self._read_line(name, file, number):
                    number += 1
                    yield number, line
                    if number % _BREATHE_LINES == 0:
                        on_read(before_bytes + (_position(raw) or 0))
                before_bytes += _position(raw) or 0
            on_read(before_bytes)

    async def stream(self, on_read: OnRead) -> AsyncIterator[tuple[int, bytes]]:
        """Do the same as `lines`; those of a pipe as they come, so that `tail -f` may stand before it."""
        if not self.is_standard_input or not _is_pipe(sys.stdin.buffer):
            for numbered in self.lines(on_read):
                yield numbered
                if numbered[0] % _BREATHE_LINES == 0:
                    await asyncio.sleep(0)
            return
        self._firsts = [1]
        reader = asyncio.StreamReader(limit=LINE_BYTES)
        loop = asyncio.get_running_loop()
        await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin.buffer)
        number = 0
        try:
            while line := await reader.readline():
                number += 1
                yield number, line
        except ValueError as error:
            raise CommandError(f"line {number + 1} is longer than {LINE_BYTES} bytes: no report is.") from error

    def where(self, number: int) -> str:
        """Name a line: by its number, and by its file where there are several."""
        if len(self.names) == 1:
            return f"line {number}"
        at = bisect_right(self._firsts, number) - 1
        return f"{self.names[at]} line {number - self._firsts[at] + 1}"

    @staticmethod
    def title(name: str) -> str:
        """Name a file for people."""
        return "standard input" if name == _STANDARD_INPUT else name

    def refuse_other_formats(self) -> None:
        """Raise `CommandError` where the beginning of a file shows that it holds no JSON lines."""
        for name in self.names:
            with self._opened(name) as raw:
                file = _uncompressed(raw)
                first = self._read_line(name, file)
                refuse_other_formats(self.title(name), first, self._read_line(name, file) if first else b"")

    def _read_line(self, name: str, file: BinaryIO, number: int | None = None) -> bytes:
        """Read the line after `number`. Raises `CommandError` where what is compressed is damaged or cut off."""
        try:
            return file.readline(LINE_BYTES)
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            where = f" after {self.where(number)}" if number else " at its beginning"
            raise CommandError(f"{self.title(name)} is damaged{where}: {error}. Copy it anew.") from error

    def _opened(self, name: str) -> AbstractContextManager[BinaryIO]:
        if name != _STANDARD_INPUT:
            return Path(name).open("rb")
        if self._stdin_from is not None:
            sys.stdin.buffer.seek(self._stdin_from)
        return nullcontext(sys.stdin.buffer)


def refuse_other_formats(title: str, first: bytes, second: bytes = b"") -> None:
    """Raise `CommandError` where the first two lines of `title` show another format than JSON lines."""
    kind, mend = _other_format(first.removeprefix(_BYTE_ORDER_MARK).lstrip(), second.lstrip())
    if kind:
        raise CommandError(
            f"{title} is {kind}. What is sent is JSON Lines: one report, a JSON object, on each line.{mend}\n"
            "Nothing was sent.",
            ExitCode.WRONG_USAGE,
        )


def _other_format(first: bytes, second: bytes) -> tuple[str, str]:
    """Return what a file is, by its first lines, and how to make JSON lines of it; two empty texts where it may be."""
    for magic, kind in _OTHER_FORMATS.items():
        if first.startswith(magic):
            packed = magic == _GZIP or kind.startswith("packed")
            return kind, " Unpack it first, or pack it with gzip." if packed else ""
    if first.startswith(b"["):
        return "a JSON array", " Write its members on lines: jq -c '.[]' FILE > reports.jsonl"
    if first.startswith(b"{"):
        if second.startswith((b'"', b"}")) and not _is_json(first):
            return "JSON that is spread over lines", " Write each object on one: jq -c . FILE > reports.jsonl"
        return "", ""
    for name, delimiter in (("comma", b","), ("semicolon", b";"), ("tab", b"\t")):
        columns = first.count(delimiter)
        if columns and (not second or second.count(delimiter) >= columns):
            return f"a table with {name}s between its columns (CSV)", " docs/producer.md shows the fields of a report."
    return "", ""


def _is_json(value: bytes) -> bool:
    try:
        msgspec.json.decode(value)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False
    return True


def _files_of(path: str) -> list[str]:
    if path == _STANDARD_INPUT or not Path(path).is_dir():
        return [path]
    found = sorted(str(file) for file in Path(path).rglob("*") if file.name.endswith(_SUFFIXES) and file.is_file())
    if not found:
        raise CommandError(
            f"there is no file of reports in {path}: none ends in {', '.join(_SUFFIXES)}.", ExitCode.WRONG_USAGE
        )
    return found


def _uncompressed(raw: BinaryIO) -> BinaryIO:
    peek: Callable[[int], bytes] | None = getattr(raw, "peek", None)
    if peek is not None and peek(2)[:2] == _GZIP:
        return io.BufferedReader(gzip.GzipFile(fileobj=raw))
    return raw


def _position(file: BinaryIO) -> int | None:
    try:
        return file.tell() if file.seekable() else None
    except (OSError, ValueError):
        return None


def _is_pipe(file: BinaryIO) -> bool:
    try:
        return stat.S_ISFIFO(os.fstat(file.fileno()).st_mode)
    except (OSError, ValueError, AttributeError):
        return False
