"""`summarize --ask`: an answer as Markdown or as one JSON object."""

from __future__ import annotations

import json
from contextlib import aclosing
from typing import TYPE_CHECKING

import click

from cwtui.cli.markdown import print_markdown
from cwtui.cli.output import say
from cwtui.core.text import printable, printable_block
from cwtui.investigation import Investigation

if TYPE_CHECKING:
    from cwtui.explain.ask.answer import Answer


async def print_answer(investigation: Investigation, question: str, model: str, *, as_json: bool) -> None:
    """Answers a question about what an investigation shows. Raises InputError where it is none."""
    from cwtui.explain.ask.render import answer_json

    answer = await investigation.ask(question)
    if answer.digest is not None and investigation.settings.use_llm:
        answer = await _with_words(investigation, answer, model)
    if as_json:
        names = await investigation.event_names(answer)
        click.echo(json.dumps(answer_json(answer, names.__getitem__, investigation.redactor())))
        return
    print_markdown(printable_block(await investigation.report(answer)), investigation.settings)


async def _with_words(investigation: Investigation, answer: Answer, model: str) -> Answer:
    from cwtui.explain.narrate import Stage

    assert answer.digest is not None
    async with aclosing(investigation.narrate(answer.digest, model, answer.question)) as states:
        async for state in states:
            last = state
    if last.stage is Stage.FAILED:
        say(last.message, last.hint)
    else:
        say(f"{printable(last.model)}: {last.verified or 'no answer'}.")
    return answer.said_by(last)
