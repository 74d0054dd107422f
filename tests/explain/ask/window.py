"""A window whose truth is known: two functions, a service in JSON, an access log, two hours of a day."""

from __future__ import annotations

from dataclasses import dataclass, field

from cwtui.core.models import Columns
from cwtui.explain.ask.answer import Answer, by_code, by_evidence, understood, vocabulary_of
from cwtui.explain.ask.questions import Vocabulary
from cwtui.explain.values import Scope
from cwtui.lang.envelope import level_of

NOON = 1_795_262_400_000
"""2026-11-21T12:00:00Z"""
MINUTE = 60_000
SPAN = 120 * MINUTE
START = NOON - SPAN
CHECKOUT = "/aws/lambda/checkout"
PAYMENT = "/aws/lambda/payment"
CART = "/ecs/cart"
NGINX = "/shop/nginx"
SLOW_ID = "0b7f3c1e-5d7a-4c7e-9f43-aa11bb22cc33"
LOST_ID = "ffffffff-5d7a-4c7e-9f43-aa11bb22cc33"


@dataclass
class Built:
    """Events in time order."""

    rows: list[tuple[int, str, str, str]] = field(default_factory=list)

    def add(self, minute: float, group: str, message: str, stream: str = "") -> None:
        self.rows.append((START + round(minute * MINUTE), group, stream or f"{group}-stream", message))

    def columns(self) -> Columns:
        rows = sorted(self.rows, key=lambda row: row[0])
        count = len(rows)
        stamps = [row[0] for row in rows]
        messages = [row[3] for row in rows]
        return Columns(
            ids=list(range(count)),
            timestamps=stamps,
            ingestion_times=stamps,
            levels=[int(level_of(message)) for message in messages],
            accounts=["1"] * count,
            regions=["eu-west-1"] * count,
            groups=[row[1] for row in rows],
            streams=[row[2] for row in rows],
            messages=messages,
            event_ids=[f"event-{row}" for row in range(count)],
            raws=[None] * count,
        )


def story() -> Built:
    """Errors of checkout from 11:00 to 11:09 and of cart, warnings, answers 5xx, reports, one request."""
    built = Built()
    for second in range(240):
        built.add(
            second / 2, NGINX, f'10.0.0.9 - - [21/Nov/2026] "GET /item/{second} HTTP/1.1" 200 512 "-" "curl"'
        )
    for number in range(6):
        status = 502 if number < 4 else 503
        built.add(
            70 + number, NGINX, f'10.0.0.9 - - [21/Nov/2026] "POST /pay HTTP/1.1" {status} 99 "-" "curl"'
        )
    for number in range(10):
        built.add(60 + number, CHECKOUT, f"ERROR order {number} failed: PoolTimeout after 3000 ms")
    built.add(59.9, CHECKOUT, "WARN pool nearly empty, retrying")
    for number in range(2):
        built.add(30 + number, PAYMENT, f"WARN card declined for order {number}")
    for number in range(4):
        tenant = "acme" if number < 3 else "globex"
        built.add(
            80 + number,
            CART,
            f'{{"level":"error","msg":"db refused","tenant":"{tenant}","userId":{40 + number},'
            f'"durationMs":{900 + number}}}',
            f"cart-{number % 2}-0123456789",
        )
    built.add(
        20,
        CART,
        '{"level":"info","msg":"cart started version 2","tenant":"acme","durationMs":12}',
        "cart-0-0123456789",
    )
    for number in range(20):
        request = SLOW_ID if number == 7 else f"{number:08x}-5d7a-4c7e-9f43-aa11bb22cc33"
        duration = 2950.5 if number == 7 else 100.0 + number
        cold = "\tInit Duration: 210.00 ms" if number % 10 == 0 else ""
        built.add(
            40 + number / 2 + 0.1,
            CHECKOUT,
            f"REPORT RequestId: {request}\tDuration: {duration:.2f} ms\t"
            f"Billed Duration: {duration + 1:.0f} ms\t"
            f"Memory Size: 256 MB\tMax Memory Used: {100 + number} MB{cold}\t",
        )
    built.add(43.4, CHECKOUT, f"START RequestId: {SLOW_ID} Version: 7")
    built.add(43.5, CHECKOUT, f"[ERROR] 2026-11-21T10:43:30.000Z {SLOW_ID} upstream said no")
    return built


STORY = story().columns()
SCOPE = Scope((CART, CHECKOUT, NGINX, PAYMENT), START, NOON)
KNOWN = vocabulary_of([STORY], Vocabulary(SCOPE.groups, start=START, end=NOON))


def ask(question: str, events: Columns = STORY, scope: Scope = SCOPE, known: Vocabulary = KNOWN) -> Answer:
    """As `Investigation.ask` does, without a window."""
    asked = understood(question, known)
    answer = by_code([events], scope, asked)
    return answer if answer is not None else by_evidence([events], scope, asked)


def rows_where(test: str, *, group: str = "", start: float = 0, end: float = 120) -> list[int]:
    """Row ids of events that hold a text, between two minutes of the window."""
    return [
        row
        for row in STORY.ids
        if test in STORY.messages[row]
        and (not group or STORY.groups[row] == group)
        and START + start * MINUTE <= STORY.timestamps[row] < START + end * MINUTE
    ]
