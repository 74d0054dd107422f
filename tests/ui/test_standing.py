"""What the headers are told of the context while time goes by: no terminal."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

from cwtui.core.models import Context
from cwtui.ui.standing import Standing
from cwtui.ui.widgets.header import Crumbs, Header

MINUTE = 60_000


class FakeScreen:
    def __init__(self, header: Header) -> None:
        self.header = header

    def query(self, kind: type[Header]) -> list[Header]:
        return [self.header]


class FakeApp:
    """As much of the app as the standing looks at."""

    def __init__(self, context: Context) -> None:
        self.now = 0
        self.services = SimpleNamespace(context=context, clock=lambda: self.now)
        self.header = Header(Crumbs(context))
        self.screen_stack = [FakeScreen(self.header)]
        self.told: list[str] = []
        self.begun = 0

    def say(self, text: str, **_: Any) -> None:
        self.told.append(text)

    def run_worker(self, work: Any, **_: Any) -> None:
        work.close()
        self.begun += 1


def standing(app: FakeApp) -> Standing:
    return Standing(cast("Any", app))


def test_what_is_learnt_reaches_the_headers_and_the_account_is_asked_about_once() -> None:
    app = FakeApp(Context("prod"))
    looked = standing(app)
    looked.look()
    assert app.begun == 0
    app.services.context = Context("prod", account="123456789012", alias="acme")
    looked.look()
    looked.look()
    assert app.begun == 1
    assert app.header.crumbs == Crumbs(app.services.context)


def test_the_end_of_the_credentials_is_warned_of_once_for_each_end() -> None:
    app = FakeApp(Context("prod", expires=30 * MINUTE))
    looked = standing(app)
    for minute in range(40):
        app.now = minute * MINUTE
        looked.look()
    assert len(app.told) == 1
    assert app.told[0].startswith("The credentials of prod end in 10m")
    assert app.header.now == 39 * MINUTE
    app.services.context = replace(app.services.context, expires=45 * MINUTE)
    looked.look()
    assert len(app.told) == 2


def test_a_recording_has_no_account_to_ask_about() -> None:
    app = FakeApp(Context("demo", account="111122223333", offline=True))
    standing(app).look()
    assert app.begun == 0
