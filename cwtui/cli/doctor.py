"""`doctor`: what works here, what does not, and the smallest fix, printed and never applied."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Iterable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any

import click

from cwtui.access.doctor import text
from cwtui.access.doctor.findings import SCHEMA, Report, Status, finding_record, report_record
from cwtui.access.doctor.offline import offline_report
from cwtui.access.doctor.plan import plan
from cwtui.access.doctor.probes import features_named
from cwtui.access.doctor.rounds import examine
from cwtui.cli.doctor_role import FORMS, compare_command, role_command
from cwtui.cli.options import common, remember, settings_of
from cwtui.cli.output import Output, say, show, terminal_width
from cwtui.cli.running import run
from cwtui.core.aliases import group_named
from cwtui.core.text import printable
from cwtui.core.timespec import iso
from cwtui.settings import Settings
from cwtui.wiring import Services

FINDING_KEYS = ("id", "title", "status", "severity", "feature", "denied", "evidence", "cause", "context")
COLOURS = {
    Status.OK: "32",
    Status.WARN: "33",
    Status.FAIL: "1;31",
    Status.UNKNOWN: "36",
    Status.SKIPPED: "2",
}


@dataclass(frozen=True, slots=True)
class _Examined:
    """One account and region of the context, and what was found there."""

    name: str
    about: dict[str, Any]
    report: Report
    seconds: float


@click.group("doctor", invoke_without_command=True)
@click.option("--feature", "names", multiple=True, metavar="NAME", help="Probe this alone; repeatable.")
@click.option("--group", default="", metavar="NAME", help="The log group to probe with; else the first.")
@click.option("--bucket", default="", metavar="NAME", help="An export bucket to look at.")
@click.option("--live", is_flag=True, help="Open a live tail for a moment (billed).")
@click.option("--simulate", is_flag=True, help="Ask IAM's policy simulator to explain, too.")
@click.option("--watch", is_flag=True, help="Again and again until all is well: IAM takes a while.")
@click.option(
    "--interval", type=click.FloatRange(0.05), default=5.0, show_default=True, help="Seconds, for --watch."
)
@click.option("--format", "form", type=click.Choice(FORMS), default="cli", help="How fixes are written.")
@common
@click.pass_context
def doctor_command(
    context: click.Context,
    /,
    names: tuple[str, ...],
    group: str,
    bucket: str,
    live: bool,
    simulate: bool,
    watch: bool,
    interval: float,
    form: str,
    **given: Any,
) -> int:
    """Find out what works here, what is denied and why, and the smallest fix. Nothing is changed.

    Exit code 0: all is well, warnings aside. 4: something is denied that reading needs or, with --feature,
    one of those. 3: nobody is signed in. Others: as of every command.
    """
    remember(context, given)
    if context.invoked_subcommand is not None:
        return 0
    settings = settings_of(context)
    output = context.obj.get("output") or "text"
    if output == "raw":
        raise click.UsageError("doctor prints text, json, jsonl or csv.")
    choices = {
        "features": features_named(names),
        "group": group_named(group, settings.aliases).removesuffix(":*"),
        "bucket": bucket.removeprefix("s3://").partition("/")[0],
        "live": live,
        "simulate": simulate,
    }
    ended = 0

    async def work(services: Services) -> None:
        nonlocal ended
        told = _Telling(settings, output, form)
        async with AsyncExitStack() as stack:
            several = await _each(services, stack)
            while True:
                # Each has an endpoint and quotas of its own.
                found = await asyncio.gather(*(_examined(name, one, choices) for name, one in several))
                ended = next((one.report.exit_code for one in found if one.report.exit_code), 0)
                told.round(found, more=watch and ended != 0)
                if not watch or not ended:
                    return
                await asyncio.sleep(interval)
                for _, one in several:
                    await one.renew_if_refused()

    run(settings, work)
    return ended


async def _each(services: Services, stack: AsyncExitStack) -> list[tuple[str, Services]]:
    """The services of each account and region of the context."""
    if not services.settings.members or services.offline:
        return [(services.context.name, services)]
    several = []
    for place, (name, _) in enumerate(services.settings.members):
        one = services.of_member(place)
        stack.push_async_callback(one.aclose)
        several.append((name, one))
    return several


async def _examined(name: str, services: Services, choices: dict[str, Any]) -> _Examined:
    started = time.monotonic()
    bench = services.bench(**choices)
    about: dict[str, Any] = {"context": name, "offline": bench is None}
    if bench is None:
        report = offline_report()
    else:
        report = await examine(bench, plan(bench))
        known = services.context
        about |= {"account": known.account or None, "region": known.region or None}
        about |= {"principal": known.principal or None, "profile": known.profile or None}
    return _Examined(name, about, report, time.monotonic() - started)


class _Telling:
    """Prints the rounds: the first one whole, of the others what changed, and the last one's end."""

    def __init__(self, settings: Settings, output: str, form: str) -> None:
        self._settings = settings
        self._output = output
        self._form = form
        terminal = sys.stdout.isatty()
        self._colour = settings.color == "always" or (settings.color == "auto" and terminal)
        self._width = terminal_width()
        self._before: list[_Examined] = []
        self._started = time.monotonic()

    def round(self, found: Sequence[_Examined], *, more: bool) -> None:
        """Tells a round; `more` follow."""
        first = not self._before
        if self._output == "json":
            if first or not more or self._changed(found):
                show(json.dumps(self._record(found)))
        elif self._output != "text":
            if first or not more:
                self._records(found)
        elif first:
            for one in found:
                self._whole(one, headed=len(found) > 1)
            if more:
                say("Watching until all is well; ctrl+c ends.")
        else:
            self._changes(found, done=not more)
        sys.stdout.flush()
        self._before = list(found)

    def _whole(self, one: _Examined, *, headed: bool) -> None:
        if headed:
            show(f"== {printable(one.name)}")
        findings = one.report.findings
        self._lines(text.table(findings, self._width))
        self._lines(text.causes(findings, self._width, self._form))
        show(f"\n{text.summary(one.report, one.seconds)}")

    def _changes(self, found: Sequence[_Examined], *, done: bool) -> None:
        now = iso(time.time_ns() // 1_000_000, self._settings.tzinfo)
        for before, one in zip(self._before, found, strict=True):
            named = f"{printable(one.name)}: " if len(found) > 1 else ""
            for change in text.changes(before.report, one.report):
                show(f"{now}  {named}{change}")
        if done:
            show(f"All is well after {time.monotonic() - self._started:.0f} s.")

    def _changed(self, found: Sequence[_Examined]) -> bool:
        return any(
            text.changes(before.report, one.report) for before, one in zip(self._before, found, strict=True)
        )

    def _record(self, found: Sequence[_Examined]) -> dict[str, Any]:
        records = [report_record(one.report, one.about) for one in found]
        if len(records) == 1:
            return records[0]
        code = next((one["exitCode"] for one in records if one["exitCode"]), 0)
        return {"schema": SCHEMA, "ok": code == 0, "exitCode": code, "contexts": records}

    def _records(self, found: Sequence[_Examined]) -> None:
        with Output(self._settings, self._output) as output:
            for one in found:
                for finding in one.report.findings:
                    output.record(finding_record(finding) | {"context": one.name}, FINDING_KEYS, "")

    def _lines(self, lines: Iterable[text.Line]) -> None:
        for status, line in lines:
            mark = len(text.MARKS[status]) if status is not None and self._colour else 0
            coloured = f"\x1b[{COLOURS[status]}m{line[:mark]}\x1b[0m" if status is not None and mark else ""
            show(coloured + line[mark:])


doctor_command.add_command(role_command)
doctor_command.add_command(compare_command)
