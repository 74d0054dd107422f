from __future__ import annotations

from cwtui.explain.beside import marked
from cwtui.explain.digest import build_digest
from cwtui.explain.paths import Requests, partings
from cwtui.explain.values import Baseline, Scope
from tests.explain.events import START, columns
from tests.explain.test_changes import MINUTE

START_STEP, READ_STEP, WRITE_STEP, END_STEP, RETRY_STEP, FAILED_STEP = range(6)
USUAL = [START_STEP, READ_STEP, READ_STEP, WRITE_STEP, END_STEP]
FAILED = [START_STEP, READ_STEP, RETRY_STEP, RETRY_STEP, FAILED_STEP]


def of(*paths: list[int]) -> tuple[dict[str, list[int]], list[int]]:
    """Requests one after the other, and the pattern of each of their lines."""
    requests, steps = {}, list[int]()
    for number, path in enumerate(paths):
        requests[f"r{number}"] = list(range(len(steps), len(steps) + len(path)))
        steps += path
    return requests, steps


def test_failed_requests_part_from_the_usual_path_at_the_step_that_differs() -> None:
    requests, steps = of(USUAL, USUAL, FAILED, USUAL, USUAL, FAILED, [START_STEP, FAILED_STEP])
    (parting,) = partings(requests, steps, {FAILED_STEP})
    assert (parting.after, parting.usually, parting.instead) == (READ_STEP, WRITE_STEP, RETRY_STEP)
    assert (parting.failed, parting.failed_in_all, parting.usual) == (2, 3, 4)
    assert [steps[position] for position in parting.events] == [RETRY_STEP, RETRY_STEP]


def test_without_a_usual_path_nothing_is_said() -> None:
    requests, steps = of(USUAL, USUAL, FAILED)
    assert partings(requests, steps, {FAILED_STEP}) == []
    requests, steps = of(*[[START_STEP, *[READ_STEP, WRITE_STEP] * n] for n in range(1, 30)], FAILED, FAILED)
    assert partings(requests, steps, {FAILED_STEP}) == []


def test_each_is_compared_with_the_usual_path_that_it_followed_furthest() -> None:
    other = [START_STEP, WRITE_STEP, END_STEP]
    requests, steps = of(*[USUAL] * 9, *[other] * 5, *[[START_STEP, WRITE_STEP, FAILED_STEP]] * 2)
    (parting,) = partings(requests, steps, {FAILED_STEP})
    assert (parting.after, parting.usually, parting.instead) == (WRITE_STEP, END_STEP, FAILED_STEP)


def test_what_goes_on_where_others_end_has_nothing_usual() -> None:
    requests, steps = of(*[[START_STEP, READ_STEP]] * 3, *[[START_STEP, READ_STEP, FAILED_STEP]] * 2)
    (parting,) = partings(requests, steps, {FAILED_STEP})
    assert (parting.usually, parting.instead) == (None, FAILED_STEP)
    assert partings(requests, steps, set()) == []


def test_lines_of_a_window_are_put_together_by_their_request() -> None:
    requests = Requests()
    messages = [f"requestId=req-{n % 3}000 step a={n} done" for n in range(9)]
    requests.add(columns(messages, first=100))
    assert requests.lines == {f"req-{n}000": [n, n + 3, n + 6] for n in range(3)}
    assert requests.rows == list(range(100, 109))


def test_the_digest_tells_the_path_and_cites_the_lines_off_it() -> None:
    lines = []
    for number in range(40):
        steps = ["INFO took order", "INFO reserved stock", "INFO charged card", "INFO sent parcel"]
        if number % 8 == 7:
            steps[2:] = ["WARN bank answers slowly", "ERROR card not charged"]
        lines += [f"{step} requestId=req-{number:05}" for step in steps]
    now, before = columns(lines), columns([line for line in lines if "ERROR" not in line])
    scope = Scope(start=START, end=START + MINUTE, baseline=Baseline("previous", START - MINUTE, START))
    digest = build_digest([*marked([before]), now], scope)
    (path,) = [finding for finding in digest.findings if finding.kind == "path"]
    assert "reserved stock" in path.text
    assert "charged card" in path.text
    assert "in 5 of 5 failed requests" in path.text
    assert all("bank answers slowly" in lines[row] for row in path.events)
