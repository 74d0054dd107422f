"""`patterns` and `summarize`: what the events mean."""

from __future__ import annotations

import json
import sys
from collections.abc import Awaitable, Callable, Mapping
from contextlib import aclosing
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from cwtui.cli.ask import print_answer
from cwtui.cli.markdown import print_markdown
from cwtui.cli.options import common, remember, settings_of
from cwtui.cli.output import Output, say
from cwtui.cli.running import run
from cwtui.cli.selection import Selection, query_of, selecting, selection_of
from cwtui.core.text import printable, printable_block
from cwtui.core.timespec import iso
from cwtui.investigation import Investigation
from cwtui.settings import Settings
from cwtui.wiring import Services

if TYPE_CHECKING:
    from cwtui.explain.values import Digest, PatternSummary

PATTERN_KEYS = ("id", "level", "count", "share", "first", "last", "text", "events")
CHANGE_KEYS = (*PATTERN_KEYS[:3], "change", "before", "ratio", "p", "grade", *PATTERN_KEYS[3:])
_against = click.option(
    "--against",
    metavar="BASELINE",
    default="",
    help="Say what changed: previous (the window before), yesterday, last-week (the same time), "
    "or SINCE[,UNTIL].",
)


@click.command("patterns")
@selecting
@_against
@click.option("--each", is_flag=True, help="The pattern of every event in order, not the patterns.")
@common
@click.pass_context
def patterns_command(context: click.Context, /, against: str, each: bool, **given: Any) -> None:
    """Group the messages of GROUP... by what they say, with counts.

    With --against also how often each came in a baseline: `change` says new, vanished, more, fewer or
    bursting where that is more than chance, new_weak or vanished_weak where it may be chance, else same.
    """
    chosen = selection_of(given)
    remember(context, given)
    settings = settings_of(context)
    _check_baseline(against)
    if against and each:
        raise click.UsageError("--each names the pattern of every event; --against compares patterns.")

    async def explain(investigation: Investigation) -> None:
        with Output(settings, context.obj.get("output")) as output:
            if each:
                for position, name in enumerate(await investigation.each()):
                    output.record({"n": position, "pattern": name}, ("n", "pattern"), f"{position} {name}")
                return
            digest = await investigation.digest(listed=sys.maxsize)
            names = await investigation.event_names(digest)
            _say_baseline(digest)
            redacted = investigation.redactor()
            for pattern in sorted((*digest.patterns, *digest.vanished), key=_same):
                pattern = replace(pattern, text=redacted(pattern.text))
                record = _pattern_record(pattern, names)
                output.record(record, CHANGE_KEYS if against else PATTERN_KEYS, _line(pattern, settings))

    over_a_window(settings, chosen, explain, against)


def _pattern_record(pattern: PatternSummary, names: Mapping[int, str]) -> dict[str, Any]:
    from cwtui.explain.render import details_json

    record: dict[str, Any] = {
        "id": pattern.id,
        "level": pattern.level.name,
        "count": pattern.count,
        "share": round(pattern.share, 4),
        "first": pattern.first,
        "last": pattern.last,
        "text": pattern.text,
        "events": [names[row] for row in pattern.events],
        **details_json(pattern, lambda rows: [names[row] for row in rows]),
    }
    if pattern.change is not None and pattern.evidence is not None:
        evidence = pattern.evidence
        record |= {"change": str(pattern.change), "before": evidence.before, "ratio": evidence.ratio}
        record |= {"p": evidence.p, "grade": evidence.grade}
    return record


def _line(pattern: PatternSummary, settings: Settings) -> str:
    seen = f"{iso(pattern.first, settings.tzinfo)} … {iso(pattern.last, settings.tzinfo)}"
    head = f"{pattern.id:<4} {pattern.count:>8}  {pattern.level.name:<7}  "
    if pattern.change is not None and pattern.evidence is not None:
        evidence = pattern.evidence
        grade = "" if pattern.change == "same" else evidence.grade
        head += f"{pattern.change:<13} {grade:<6} {evidence.before:>8} before  x{evidence.ratio:<8.3g} "
    return f"{head}{seen}  {printable(pattern.text)}"


