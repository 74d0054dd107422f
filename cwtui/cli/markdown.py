"""Markdown on a terminal, and as it is to a pipe."""

from __future__ import annotations

import sys

import click

from cwtui.settings import Settings


def print_markdown(text: str, settings: Settings) -> None:
    """Markdown as it is to a pipe, laid out on a terminal; never a link. It must be printable already."""
    if not sys.stdout.isatty():
        click.echo(text)
        return
    from rich.console import Console
    from rich.markdown import Markdown

    console = Console(no_color=settings.color == "never", highlight=False, markup=False, emoji=False)
    console.print(Markdown(text, hyperlinks=False))
