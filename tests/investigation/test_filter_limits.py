from __future__ import annotations

import pytest

from cwtui.adapters.files import FileExporter
from cwtui.core.errors import LimitReached
from cwtui.core.models import Query, TimeWindow
from cwtui.investigation import Investigation
from cwtui.lang.where import FilterStack, from_bar
from cwtui.settings import Settings
from tests.ui.scripted import GROUP, NOW, ScriptedReader, event, many

LINES = [*many(50), event(0.5, '{"status": 500, "error": {"code": 1}}')]


def session(limit_s: float = 60) -> Investigation:
    return Investigation(
        ScriptedReader(LINES),
        clock=lambda: NOW,
        settings=Settings(),
        exporter_for=lambda _: FileExporter(),
        filter_limit_s=limit_s,
    )


async def test_a_filter_that_takes_too_long_is_given_up_and_the_view_stays() -> None:
    investigation = session(limit_s=0)
    try:
        await investigation.open(Query((GROUP,), TimeWindow(0)))
        with pytest.raises(LimitReached, match="not through 51 events"):
            await investigation.set_filters(FilterStack((from_bar("upstream"),)))
        assert len(investigation.view) == 51
        assert investigation.filters == FilterStack()
        assert investigation.searched == investigation.loaded
    finally:
        await investigation.aclose()


async def test_the_fields_that_no_event_has_are_named() -> None:
    investigation = session()
    try:
        await investigation.open(Query((GROUP,), TimeWindow(0)))
        for text, missing in (
            ("statu >= 1 and error.code = 2", ("statu",)),
            ("error.kode = 1", ("error.kode",)),
            ("{ $.status = 9 && $.nope = 1 }", ("nope",)),
            ("no such text", ()),
        ):
            await investigation.set_filters(FilterStack((from_bar(text), from_bar("gone = 1").toggled())))
            assert await investigation.missing_fields() == missing
    finally:
        await investigation.aclose()