def _same(pattern: PatternSummary) -> int:
    """What changed comes first, then what may be chance, then the rest; each as ranked."""
    from cwtui.explain.compare import CHANGED, Kind

    if pattern.change in CHANGED:
        return 0
    return 2 if pattern.change is Kind.SAME else 1


def _check_baseline(against: str) -> None:
    if against == "rest":
        raise click.UsageError("`rest` needs a chosen part of a window; here, give --against SINCE,UNTIL.")


def _say_baseline(digest: Digest) -> None:
    """What was compared with; that there was nothing to compare with, when there was not."""
    baseline = digest.scope.baseline
    if baseline is None:
        return
    window = f"{iso(baseline.start)} to {iso(baseline.end)}"
    if baseline.events:
        say(f"against {baseline.name}: {baseline.events:,} events, {window}.")
    else:
        say(
            f"nothing to compare with: {baseline.name} ({window}) holds no events.",
            "Choose a later --since, or give --against SINCE,UNTIL.",
        )


@click.command("summarize")
@selecting
@_against
@click.option("--llm/--no-llm", "use_llm", default=None, help="Let a local model add words below the digest.")
@click.option("--model", metavar="NAME", help="The model to ask, as `ollama list` names it.")
@click.option(
    "--ask",
    "question",
    metavar="QUESTION",
    help='Answer a question instead: "how many errors in checkout?", "what came before the first timeout?".',
)
@common
@click.pass_context
def summarize_command(
    context: click.Context,
    /,
    against: str,
    use_llm: bool | None,
    model: str | None,
    question: str | None,
    **given: Any,
) -> None:
    """Say what happened in GROUP..., each line with the events it rests on.

    Markdown, or with -o json one object. --against adds what changed since a baseline. --ask is answered
    by counting where that is all it takes; else the events that speak of it are shown, and with --llm put
    into words.
    """
    chosen = selection_of(given)
    remember(context, given)
    if use_llm is not None:
        context.obj["use_llm"] = use_llm
    settings = settings_of(context)
    _check_baseline(against)
    form = context.obj.get("output") or "text"
    if form not in ("text", "json"):
        raise click.UsageError("summarize prints text (Markdown) or json.")

    async def explain(investigation: Investigation) -> None:
        from cwtui.explain.render import digest_json

        if question is not None:
            await print_answer(investigation, question, model or "", as_json=form == "json")
            return
        digest = await investigation.digest()
        _say_baseline(digest)
        if form == "json":
            names = await investigation.event_names(digest)
            click.echo(json.dumps(digest_json(digest, names.__getitem__, investigation.redactor())))
            return
        print_markdown(printable_block(await investigation.report(digest)), settings)
        if settings.use_llm:
            await _words(investigation, digest, model or "")

    over_a_window(settings, chosen, explain, against)


async def _words(investigation: Investigation, digest: Digest, model: str) -> None:
    from cwtui.explain.narrate import Stage

    async with aclosing(investigation.narrate(digest, model)) as states:
        async for state in states:
            last = state
    if last.stage is Stage.FAILED:
        say(last.message, last.hint)
        return
    say(f"{printable(last.model)}: {last.verified}.")
    said = "\n".join(f"- {printable(sentence.text)}" for sentence in last.sentences)
    print_markdown(f"\n## In a model's words ({printable(last.model)})\n\n{said}", investigation.settings)
    if last.message:
        say(last.message)


def over_a_window(
    settings: Settings,
    chosen: Selection,
    explain: Callable[[Investigation], Awaitable[None]],
    against: str = "",
) -> None:
    """Loads what was chosen, explains it, and says what of it could not be had."""
    filters = chosen.filters()
    chosen.check_pattern()

    async def work(services: Services) -> None:
        query = await query_of(services, chosen)
        investigation = services.investigation()
        try:
            await investigation.set_filters(filters)
            await investigation.open(query)
            await investigation.compare_with(against)
            await explain(investigation)
        finally:
            for sentence in investigation.load_state.partial:
                say(f"not everything: {sentence}")
            await investigation.aclose()

    run(settings, work)
