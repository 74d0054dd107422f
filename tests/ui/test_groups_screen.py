"""The list of log groups: what it shows in each state, and what the keys do."""

from __future__ import annotations

import pytest

from cwtui.core.errors import CredentialsError, NetworkError, PermissionDenied
from cwtui.core.models import Context
from cwtui.settings import Settings
from cwtui.ui.group_cache import cache_path, read_groups, write_groups
from cwtui.ui.screens.groups import GroupsScreen
from cwtui.ui.screens.streams import StreamsScreen
from cwtui.ui.widgets.name_list import NameList
from cwtui.wiring import Start
from tests.ui.shell import (
    DAY,
    HOSTILE,
    NOW,
    ScriptedReader,
    ScriptedServices,
    ShellApp,
    group,
    make_app,
    running,
    screen_text,
    settle,
)

SHOP = [
    group("/aws/lambda/checkout", stored_bytes=2_000_000, retention_days=30, creation_time=NOW - 40 * DAY),
    group("/ecs/cart", stored_bytes=9_000_000_000, creation_time=NOW - 3 * DAY),
    group("/shop/nginx", stored_bytes=5),
]
DENIED = PermissionDenied("staging may not list log groups.", "It lacks logs:DescribeLogGroups.", code="list")


async def test_typing_narrows_at_once_and_enter_opens_the_streams() -> None:
    app = make_app(ScriptedReader([SHOP]))
    async with running(app) as pilot:
        await pilot.press(*"cart")
        assert "1 of 3 groups" in screen_text(app)
        await pilot.press("enter")
        await settle(pilot)
        assert isinstance(app.screen, StreamsScreen)
        assert "/ecs/cart › streams" in screen_text(app)


async def test_size_retention_and_age_stand_beside_the_name_and_never_is_said() -> None:
    app = make_app(ScriptedReader([SHOP]))
    async with running(app):
        line = next(line for line in screen_text(app).splitlines() if "/ecs/cart" in line)
        assert "8.4 GB" in line
        assert "never" in line
        assert "3 d" in line


async def test_keys_that_names_have_no_use_for_act_on_the_list_while_the_filter_has_the_focus() -> None:
    app = make_app(ScriptedReader([SHOP]))
    async with running(app) as pilot:
        await pilot.press("down", "space", "down", "right")
        await pilot.pause()
        assert app.opened == [(("/ecs/cart",), ())]


async def test_escape_leaves_the_filter_and_the_letters_come_alive() -> None:
    app = make_app(ScriptedReader([SHOP]))
    async with running(app) as pilot:
        await pilot.press("escape", "j", "l")
        await pilot.pause()
        assert app.opened == [(("/ecs/cart",), ())]


async def test_marked_groups_open_together_in_their_order() -> None:
    app = make_app(ScriptedReader([SHOP]))
    async with running(app) as pilot:
        await pilot.press("escape", "G", "space", "g", "space", "F")
        await pilot.pause()
        assert app.opened == [(("/aws/lambda/checkout", "/shop/nginx"), ())]
        assert "2 marked" in screen_text(app)


async def test_the_star_marks_what_is_shown_and_escape_unmarks() -> None:
    app = make_app(ScriptedReader([SHOP]))
    async with running(app) as pilot:
        await pilot.press(*"/", "asterisk")
        assert app.screen.query_one(NameList).marked == {item.name for item in SHOP}
        await pilot.press("escape", "escape", "escape")
        assert app.screen.query_one(NameList).marked == set()


async def test_the_order_changes_with_o() -> None:
    app = make_app(ScriptedReader([SHOP]))
    async with running(app) as pilot:
        await pilot.press("escape", "o", "g", "l", "o", "g", "l")
        await pilot.pause()
        assert [groups for groups, _ in app.opened] == [("/ecs/cart",), ("/ecs/cart",)]
        assert "newest first" in screen_text(app)


