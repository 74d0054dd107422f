"""An export, composed: from what the user asked for and the events in hand to the files of an exporter."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import partial

from cwtui.core.errors import InputError
from cwtui.core.models import Columns
from cwtui.core.ports import Part
from cwtui.core.timespec import iso
from cwtui.deliver.encode import FORMATS, Redact, csv_table, gzipped, jsonl, markdown, redacted
from cwtui.deliver.manifest import About
from cwtui.deliver.parquet import parquet
from cwtui.deliver.recording import recording_parts

_BY_EXTENSION = {form.extension: form.name for form in FORMATS.values() if form.extension} | {
    ".ndjson": "jsonl",
    ".markdown": "md",
}
_EXTENSION = re.compile(r"\.[A-Za-z][A-Za-z0-9]{0,8}")
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")
# Names that Windows gives to devices, whatever follows the dot.
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\.|$)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ExportRequest:
    """What to write, where to, and how much of it is blacked out; made by `export_request`."""

    format: str
    """A name in `encode.FORMATS`."""
    target: str
    """A path, or `s3://bucket/prefix`."""
    redact: bool = False
    pii: bool = False
    """E-mail addresses, telephone and card numbers too."""

    @property
    def wants_digest(self) -> bool:
        """Whether `parts_of` needs the digest's Markdown."""
        return self.format == "md"


def export_request(
    target: str, form: str = "", *, no_redact: bool = False, pii: bool = False
) -> ExportRequest:
    """The request behind `--to TARGET --format FORM`; without a format, the target's extension tells.

    Recording, jsonl, csv and parquet on the local disk are exact; Markdown and everything that goes to S3
    is redacted unless `no_redact` (promise 6). Raises InputError.
    """
    if not target.strip():
        raise InputError(
            "There is no target to export to.", "Give a path, or s3://bucket/prefix.", code="target"
        )
    chosen = form or _inferred(target)
    if chosen not in FORMATS:
        raise InputError(f"'{chosen}' is not a format.", f"Use one of {', '.join(FORMATS)}.", code="format")
    if chosen in ("recording", "parquet") and _base(target).lower().endswith(".gz"):
        raise InputError(
            f"{chosen} packs its data itself, so '{target}' cannot be gzip.", "Leave out .gz.", code="format"
        )
    leaves = target.startswith("s3://") or FORMATS[chosen].redacted
    return ExportRequest(chosen, target, redact=pii or (leaves and not no_redact), pii=pii)


def parts_of(
    request: ExportRequest, chunks: Iterable[Columns], about: About, digest: str = "", redact: Redact = str
) -> Iterator[Part]:
    """The files of the export, to be taken in order, once; bytes are made as they are taken.

    `chunks` are the events in display order, `digest` is Markdown (for `wants_digest`), `redact` is used
    where the request says so. A part without a name is the target itself.
    """
    if request.redact:
        chunks = redacted(chunks, redact)
        digest = redact(digest)
        about = replace(
            about, query=redact(about.query), partial=tuple(redact(note) for note in about.partial)
        )
    about = replace(about, redacted=request.redact)
    if request.format == "recording":
        yield from recording_parts(chunks, about)
        return
    encoders: dict[str, Callable[[Iterable[Columns]], Iterator[bytes]]] = {
        "jsonl": jsonl,
        "csv": csv_table,
        "parquet": parquet,
        "md": partial(markdown, digest=digest),
    }
    data = encoders[request.format](chunks)
    name = _file_name(request)
    yield Part(name, gzipped(data) if (name or request.target).lower().endswith(".gz") else data)


def suggested_target(groups: Iterable[str], at: int) -> str:
    """A folder name for a dialog to begin with: what was looked at, and when (ms UTC)."""
    names = sorted(set(groups))
    slug = _UNSAFE.sub("-", names[0]).strip("-.")[:60] if len(names) == 1 else f"{len(names)}-groups"
    if not slug or _RESERVED.match(slug):
        slug = f"logs-{slug}"
    return f"{slug}-{re.sub('[-:]', '', iso(at)[:19])}Z"


def _inferred(target: str) -> str:
    base = _base(target).lower()
    stem = base.removesuffix(".gz")
    extension = _EXTENSION.fullmatch("." + stem.rpartition(".")[2]) if "." in stem.lstrip(".") else None
    if base == stem and extension is None:
        return "recording"
    known = _BY_EXTENSION.get(extension.group() if extension else "")
    if known is None:
        raise InputError(
            f"The ending of '{target}' names no format.",
            f"End it in {', '.join(sorted(_BY_EXTENSION))}, in nothing for a recording, or give --format.",
            code="format",
        )
    return known


def _base(target: str) -> str:
    path = target.removeprefix("s3://").partition("/")[2] if target.startswith("s3://") else target
    return path.rpartition("/")[2]


def _file_name(request: ExportRequest) -> str:
    """Empty where the target is the file; else the name of the file within it.

    A path is taken for the file, as every program does; an S3 prefix without an extension for a folder.
    """
    base = _base(request.target)
    if base and (not request.target.startswith("s3://") or "." in base):
        return ""
    return f"events{FORMATS[request.format].extension}"
