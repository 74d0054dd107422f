"""Writes docs/keys.md from the table of keys; `make keys` runs it."""

from __future__ import annotations

from pathlib import Path

from cwtui.core.keymap import key_page

Path(__file__).with_name("keys.md").write_text(key_page(), encoding="utf-8")
