"""Requests that widgets and screens send up to the app."""

from __future__ import annotations

from dataclasses import dataclass

from textual.message import Message


@dataclass
class OpenEvents(Message):
    """Show the events of these groups, or of some streams of the one group."""

    groups: tuple[str, ...]
    streams: tuple[str, ...] = ()


@dataclass
class OpenStreams(Message):
    """Show the streams of a group."""

    group: str
