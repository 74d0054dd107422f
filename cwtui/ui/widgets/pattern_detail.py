"""What is known of the pattern under the cursor: its whole template, when, where, what its slots hold."""

from __future__ import annotations

from datetime import UTC, tzinfo

from rich.cells import cell_len
from textual.content import Content
from textual.geometry import Size
from textual.widget import Widget

from cwtui.core.text import middle, printable
from cwtui.explain.masks import WILDCARD
from cwtui.investigation.patterns import PatternInside
from cwtui.ui.widgets.pattern_list import PatternLine
from cwtui.ui.widgets.pattern_paint import (
    chart,
    fitted,
    level_style,
    level_word,
    moment_words,
    share_words,
    slot_names,
    template,
)

_NAME_CELLS = 14
_CHART_ROWS = 5
_EXAMPLE = 1_000
_EXAMPLE_LINES = 4


class PatternDetail(Widget):
    """Beside the list where there is room, else beneath it."""

    DEFAULT_CSS = """
    PatternDetail { width: 1fr; height: 1fr; padding: 0 1; color: $foreground; }
    """

    def __init__(self, *, zone: tzinfo = UTC, ascii_only: bool = False) -> None:
        super().__init__()
        self._line: PatternLine | None = None
        self._span = (0, 1)
        self._inside: PatternInside | None = None
        self._zone = zone
        self._ascii = ascii_only

    def show(
        self, line: PatternLine | None, span: tuple[int, int], inside: PatternInside | None = None
    ) -> None:
        """Another pattern, or other figures; `span` is the stretch of time its counts are spread over.

        `inside` is None until it is known.
        """
        self._line, self._span, self._inside = line, span, inside
        self.refresh()

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        return container.height

    def render(self) -> Content:
        if self._line is None:
            return Content("")
        width, height = self.size.width, self.size.height
        tall = height >= 18
        lines = [self._head(self._line), *self._template(self._line, width, 6 if tall else 2)]
        if tall:
            lines += [Content(""), *self._chart(self._line, width), Content("")]
        lines += self._facts(self._line, width, tall)
        if tall:
            lines.append(Content(""))
        lines += self._values(self._line)
        if tall and self._inside is not None and self._inside.examples:
            lines += [Content(""), *self._examples(self._inside.examples, width)]
        return Content("\n").join(each.truncate(width, ellipsis=True) for each in lines[:height])

    def _head(self, line: PatternLine) -> Content:
        row = line.row
        return Content.assemble(
            (level_word(row.level) if row.level else "no level", f"bold {level_style(row.level)}"),
            "  ",
            (f"{row.count:,}", "bold"),
            (f" event{'' if row.count == 1 else 's'}, {share_words(line.share)}", "$muted"),
            ("   too many to tell apart, put together by how they begin" if row.overflow else "", "$warning"),
        )

    def _template(self, line: PatternLine, width: int, most: int) -> list[Content]:
        wrapped = template(line.row.text).wrap(max(1, width))
        if len(wrapped) > most:
            cut = wrapped[most - 1].truncate(max(1, width - 2))
            wrapped = [*wrapped[: most - 1], Content.assemble(cut, "..." if self._ascii else " …")]
        return list(wrapped)

    def _chart(self, line: PatternLine, width: int) -> list[Content]:
        tone = level_style(line.row.level)
        cells = min(width, 120)
        bars = chart(line.counts, cells, _CHART_ROWS, ascii_only=self._ascii)
        start, end = moment_words(*self._span, self._zone)
        axis = start + " " * max(1, cells - len(start) - len(end)) + end
        return [*(Content.styled(bar, tone) for bar in bars), Content.styled(axis, "$faint")]

    def _facts(self, line: PatternLine, width: int, tall: bool) -> list[Content]:
        row = line.row
        first, last = moment_words(row.first, row.last, self._zone)
        when = Content.assemble(("first ", "$muted"), first, ("   last ", "$muted"), last)
        number = f"{row.streams:,}{'+' if row.streams >= 1_000 else ''}"
        where = Content.assemble(
            (f"   in {number} stream{'' if row.streams == 1 else 's'}", "$muted"),
        )
        lines = [Content.assemble(when, where)]
        for group, stream, count in row.places if tall else ():
            name = str(middle(f"{group}  {stream}", max(8, width - 10)))
            lines.append(Content.assemble((f"{count:>8,}", "$muted"), "  ", name))
        return lines

    def _examples(self, messages: tuple[str, ...], width: int) -> list[Content]:
        lines = [Content.styled("for example", "$muted")]
        for message in messages:
            wrapped = Content(str(printable(message.rstrip()[:_EXAMPLE]))).wrap(max(1, width - 2))
            for place, each in enumerate(wrapped[:_EXAMPLE_LINES]):
                lines.append(Content.assemble(("  " if place else "- ", "$faint"), each))
        return lines

    def _values(self, line: PatternLine) -> list[Content]:
        names = slot_names(line.row.text)
        if not names or line.row.overflow:
            return []
        if self._inside is None:
            return [Content.styled("reading what stands in its slots ...", "$faint")]
        known = [pair for pair in zip(names, self._inside.slots, strict=False) if pair[1] != WILDCARD]
        cells = min(_NAME_CELLS, max((cell_len(name) for name, _ in known), default=0))
        return [
            Content.assemble(
                (fitted(str(middle(name, cells)) if name else "", cells), "$secondary"),
                "  ",
                str(printable(value)),
            )
            for name, value in known
        ]
