"""Errors that teach: their cards, what the keys copy, and how each is reached."""

from __future__ import annotations

import json

import pytest
from textual.widgets import OptionList

from cwtui.access.error_catalogue import Failure, explain_error
from cwtui.core.errors import CwtuiError, InputError
from cwtui.ui.screens.doctor import DoctorScreen
from cwtui.ui.screens.error_card import ErrorCardScreen, laid_out, ticket
from cwtui.ui.screens.streams import StreamsScreen
from cwtui.wiring import Start
from tests.ui.scripted import GROUP, EventsApp, event, loaded, until
from tests.ui.scripted import ScriptedReader as EventsReader
from tests.ui.shell import ScriptedReader, group, make_app, running, screen_text, settle

WHO = "arn:aws:sts::123456789012:assumed-role/oncall/ana"


def denied(operation: str, resource: str = "/aws/lambda/shop") -> CwtuiError:
    return explain_error(
        Failure(
            "AccessDeniedException",
            f"User: {WHO} is not authorized to perform: logs:{operation} on resource: "
            f"arn:aws:logs:eu-west-1:123456789012:log-group:{resource}:log-stream: because no identity-based "
            f"policy allows the logs:{operation} action",
            operation=operation,
            resource=resource,
            region="eu-west-1",
            status=400,
            request_id="11111111-aaaa",
        )
    )


@pytest.mark.parametrize("size", [(80, 24), (200, 60)])
async def test_enter_on_a_list_that_failed_opens_its_card_and_keys_copy(size: tuple[int, int]) -> None:
    app = make_app(ScriptedReader([denied("DescribeLogGroups", "")]))
    async with running(app, size) as pilot:
        await pilot.press("enter")
        await settle(pilot)
        assert isinstance(app.screen, ErrorCardScreen)
        shown = screen_text(app)
        assert "may not list log groups" in shown
        assert "No identity-based policy allows logs:DescribeLogGroups" in shown
        assert '"Action": "logs:DescribeLogGroups"' in shown
        assert "y copies the fix" in shown
        await pilot.press("y")
        await settle(pilot)
        assert json.loads(app.clipboard)["Action"] == "logs:DescribeLogGroups"
        await pilot.press("Y")
        await settle(pilot)
        assert "requestId: 11111111-aaaa" in app.clipboard
        assert "code: cwtui.perm.denied" in app.clipboard
        if size[1] < 30:
            await pilot.press("G")
            await settle(pilot)
        assert "11111111-aaaa" in screen_text(app)
        await pilot.press("escape")
        assert len(app.screen_stack) == 1
        # And a group can be typed all the same.
        await pilot.press(*"/shop", "enter")
        assert app.opened == [(("/shop",), ())]


async def test_streams_that_cannot_be_listed_are_opened_by_name() -> None:
    app = make_app(ScriptedReader([[group("/shop")]], [denied("DescribeLogStreams", "/shop")]))
    async with running(app) as pilot:
        await pilot.press("enter")
        await settle(pilot)
        assert isinstance(app.screen, StreamsScreen)
        assert "Enter says why" in screen_text(app)
        await pilot.press("slash", *"web/1")
        await settle(pilot)
        assert "Enter opens it all the same" in screen_text(app)
        await pilot.press("enter")
        assert app.opened == [(("/shop",), ("web/1",))]


async def test_a_toast_says_which_key_opens_its_card_and_errors_lists_the_last_twenty() -> None:
    app = make_app()
    async with running(app) as pilot:
        await pilot.press("ctrl+e")
        assert app.told == ["Nothing has failed so far."]
        for number in range(25):
            app.show_error(explain_error(Failure("ThrottlingException", operation=f"Op{number}", status=400)))
        assert app.told[-1].endswith("\nctrl+e says why")
        app.show_error(InputError("Not so.", "So."))
        assert app.told[-1] == "Not so.\nSo."
        await pilot.press("ctrl+e")
        await settle(pilot)
        assert "Not so." in screen_text(app)
        await pilot.press("escape")
        app.do("errors")
        await settle(pilot)
        assert app.screen.query_one(OptionList).option_count == 20
        await pilot.press("j", "enter")
        await settle(pilot)
        assert isinstance(app.screen, ErrorCardScreen)
        assert "Op24" in screen_text(app)
        await pilot.press("D")
        await settle(pilot)
        assert isinstance(app.screen, DoctorScreen)


async def test_enter_on_events_that_failed_says_why() -> None:
    reader = EventsReader([event(5, "fine")])
    reader.failures[GROUP] = denied("FilterLogEvents", GROUP)
    app = EventsApp(reader)
    async with app.run_test(size=(120, 40)) as pilot:
        await loaded(app, pilot)
        await until(pilot, lambda: "Enter says why" in screen_text(app))
        assert "ctrl+e says why" in screen_text(app)
        await pilot.press("enter")
        await until(pilot, lambda: "log-group:" in screen_text(app))
        assert isinstance(app.screen, ErrorCardScreen)
        assert f"log-group:{GROUP}" in screen_text(app)


async def test_a_group_that_is_refused_among_several_has_its_card() -> None:
    reader = EventsReader([event(5, "fine")])
    reader.failures["/denied"] = denied("FilterLogEvents", "/denied")
    app = EventsApp(reader, Start(groups=(GROUP, "/denied")))
    async with app.run_test(size=(120, 40)) as pilot:
        await loaded(app, pilot)
        assert app.view.failure is None
        await pilot.press("ctrl+e")
        await until(pilot, lambda: isinstance(app.screen, ErrorCardScreen))
        assert "log-group:/denied" in screen_text(app)


async def test_nothing_foreign_acts_on_a_card() -> None:
    hostile = explain_error(
        Failure(
            "ValidationException", "[bold]no[/] \x1b]52;c;aGk=\x07 \u202egpj", resource="[/x]", status=400
        )
    )
    app = make_app()
    async with running(app) as pilot:
        app.failures.open(hostile)
        await settle(pilot)
        shown = screen_text(app)
        assert "[bold]no[/]" in shown
        assert "\x1b" not in shown
        assert "\u202e" not in shown


def test_a_ticket_holds_all_but_no_secret() -> None:
    error = explain_error(
        Failure("CredentialRetrievalError", "aws_secret_access_key=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")
    )
    text = ticket(replace_request(error))
    assert "code: cwtui.auth.process" in text
    assert "requestId: r-1" in text
    assert "wJalrXUtnFEMI" not in text


def replace_request(error: CwtuiError) -> CwtuiError:
    error.request_id = "r-1"
    return error


def test_two_statements_are_laid_out_one_after_the_other() -> None:
    assert laid_out('{"a": 1}\n{"b": 2}') == '{\n  "a": 1\n}\n{\n  "b": 2\n}'
    assert laid_out("aws sso login") == "aws sso login"
    assert laid_out("{not json") == "{not json"