async def test_a_page_that_comes_later_moves_neither_cursor_nor_row() -> None:
    reader = ScriptedReader([SHOP[1:], [group(f"/a/{number:03d}") for number in range(60)]])
    app = make_app(reader)
    reader.gate.clear()
    async with app.run_test(size=(100, 20)) as pilot:
        reader.gate.set()
        await settle(pilot)
        await pilot.press("escape", "G")
        names = app.screen.query_one(NameList)
        line = names.cursor - names.scroll_offset.y
        reader.gate.clear()
        await pilot.press("ctrl+r")
        reader.gate.set()
        await settle(pilot)
        assert names.current == "/shop/nginx"
        assert names.cursor - names.scroll_offset.y == line


async def test_the_last_runs_list_stands_before_the_first_answer_and_says_its_age() -> None:
    context = Context("staging", region="eu-west-1")
    write_groups(context, SHOP, NOW - 2 * 3_600_000)
    reader = ScriptedReader([[*SHOP, group("/new")]], context=context)
    reader.gate.clear()
    app = make_app(reader)
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.pause()
        text = screen_text(app)
        assert "cached 2 h ago" in text
        assert "/shop/nginx" in text
        await pilot.press(*"cart")
        assert "1 of 3 groups" in screen_text(app)
        reader.gate.set()
        await settle(pilot)
        await pilot.press("ctrl+u")
        assert "4 groups" in screen_text(app)
        assert "cached" not in screen_text(app)
    kept = read_groups(context)
    assert kept is not None
    assert [item.name for item in kept.groups] == ["/aws/lambda/checkout", "/ecs/cart", "/new", "/shop/nginx"]


async def test_a_stale_list_stays_when_it_cannot_be_refreshed_and_says_so() -> None:
    context = Context("staging", region="eu-west-1")
    write_groups(context, SHOP, NOW - DAY)
    app = make_app(ScriptedReader([NetworkError("Nothing answers.")], context=context))
    async with running(app, (140, 30)):
        text = screen_text(app)
        assert "not refreshed: Nothing answers." in text
        assert "cached 1 d ago" in text
        assert "/ecs/cart" in text


async def test_a_narrow_screen_cuts_the_problem_and_keeps_the_count() -> None:
    context = Context("staging", region="eu-west-1")
    write_groups(context, SHOP, NOW - DAY)
    app = make_app(ScriptedReader([NetworkError("Nothing answers at " + "x" * 60)], context=context))
    async with running(app, (80, 24)):
        assert "3 groups  ·  not refreshed: Noth" in screen_text(app)


def test_another_endpoint_has_another_list() -> None:
    context = Context("default", region="eu-west-1")
    write_groups(context, SHOP, NOW, "http://127.0.0.1:4566")
    assert read_groups(context) is None
    assert read_groups(context, "http://127.0.0.1:4566") is not None


@pytest.mark.parametrize(
    "content", [b"", b"{", b'{"version": 1, "groups": [{"nom": 1}], "written": 1}', b"[]"]
)
def test_a_broken_cache_counts_as_none(content: bytes) -> None:
    path = cache_path(Context("staging"))
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    assert read_groups(Context("staging")) is None


def test_a_context_named_like_a_path_stays_in_the_cache_folder() -> None:
    path = cache_path(Context("../../etc/passwd\n"))
    assert path.parent == cache_path(Context("x")).parent
    assert path != cache_path(Context("../../etc/passwd"))


async def test_an_empty_account_says_so_and_offers_the_next_step() -> None:
    app = make_app(ScriptedReader([[]]))
    async with running(app):
        text = screen_text(app)
        assert "There are no log groups in staging." in text
        assert "cwtui --mock" in text


async def test_while_nothing_has_come_it_says_that_it_is_listing() -> None:
    reader = ScriptedReader([SHOP])
    reader.gate.clear()
    app = make_app(reader)
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.pause()
        assert "Listing the log groups of staging" in screen_text(app)
        reader.gate.set()
        await settle(pilot)
        assert "3 groups" in screen_text(app)


async def test_a_page_that_fails_leaves_what_came_and_says_what_is_missing() -> None:
    app = make_app(ScriptedReader([SHOP, NetworkError("The line is down.")]))
    async with running(app, (140, 30)):
        assert "only 3 came: The line is down." in screen_text(app)
        assert "/ecs/cart" in screen_text(app)


