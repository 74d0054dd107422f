from __future__ import annotations

from dataclasses import replace

from cwtui.core.models import Context
from cwtui.explain.digest import build_digest
from cwtui.explain.values import Scope
from cwtui.explain.whose import told_apart
from tests.explain.events import columns

ESTATE = Context(
    "all",
    members=(
        Context("prod", region="eu-west-1", account="1"),
        Context("test", region="eu-west-1", account="2"),
    ),
)
REPORT = (
    "REPORT RequestId: {} Duration: 5.00 ms Billed Duration: 5 ms Memory Size: 128 MB Max Memory Used: 6 MB"
)


def test_a_function_of_the_same_name_in_two_accounts_is_two() -> None:
    ids = (f"b77c0d1e-0000-4000-8000-00000000000{number}" for number in range(6))
    events = columns([REPORT.format(each) for each in ids], group="/aws/lambda/pay")
    events = replace(events, accounts=["1", "2"] * 3)
    digest = build_digest(told_apart([events], ESTATE), Scope((), 0, 0))
    assert [(function.group, function.invocations) for function in digest.functions] == [
        ("/aws/lambda/pay in prod eu-west-1", 3),
        ("/aws/lambda/pay in test eu-west-1", 3),
    ]
    assert list(told_apart([events], Context("one"))) == [events]
