"""`export` and `open`: keep events, and open what was kept."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import click

from cwtui.cli.main import start_tui
from cwtui.cli.options import common, remember, settings_of
from cwtui.cli.output import Output, say
from cwtui.cli.running import run
from cwtui.cli.selection import query_of, selecting, selection_of
from cwtui.core.aliases import MARK, groups_named
from cwtui.core.errors import InputError, NotFound
from cwtui.core.ports import ExportProgress
from cwtui.core.text import human_bytes, printable
from cwtui.wiring import Services, Start

_STDIN = "-"
_PACKED = {".gz", ".zst"}
_TEXTS = {".log", ".txt"}
_FILE_ENDINGS = {*_PACKED, *_TEXTS, ".json", ".jsonl", ".ndjson", ".csv", ".parquet"}
RESULT_KEYS = ("target", "files", "bytes", "events")


@click.command("export")
@selecting
@click.option(
    "--to", "target", required=True, metavar="DEST", help="A folder, a file, or s3://bucket/prefix."
)
@click.option(
    "--format",
    "form",
    type=click.Choice(("recording", "jsonl", "csv", "parquet", "md")),
    help="Without it, the ending of DEST tells; a recording where it has none.",
)
@click.option("--no-redact", is_flag=True, help="Leave secrets in what goes to S3 or into Markdown.")
@click.option("--redact", type=click.Choice(("pii",)), help="Black out e-mail, phone and card numbers too.")
@common
@click.pass_context
def export_command(
    context: click.Context,
    /,
    target: str,
    form: str | None,
    no_redact: bool,
    redact: str | None,
    **given: Any,
) -> None:
    """Write the events of GROUP... to DEST; a recording opens again with `cwtui open` or --from.

    S3 needs --allow-write.
    """
    from cwtui.deliver.export import export_request

    chosen = selection_of(given)
    remember(context, given)
    settings = settings_of(context)
    request = export_request(
        target, form or "", no_redact=no_redact or not settings.redact, pii=redact == "pii"
    )
    filters = chosen.filters()
    chosen.check_pattern()

    async def work(services: Services) -> None:
        query = await query_of(services, chosen)
        services.exporter_for(target)  # refuse before minutes of loading, not after
        investigation = services.investigation()
        try:
            await investigation.set_filters(filters)
            await investigation.open(query)
            result = await investigation.export(request, report=_meter())
            record = {
                "target": result.target,
                "files": list(result.files),
                "bytes": result.bytes_written,
                "events": len(investigation.view),
            }
            text = (
                f"{len(investigation.view):,} events, {human_bytes(result.bytes_written)}"
                f" -> {printable(result.target)}"
            )
            with Output(settings, context.obj.get("output")) as output:
                output.record(record, RESULT_KEYS, text)
        finally:
            for sentence in investigation.load_state.partial:
                say(f"not everything: {sentence}")
            await investigation.aclose()

    run(settings, work)


@click.command("open")
@click.argument("targets", nargs=-1, required=True, metavar="TARGET...")
@click.option("--since", metavar="TIME", default="", help="From: 15m, 2h30m, ISO 8601.")
@click.option("--until", metavar="TIME", default="", help="Up to, not included.")
@click.option("--stream", metavar="PREFIX", default="", help="Only streams whose name begins so.")
@click.option("--filter", "pattern", metavar="PATTERN", default="", help="CloudWatch filter pattern.")
@click.option("--where", metavar="EXPR", default="", help="cwtui's own filter.")
@common
@click.pass_context
def open_command(
    context: click.Context,
    /,
    targets: tuple[str, ...],
    since: str,
    until: str,
    stream: str,
    pattern: str,
    where: str,
    **given: Any,
) -> int:
    """Open the terminal explorer on log groups, or on recordings and files.

    A word that exists on disk, or begins with ./ ../ or ~, is a path; - is what is piped in.
    """
    remember(context, given)
    paths = [target for target in targets if _is_path(target)]
    groups = tuple(target for target in targets if not _is_path(target))
    if any(group.startswith(MARK) for group in groups):
        groups = groups_named(groups, settings_of(context).aliases)
    if paths:
        already = tuple(context.obj.get("from_paths", ()))
        context.obj["from_paths"] = (*already, *(str(Path(path).expanduser()) for path in paths))
    missing = [path for path in paths if path != _STDIN and not Path(path).expanduser().exists()]
    files = [path for path in context.obj.get("from_paths", ()) if path not in missing]
    missing += [group for group in groups if _is_meant_as_file(group, files)]
    if missing:
        raise _no_file(missing[0])
    if _STDIN in context.obj.get("from_paths", ()):
        _keys_from_the_terminal()
    everything = bool(paths) and not groups
    return start_tui(context, Start(groups, everything, since, until, stream, pattern, where))


def _is_path(target: str) -> bool:
    return target == _STDIN or target.startswith(("./", "../", "~")) or Path(target).exists()


def _is_meant_as_file(word: str, opened: Sequence[str]) -> bool:
    """Whether a word that names nothing on disk is a mistyped path rather than a log group."""
    from cwtui.deliver.recording import read_manifest

    if any(group.name == word for path in opened for group in read_manifest(path).groups):
        return False
    if Path(word).suffix.lower() in _FILE_ENDINGS:
        # A log group may be called after the file that an agent sends: /var/log/nginx/access.log.
        return not word.startswith("/") or Path(word).parent.is_dir()
    # Text has no groups but itself.
    return bool(opened) and all(_is_text(Path(path)) for path in opened)


def _is_text(path: Path) -> bool:
    unpacked = path.with_suffix("") if path.suffix.lower() in _PACKED else path
    return path.is_file() and unpacked.suffix.lower() in _TEXTS


def _no_file(word: str) -> NotFound:
    path = Path(word).expanduser()
    try:
        near = get_close_matches(path.name, os.listdir(path.parent), 3, 0.6)
    except OSError:
        near = []
    here = [str(Path(word).with_name(name)) for name in near]
    hint = f"Did you mean {' or '.join(here)}?" if here else "Check the path."
    if not path.parent.is_dir():
        hint = f"The folder {path.parent} does not exist either."
    if not word.startswith(("./", "../", "~")):
        hint += (
            f" A log group of that name: cwtui events {shlex.quote(word)}, or choose it in the list of cwtui."
        )
    return NotFound(f"There is no file or folder {word}.", hint, code="file")


def _keys_from_the_terminal() -> None:
    """Leaves what is piped in to `sys.stdin`, and gives the explorer the terminal as its input.

    Raises InputError where nothing is piped in or there is no terminal.
    """
    if sys.stdin is None or sys.stdin.isatty():
        raise InputError(
            "Stdin is a terminal: nothing is piped in.", "Write `producer | cwtui open -`.", code="stdin"
        )
    try:
        terminal = os.open("/dev/tty", os.O_RDWR)
    except OSError as error:
        raise InputError(
            "There is no terminal to read keys from beside the pipe.",
            "Use `cwtui events --from -`, or open a file.",
            code="stdin",
        ) from error
    sys.stdin = os.fdopen(os.dup(0))
    os.dup2(terminal, 0)
    os.close(terminal)


def _meter() -> Any:
    """Shows how much was handed over, on a terminal only."""
    if not sys.stderr.isatty():
        return lambda progress: None

    def show(progress: ExportProgress) -> None:
        sys.stderr.write(f"\r{printable(progress.file)} {human_bytes(progress.bytes_done):>10}\x1b[K")
        sys.stderr.flush()

    return show