async def test_no_credentials_explains_itself_and_offers_the_command_and_the_demo() -> None:
    error = CredentialsError("No credentials were found [/b].", code="none")
    app = make_app(ScriptedReader([error]), profile="shop")
    async with running(app):
        text = screen_text(app)
        assert "No credentials were found [/b]." in text
        assert "aws sso login --profile shop" in text
        assert "cwtui --mock" in text
        assert "cwtui.auth.none" in text


async def test_an_errors_own_hint_is_the_way_out() -> None:
    error = CredentialsError("The session is over.", "Run: aws-vault exec shop", code="expired")
    app = make_app(ScriptedReader([error]))
    async with running(app):
        assert "Run: aws-vault exec shop" in screen_text(app)
        assert "aws sso login" not in screen_text(app)


async def test_who_may_not_list_types_the_full_name_and_enter_opens_it() -> None:
    app = make_app(ScriptedReader([DENIED]))
    async with running(app) as pilot:
        assert "Type a full group name" in screen_text(app)
        await pilot.press(*"/my/group#1", "enter")
        await pilot.pause()
        assert app.opened == [(("/my/group#1",), ())]


async def test_a_failed_listing_is_tried_again_by_ctrl_r() -> None:
    reader = ScriptedReader([DENIED])
    app = make_app(reader)
    async with running(app) as pilot:
        reader._groups = [SHOP]
        await pilot.press("ctrl+r")
        await settle(pilot)
        assert "3 groups" in screen_text(app)


async def test_hostile_names_are_shown_as_they_are() -> None:
    app = make_app(ScriptedReader([[group(name) for name in HOSTILE]]))
    async with running(app) as pilot:
        text = screen_text(app)
        assert "/evil/[/x]" in text
        assert "/evil/[@click=app.quit]a[/]" in text
        assert "/evil/␛]52;c;aGk=␇" in text
        assert "/evil/[$LATEST]\\u202egpj" in text
        await pilot.press("escape", "j", "y")
        await pilot.pause()
        assert app.told[-1].startswith("Copied the name")
        await pilot.press("enter")
        await settle(pilot)
        assert not {"\x1b", "\x07", "\u202e"} & set(screen_text(app))


async def test_what_is_copied_holds_no_control_character_and_is_said() -> None:
    app = make_app(ScriptedReader([[group(HOSTILE[2])]]))
    async with running(app) as pilot:
        await pilot.press("escape", "y")
        assert app.clipboard == "/evil/␛]52;c;aGk=␇"
        await pilot.press("Y")
        assert app.told[-1].startswith("Copied the ARN")


async def test_twelve_thousand_groups_stay_fluid() -> None:
    names = [f"/aws/lambda/{'team-service-' * 3}{number:05d}-handler" for number in range(12_000)]
    pages = [[group(name) for name in names[at : at + 4_000]] for at in range(0, 12_000, 4_000)]
    app = make_app(ScriptedReader(pages))
    async with running(app) as pilot:
        assert "12,000 groups" in screen_text(app)
        await pilot.press(*"0119")
        assert "of 12,000 groups" in screen_text(app)
        await pilot.press("ctrl+u", "end")
        assert app.screen.query_one(NameList).current == names[-1]


class StreamsFirst(ShellApp):
    """Opens a screen over the groups before they are seen, as `cwtui open GROUP` does."""

    def push_events(
        self, groups: tuple[str, ...], streams: tuple[str, ...] = (), start: Start | None = None
    ) -> None:
        self.push_screen(StreamsScreen(self.services, groups[0]))


async def test_opened_on_a_group_it_lists_nothing_until_one_goes_back() -> None:
    reader = ScriptedReader([SHOP])
    app = StreamsFirst(ScriptedServices(reader, Settings()), Start(groups=("/ecs/cart",)))
    async with running(app) as pilot:
        assert reader.calls == ["streams 0"]
        await pilot.press("q")
        await settle(pilot)
        assert isinstance(app.screen, GroupsScreen)
        assert "3 groups" in screen_text(app)
