"""Questions in an engineer's words over a window whose truth is known: the number, and the lines cited."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cwtui.core.models import Level
from cwtui.explain.ask.answer import Answer, AnsweredBy, checked, vocabulary_of
from cwtui.explain.ask.questions import Subject, Vocabulary
from tests.explain.ask.window import (
    CART,
    CHECKOUT,
    KNOWN,
    LOST_ID,
    MINUTE,
    NGINX,
    NOON,
    PAYMENT,
    SCOPE,
    SLOW_ID,
    START,
    STORY,
    Built,
    ask,
    rows_where,
)

ERRORS = [row for row in STORY.ids if STORY.levels[row] >= Level.ERROR]
OF_CHECKOUT = [row for row in ERRORS if STORY.groups[row] == CHECKOUT]
OF_CART = [row for row in ERRORS if STORY.groups[row] == CART]
POOL = rows_where("PoolTimeout")
COLD = rows_where("Init Duration")


def within(rows: list[int], start: float, end: float) -> list[int]:
    return [row for row in rows if start * MINUTE <= STORY.timestamps[row] - START < end * MINUTE]


COUNTS = [
    ("How many errors?", "21 events", ERRORS),
    ("how many errors are there", "21 events", ERRORS),
    ("Can you tell me how many errors there were?", None, None),
    ("please count the errors", "21 events", ERRORS),
    ("number of errors", "21 events", ERRORS),
    ("what's the number of errors?", "21 events", ERRORS),
    ("errors", "21 events", ERRORS),
    ("show me the errors", "21 events", ERRORS),
    ("list all errors", "21 events", ERRORS),
    ("what errors are there", "21 events", ERRORS),
    ("which errors occurred?", "21 events", ERRORS),
    ("how many errors in checkout?", "11 events", OF_CHECKOUT),
    ("How many errors were there in checkout?", "11 events", OF_CHECKOUT),
    ("how many errors did checkout log", "11 events", OF_CHECKOUT),
    ("checkout errors", "11 events", OF_CHECKOUT),
    ("errors in /aws/lambda/checkout", "11 events", OF_CHECKOUT),
    ("how many errors in the checkout function", "11 events", OF_CHECKOUT),
    ("how many errors in checkout or cart", "15 events", sorted(OF_CHECKOUT + OF_CART)),
    ("how many errors did we see in cart", "4 events", OF_CART),
    ("how many warnings?", "3 events", [row for row in STORY.ids if STORY.levels[row] == Level.WARN]),
    (
        "how many errors and warnings",
        "24 events",
        [row for row in STORY.ids if STORY.levels[row] >= Level.WARN],
    ),
    ("how many errors in the last 50 minutes", "10 events", within(ERRORS, 70, 120)),
    ("errors in the past hour", "20 events", within(ERRORS, 60, 120)),
    ("errors in the first 45 minutes", "1 event", within(ERRORS, 0, 45)),
    ("how many errors between 11:00 and 11:05?", "5 events", within(ERRORS, 60, 65)),
    ("errors from 11:00 to 11:05 in checkout", "5 events", within(OF_CHECKOUT, 60, 65)),
    ("how many errors since 11:20", "4 events", within(ERRORS, 80, 120)),
    ("how many errors before 11am", "1 event", within(ERRORS, 0, 60)),
    ("errors at 11:03", "1 event", within(ERRORS, 63, 64)),
    ("how many 5xx responses", "6 events", rows_where("/pay")),
    ("how many 502s?", "4 events", rows_where("502")),
    ("count of 503 errors", "2 events", rows_where("503")),
    ("requests with status 503", None, None),
    ("responses with status code 503", "2 events", rows_where("503")),
    ('how many lines contain "db refused"', "4 events", rows_where("db refused")),
    ("how many lines mention PoolTimeout", "10 events", POOL),
    ("how often did PoolTimeout occur?", "10 events", POOL),
    ("how many times did 'db refused' happen in cart", "4 events", rows_where("db refused")),
    ("how many PoolTimeout errors", "10 events", POOL),
    ("how many timeouts?", "10 events", POOL),
    ("how many cold starts", "2 events", COLD),
    ("what errors did cart log", "4 events", OF_CART),
    ("how many lambda timeouts", "No event", []),
    ("how many invocations in checkout", "20 events", rows_where("REPORT RequestId")),
    ("how many events with tenant=acme", "4 events", rows_where('"acme"')),
    ("how many errors for tenant acme", "3 events", rows_where("refused", end=82.5)),
    ("how many errors for user id 42", "1 event", rows_where('"userId":42')),
    ("errors where userId=42", "1 event", rows_where('"userId":42')),
    ("how many errors in stream cart-1-0123456789", "2 events", [OF_CART[1], OF_CART[3]]),
    ("are there any PoolTimeout errors?", "Yes: 10 events", POOL),
    ("any errors in payment?", "No event", []),
    ("is there any OutOfMemoryError", "No event", []),
    ("did any panics occur", "No event", []),
    ("were there fatal errors?", "No event", []),
]


@pytest.mark.parametrize(("question", "number", "rows"), COUNTS)
def test_a_count_has_the_right_number_and_cites_the_events_counted(
    question: str, number: str | None, rows: list[int] | None
) -> None:
    answer = ask(question)
    if number is None or rows is None:
        assert answer.by is AnsweredBy.EVIDENCE
        return
    assert answer.by is AnsweredBy.CODE
    assert answer.headline.text.startswith(number)
    assert set(answer.events) <= set(rows)
    assert len(answer.headline.events) == min(20, len(rows))
    if rows:
        assert {rows[0], rows[-1]} <= set(answer.headline.events)


SINGLE = [
    ("what was the first error?", "The first of 21 events", [ERRORS[0]]),
    ("when did the first error occur", "The first of 21 events", [ERRORS[0]]),
    ("first error in cart", "The first of 4 events", [OF_CART[0]]),
    ("show me the last error", "The last of 21 events", [ERRORS[-1]]),
    ("when was the most recent timeout?", "The last of 10 events", [POOL[-1]]),
    ("when was PoolTimeout first seen", "The first of 10 events", [POOL[0]]),
    ("last 3 errors in checkout", "The last 3 of 11 events", OF_CHECKOUT[-1:-4:-1]),
    ("when did the errors in cart start?", "At 11:20:00Z came the first of 4", [OF_CART[0]]),
    ("what time did the timeouts begin", "At 11:00:00Z came the first of 10", [POOL[0]]),
    ("when did the errors stop?", "The last of 21 events", [ERRORS[-1]]),
    ("are the errors still happening?", "The last of 21 events", [ERRORS[-1]]),
    ("what is the slowest invocation", "The slowest: 2.95 s by Lambda's REPORT", rows_where("2950.50 ms")),
    (
        "which invocation took the longest?",
        "The slowest: 2.95 s by Lambda's REPORT",
        rows_where("2950.50 ms"),
    ),
    ("which request used the most memory", "The most memory: 119 MB", rows_where("Used: 119 MB")),
    ("peak memory usage", "The most memory: 119 MB", rows_where("Used: 119 MB")),
]


@pytest.mark.parametrize(("question", "said", "rows"), SINGLE)
def test_a_question_for_one_event_leads_to_it(question: str, said: str, rows: list[int]) -> None:
    answer = ask(question)
    assert answer.by is AnsweredBy.CODE
    assert answer.headline.text.startswith(said)
    assert list(answer.headline.events) == rows


MOST = [
    ("errors by group", f"The most by log group, of 3: {CHECKOUT}, 11 of 21"),
    ("how many errors per group?", f"The most by log group, of 3: {CHECKOUT}, 11 of 21"),
    ("which log group has the most errors?", f"The most by log group, of 3: {CHECKOUT}, 11 of 21"),
    ("which group has the fewest errors", f"The fewest by log group, of 4: {PAYMENT}, 0 of 21"),
    ("which function logged the most warnings", f"The most by Lambda function, of 2: {PAYMENT}, 2 of 3"),
    (
        "errors per stream in cart",
        "The most by stream, of 2: cart-0-0123456789, cart-1-0123456789, each 2 of 4",
    ),
    (
        "which tenant has the most errors",
        "Of 21 events of level ERROR or FATAL only 4 have tenant; among these ",
    ),
    ("which stream in cart has the most errors", "The most by stream, of 2: cart-0-0123456789, cart-1-"),
    ("which tenant has the most errors in cart", "The most by tenant, of 2: acme, 3 of 4"),
    ("how many different tenants had errors in cart", None),
    ("most common error", '"order <*> failed: PoolTimeout after <*>": 10 of 21'),
    ("top 2 errors", '"order <*> failed: PoolTimeout after <*>": 10 of 21'),
    ("which minute had the most errors?", "The most by minute, of 21: 10:43:00Z"),
]


@pytest.mark.parametrize(("question", "said"), MOST)
def test_what_comes_most_is_told_with_its_part_of_the_whole(question: str, said: str | None) -> None:
    answer = ask(question)
    if said is None:
        assert "2 different values of tenant" in answer.headline.text
    else:
        assert answer.headline.text.startswith(said)
    assert set(answer.events) <= set(STORY.ids)


def test_who_lacks_the_field_counted_by_is_told() -> None:
    assert (
        "only 4 have tenant; among these the most: acme, 3"
        in ask("which tenant has the most errors").headline.text
    )


def texts(answer: Answer) -> str:
    return "\n".join((answer.headline.text, *(row.text for row in answer.rows), *answer.limits))


def test_the_way_of_a_request_is_its_events_in_order_and_the_first_error_among_them() -> None:
    for question in (
        f"what happened to request {SLOW_ID}?",
        SLOW_ID,
        f"trace {SLOW_ID}",
        f"show me request id {SLOW_ID}",
        f"show all events for {SLOW_ID}",
    ):
        answer = ask(question)
        assert answer.headline.text.startswith(f"3 events with the id {SLOW_ID}")
        assert "1 of level ERROR or FATAL" in answer.headline.text
        assert list(answer.headline.events) == rows_where(SLOW_ID)
        assert "upstream said no" in answer.rows[0].text
        assert answer.rows[0].events == (rows_where("upstream")[0],)


def test_an_id_that_is_nowhere_is_said_to_be() -> None:
    answer = ask(f"what happened to {LOST_ID}")
    assert (answer.by, answer.events) == (AnsweredBy.CODE, ())
    assert (
        answer.headline.text
        == f"No event with the id {LOST_ID} in the window ({len(STORY)} events looked at)."
    )


def test_what_preceded_the_first_is_told_of_its_own_stream() -> None:
    answer = ask("what happened just before the first PoolTimeout?")
    assert answer.headline.events == (POOL[0],)
    before = [row.events[0] for row in answer.rows]
    assert before == [row for row in STORY.ids if STORY.groups[row] == CHECKOUT and row < POOL[0]][-5:]
    assert "pool nearly empty" in answer.rows[-1].text


def test_before_and_after_a_moment_are_compared_and_what_is_new_is_named() -> None:
    for question in ("compare errors before and after 11:00", "errors before vs after 11:00"):
        answer = ask(question)
        assert "before 11:00:00Z, of level ERROR or FATAL: 1 event in 1h 00m" in answer.headline.text
        assert "after 11:00:00Z, of level ERROR or FATAL: 20 events in 1h 00m" in answer.headline.text
        assert "Not seen before" in texts(answer)
        assert "PoolTimeout" in texts(answer)
        assert set(answer.events) <= set(ERRORS)


def test_two_groups_are_compared() -> None:
    for question in ("compare checkout and payment", "checkout vs payment", "compare checkout with payment"):
        answer = ask(question)
        assert f"in {CHECKOUT}: 33 events" in answer.headline.text
        assert f"in {PAYMENT}: 2 events" in answer.headline.text
    answer = ask("compare errors in checkout and cart")
    assert "11 events" in answer.headline.text
    assert "4 events" in answer.headline.text


def test_rates_and_durations_are_figures_of_the_events_told() -> None:
    answer = ask("error rate in checkout")
    assert answer.headline.text.startswith("0.0917 a minute: 11 events")
    assert "33.3 % of 33 events there" in answer.headline.text
    assert (
        "p95 119 ms by Lambda's REPORT lines (20 of them)"
        in ask("what's the p95 latency of checkout").headline.text
    )
    assert ask("how many requests took longer than 2 seconds in checkout").headline.text.startswith(
        f"In {CHECKOUT}: 1 of 20 took longer than 2.00 s"
    )
    assert "mean 252.7 ms" not in texts(ask("average duration"))


def test_durations_of_different_logs_are_not_put_in_one_order() -> None:
    answer = ask("slowest requests")
    assert (
        "2.95 s by Lambda's REPORT lines (20 of them); 903 ms by field durationMs (5 of them)"
        in answer.headline.text
    )
    assert any("not the same thing" in limit for limit in answer.limits)


def test_a_question_that_reaches_beyond_the_window_is_answered_for_the_window_and_says_so() -> None:
    answer = ask("how many errors in the last 3 hours")
    assert answer.headline.text.startswith("21 events")
    assert any("reaches back to 2026-11-21 09:00:00Z" in limit for limit in answer.limits)
    assert "since 2026-11-20 13:00:00Z" in ask("how many errors since 13:00").headline.text
    answer = ask("how many errors before 09:00")
    assert "does not reach the time" in answer.headline.text
    answer = ask("compare errors before and after 09:30")
    assert "outside the window" in answer.headline.text


def test_what_begins_with_the_window_may_have_begun_before() -> None:
    assert ask("when did the events start?").headline.text.startswith(
        "It was there already when the window begins"
    )


def test_counts_from_several_groups_say_that_one_request_may_be_told_twice() -> None:
    assert any("may tell of the same request" in limit for limit in ask("how many errors").limits)
    assert not any("may tell" in limit for limit in ask("how many errors in cart").limits)


def test_the_same_question_gives_the_same_answer() -> None:
    for question in ("how many errors", "errors by group", "what went wrong", "slowest requests"):
        assert ask(question) == ask(question)


def test_a_question_is_one_line_of_bounded_length() -> None:
    assert checked("  how\nmany  errors ") == "how many errors"
    for bad in ("", "   ", "x" * 301):
        with pytest.raises(Exception, match="question"):
            checked(bad)


def test_row_ids_need_not_rise_with_time() -> None:
    """A window that was loaded newest first."""
    turned = replace(STORY, ids=[len(STORY) - 1 - row for row in STORY.ids])
    for question in (
        "how many errors",
        "slowest requests",
        "first error",
        "what went wrong",
        "compare cart and checkout",
    ):
        answer, other = ask(question), ask(question, turned)
        assert other.headline.text == answer.headline.text
        assert [row.text for row in other.rows] == [row.text for row in answer.rows]
        assert other.headline.events == tuple(len(STORY) - 1 - row for row in answer.headline.events)


def test_a_thing_is_counted_by_name_in_fields_and_in_sentences_and_by_nothing_longer() -> None:
    built = Built()
    for minute, message in enumerate(
        (
            "INFO reserved order=4711",
            '{"level":"info","msg":"paid","order":4711,"shop":"a"}',
            "INFO order 4711 marked as paid",
            "INFO reserved order=47110 shop=b",
            "INFO reorder=4711 shop=b",
            "INFO order 4711.5 shop=c order=9",
        )
    ):
        built.add(minute, CART, message)
    events = built.columns()
    known = vocabulary_of([events], Vocabulary((CART,), start=START, end=NOON))
    for question in ("how many events for order 4711", "order=4711", "events with order 4711"):
        assert list(ask(question, events, SCOPE, known).headline.events) == [0, 1, 2]


def test_those_with_none_at_all_have_the_fewest() -> None:
    built = Built()
    for number, tenant in enumerate(("acme", "acme", "globex", "initech")):
        level = "error" if tenant == "acme" else "info"
        built.add(number, CART, f'{{"level":"{level}","msg":"paid","tenant":"{tenant}"}}')
    events = built.columns()
    known = vocabulary_of([events], Vocabulary(SCOPE.groups, start=START, end=NOON))
    answer = ask("which tenant has the fewest errors?", events, known=known)
    assert "fewest by tenant, of 3: globex, initech, each 0" in answer.headline.text
    assert "10:02:00Z, 10:03:00Z, each 0" in ask("which minute had the fewest errors?", events).headline.text


def test_a_value_that_one_field_alone_has_names_its_events() -> None:
    assert "3 events" in ask("how many errors for acme").headline.text
    assert "level ERROR or FATAL with tenant=acme" in ask("acme errors").headline.text
    # `ERROR` is a level, whatever field may hold it, and no word is taken in part.
    assert ask("how many errors are not from acme").by is AnsweredBy.EVIDENCE


def test_a_share_is_of_the_events_it_is_asked_of() -> None:
    assert "3 events" in ask("error rate for acme").headline.text
    assert "75 % of 4 events there with tenant=acme" in ask("error rate for acme").headline.text


def test_an_invocation_that_timed_out_is_one_in_lambdas_json_too() -> None:
    built = Built()
    for status in ("success", "timeout", "error"):
        record = f'{{"requestId":"{SLOW_ID}","status":"{status}","metrics":{{"durationMs":3000}}}}'
        built.add(5, CHECKOUT, f'{{"time":"x","type":"platform.report","record":{record}}}')
    answer = ask("how many invocations timed out?", built.columns())
    assert answer.headline.text.startswith("1 event ")


def test_more_of_one_error_are_that_error() -> None:
    built = Built()
    built.add(5, CHECKOUT, "ERROR TypeError: x is undefined")
    assert ask("how many TypeErrors?", built.columns()).headline.text.startswith("1 event ")


@pytest.mark.parametrize("question", ["how many non-200 responses", "how many non-Lambda errors"])
def test_what_is_not_something_is_not_counted_as_if_it_were(question: str) -> None:
    assert ask(question).by is AnsweredBy.EVIDENCE


def test_a_short_id_is_followed_and_only_lines_that_hold_a_word_are_evidence_of_it() -> None:
    built = Built()
    for number in range(40):
        built.add(number, CART, f'{{"level":"info","msg":"request done","request_id":"req-{number:05d}"}}')
    events = built.columns()
    assert ask("what happened to req-00017?", events).headline.text.startswith(
        "1 event with the id req-00017"
    )
    evidence = ask("why was req-00017 so odd", events)
    assert evidence.by is AnsweredBy.EVIDENCE
    assert evidence.events == (17,)


def test_places_are_not_told_apart_as_if_one_were_earlier() -> None:
    built = Built()
    for number in range(60):
        built.add(number, CART, f"INFO order {number} seen")
        built.add(number, PAYMENT, f"INFO order {number} seen")
        built.add(number, PAYMENT, f"ERROR bank refused order {number}")
    known = Vocabulary(SCOPE.groups, start=START, end=NOON)
    forth = [line.text for line in ask("compare cart and payment", built.columns(), known=known).rows]
    back = [line.text for line in ask("compare payment and cart", built.columns(), known=known).rows]
    assert any(line.startswith(f"Only in {PAYMENT}: ") and f"not once in {CART}" in line for line in forth)
    assert any(line.startswith(f"Not in {CART}: ") and f"60 times in {PAYMENT}" in line for line in back)
    assert not any("before" in line for line in (*forth, *back))


def test_a_name_or_a_place_means_all_groups_that_have_it_and_both_those_that_have_both() -> None:
    groups = tuple(
        f"/shop/{name} in {place} eu-west-1" for name in ("api", "web") for place in ("prod", "test")
    )
    known = Vocabulary(groups)
    assert known.group("/shop/api") == groups[:2]
    assert known.group("prod") == groups[::2]
    assert known.group("prod-eu-west-1") == groups[::2]
    assert known.group("eu-west-1") == groups
    both = Subject(groups=known.group("/shop/api")).merged(Subject(groups=known.group("test")))
    assert both == Subject(groups=groups[1:2])
    assert Subject(groups=groups[:1]).merged(Subject(groups=groups[1:2])) is None


def test_what_two_sides_are_told_apart_by_is_no_difference_found() -> None:
    built = Built()
    for number in range(120):
        tenant = ("acme", "globex")[number % 2]
        built.add(number, CART, f'{{"msg":"paid","tenant":"{tenant}","ms":{900 if number % 2 else 9}}}')
    events = built.columns()
    known = vocabulary_of([events], Vocabulary(SCOPE.groups, start=START, end=NOON))
    rows = [line.text for line in ask("compare acme and globex", events, known=known).rows]
    assert any(line.startswith("Field ms: ") and "with tenant=acme" in line for line in rows)
    assert not any(line.startswith("Field tenant") for line in rows)


def test_that_there_is_no_such_status_is_not_said_where_lines_tell_it_in_an_unknown_form() -> None:
    built = Built()
    for number in range(9):
        built.add(number, CART, f"INFO GET /users/{number} 404 {number} ms")
    assert ask("how many 404s?", built.columns()).by is AnsweredBy.EVIDENCE
    assert ask("how many 403s?", built.columns()).headline.text.startswith("No event with HTTP status 403")
    built.add(10, NGINX, '10.0.0.9 - - [21/Nov/2026] "GET /a HTTP/1.1" 404 99 "-" "curl"')
    answer = ask("how many 404s?", built.columns())
    assert answer.headline.text.startswith("1 event with HTTP status 404")
    assert any('9 more events hold "404"' in limit for limit in answer.limits)


def test_lines_that_tell_of_one_failure_twice_are_said_to() -> None:
    built = Built()
    for number in range(3):
        built.add(number, CHECKOUT, f"2026-11-21T10:00:00Z {number} Task timed out after 3.00 seconds")
        built.add(
            number,
            CHECKOUT,
            f"REPORT RequestId: {SLOW_ID}\tDuration: 3000.00 ms\tBilled Duration: 3000 ms\t"
            "Memory Size: 128 MB\tMax Memory Used: 60 MB\tStatus: timeout",
        )
    answer = ask("how many timeouts?", built.columns())
    assert answer.headline.text.startswith("6 events")
    assert any("3 Lambda reports" in limit for limit in answer.limits)
    assert not ask("how many invocations timed out?", built.columns()).limits


def test_errors_behind_a_word_are_those_among_the_lines_that_have_it() -> None:
    built = Built()
    built.add(1, CART, "INFO POST /cart answered tenant=acme")
    built.add(2, CART, "ERROR POST /cart lost its pool tenant=acme")
    built.add(3, CART, "WARN NullPointerException caught tenant=globex")
    events = built.columns()
    known = vocabulary_of([events], Vocabulary(SCOPE.groups, start=START, end=NOON))
    for question in ("how many POST errors", "how many tenant=acme errors", 'how many "POST /cart" errors'):
        assert ask(question, events, known=known).headline.events == (1,), question
    assert "Lambda REPORT" not in ask("how many invocation errors").headline.text.split(" of level ERROR")[0]
    # What is an error by its name is one, whatever its level.
    assert ask("how many NullPointerException errors", events).headline.events == (2,)


def test_a_region_is_not_looked_for_in_the_text() -> None:
    known = replace(KNOWN, streams=(*KNOWN.streams, "1111_CloudTrail_eu-central-1"))
    assert ask("errors in eu-central-1", known=known).by is AnsweredBy.EVIDENCE
