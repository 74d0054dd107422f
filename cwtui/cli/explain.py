"""`patterns` and `summarize`: what the events mean."""

from __future__ import annotations

import json
import sys
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

import click

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
    from cwtui.explain.values import Digest

PATTERN_KEYS = ("id", "level", "count", "share", "first", "last", "text", "events")


@click.command("patterns")
@selecting
@common
@click.pass_context
def patterns_command(context: click.Context, /, **given: Any) -> None:
    """Group the messages of GROUP... by what they say, with counts."""
    chosen = selection_of(given)
    remember(context, given)
    settings = settings_of(context)

    async def explain(investigation: Investigation) -> None:
        digest = await investigation.digest()
        names = await investigation.event_names(digest)
        with Output(settings, context.obj.get("output")) as output:
            for pattern in digest.patterns:
                record = {
                    "id": pattern.id,
                    "level": pattern.level.name,
                    "count": pattern.count,
                    "share": round(pattern.share, 4),
                    "first": pattern.first,
                    "last": pattern.last,
                    "text": pattern.text,
                    "events": [names[row] for row in pattern.events],
                }
                seen = f"{iso(pattern.first, settings.tzinfo)} … {iso(pattern.last, settings.tzinfo)}"
                head = f"{pattern.id:<4} {pattern.count:>8}  {pattern.level.name:<7}  {seen}"
                output.record(record, PATTERN_KEYS, f"{head}  {printable(pattern.text)}")

    _over_a_window(settings, chosen, explain)


@click.command("summarize")
@selecting
@click.option("--llm/--no-llm", "use_llm", default=None, help="Let a local model add words below the digest.")
@click.option("--model", metavar="NAME", help="The model to ask, as `ollama list` names it.")
@common
@click.pass_context
def summarize_command(
    context: click.Context, /, use_llm: bool | None, model: str | None, **given: Any
) -> None:
    """Say what happened in GROUP..., each line with the events it rests on.

    Markdown, or with -o json one object.
    """
    chosen = selection_of(given)
    remember(context, given)
    if use_llm is not None:
        context.obj["use_llm"] = use_llm
    settings = settings_of(context)
    form = context.obj.get("output") or "text"
    if form not in ("text", "json"):
        raise click.UsageError("summarize prints text (Markdown) or json.")

    async def explain(investigation: Investigation) -> None:
        from cwtui.explain.render import digest_json

        digest = await investigation.digest()
        if form == "json":
            names = await investigation.event_names(digest)
            click.echo(json.dumps(digest_json(digest, names.__getitem__)))
            return
        _print_markdown(printable_block(await investigation.report(digest)), settings)
        if settings.use_llm:
            await _words(investigation, digest, model or "")

    _over_a_window(settings, chosen, explain)


async def _words(investigation: Investigation, digest: Digest, model: str) -> None:
    from cwtui.explain.narrate import Stage

    async with aclosing(investigation.narrate(digest, model)) as states:
        async for state in states:
            last = state
    if last.stage is Stage.FAILED:
        say(last.message, last.hint)
        return
    said = "\n".join(f"- {printable(sentence.text)}" for sentence in last.sentences)
    _print_markdown(f"\n## In a model's words ({printable(last.model)})\n\n{said}", investigation.settings)
    if last.message:
        say(last.message)


def _print_markdown(text: str, settings: Settings) -> None:
    """Markdown as it is to a pipe, laid out on a terminal; never a link."""
    if not sys.stdout.isatty():
        click.echo(text)
        return
    from rich.console import Console
    from rich.markdown import Markdown

    console = Console(no_color=settings.color == "never", highlight=False, markup=False, emoji=False)
    console.print(Markdown(text, hyperlinks=False))


def _over_a_window(
    settings: Settings, chosen: Selection, explain: Callable[[Investigation], Awaitable[None]]
) -> None:
    filters = chosen.filters()
    chosen.check_pattern()

    async def work(services: Services) -> None:
        query = await query_of(services, chosen)
        investigation = services.investigation()
        try:
            await investigation.set_filters(filters)
            await investigation.open(query)
            await explain(investigation)
        finally:
            for sentence in investigation.load_state.partial:
                say(f"not everything: {sentence}")
            await investigation.aclose()

    run(settings, work)
