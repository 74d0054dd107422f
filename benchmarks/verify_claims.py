"""Windows of log lines with sentences that are true of them, written by hand, for `benchmarks.verify`.

Each sentence names what it cites by a part of the pattern's text, or of a finding by `kind:`. The
windows of `HELD_OUT` were written before the verifier first ran on them, and it was not tuned on them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Truth:
    text: str
    cites: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Case:
    name: str
    lines: Callable[[int], list[str]]
    """The messages of the n-th second."""
    truths: tuple[Truth, ...]
    before: Callable[[int], list[str]] | None = None
    """The same of a baseline as long."""
    seconds: int = 300


def true(text: str, *cites: str) -> Truth:
    return Truth(text, cites)


def _orders(n: int) -> list[str]:
    said = [f"INFO request GET /orders/{n} served in {n % 40 + 5} ms"]
    if n > 150 and n % 3 == 0:
        said.append(f"WARN retry {n % 4} of payment {n * 17} for shop-north")
    if n > 200 and n % 2 == 0:
        said.append(f"ERROR order {n} failed: pool exhausted (active=50, waiting={n})")
    if n == 210:
        said.append("INFO deployment 4f2a9c1b finished")
    return said


def _database(n: int) -> list[str]:
    said = [f"INFO [worker-{n % 4}] polled 10 messages from inbox"]
    if n % 60 == 30:
        said.append(f"INFO cache warmed with {n} keys")
    if n > 100 and n % 4 == 0:
        said.append(
            f"ERROR could not connect to database db-main.internal:5432: connection refused (try {n % 5})"
        )
    if n > 110 and n % 10 == 0:
        said.append(f"WARN circuit breaker for inventory-api is open after {n % 7 + 3} failures")
    return said


def _lambda(n: int) -> list[str]:
    request = f"{n:08x}-1111-4222-8333-444455556666"
    said = [f"START RequestId: {request} Version: 7", f"INFO thumbnail of s3://pictures/{n}.png written"]
    if n % 9 == 0:
        said[1] = f"{n} Task timed out after 3.00 seconds"
    if n % 50 == 7:
        said.append(f"ERROR Unhandled AccessDenied: not authorized to perform s3:PutObject on {n}.png")
    return [*said, f"END RequestId: {request}"]


def _disk(n: int) -> list[str]:
    said = [f"systemd[1]: Started session {n} of user root."]
    if n > 240:
        said.append(f"kernel: EXT4-fs error (device sda1): No space left on device while writing block {n}")
    if n % 30 == 0:
        said.append(f"sshd[{n}]: Failed password for invalid user admin from 203.0.113.{n % 250} port 4022")
    if n == 250:
        said.append("postgres[881]: FATAL could not write lock file postmaster.pid")
    return said


def _queue(n: int) -> list[str]:
    said = [f"INFO consumed offset {n} of topic invoices partition {n % 3}"]
    if n % 2 == 0:
        said.append(f"WARN consumer lag of group billing is {n * 3}")
    return said


def _queue_now(n: int) -> list[str]:
    said = [f"INFO consumed offset {n} of topic invoices partition {n % 3}"] if n % 8 == 0 else []
    if n % 2 == 0:
        said.append(f"WARN consumer lag of group billing is {n * 3}")
    if n > 60:
        said.append(f"ERROR rebalance failed: coordinator kafka-2 unavailable, generation {n}")
    return said


def _web(n: int) -> list[str]:
    said = [f'10.0.0.{n % 200} "GET /index.html HTTP/1.1" 200 {n * 7}']
    if n % 5 == 0:
        said.append(
            f'ERROR upstream timed out while reading response header from upstream "payments:8080" {n}'
        )
    if n % 20 == 3:
        said.append(f"WARN rate limit of tenant acme exceeded, {n} requests delayed")
    return said


TUNED = (
    Case(
        "orders",
        _orders,
        (
            true("Orders failed with an exhausted pool.", "pool exhausted"),
            true(
                "Order processing failed {P1.count} times, each time with the pool exhausted.",
                "pool exhausted",
            ),
            true("49 orders failed with the message pool exhausted.", "pool exhausted"),
            true("Retries of payments for shop-north were logged several times.", "retry"),
            true("The first failed order was seen at 22:30:02Z.", "pool exhausted"),
            true("Payment retries for shop-north came before the orders failed.", "retry", "pool exhausted"),
            true("Before the first error, payments for shop-north were retried.", "kind:first_error"),
            true("A deployment finished once in the window.", "deployment"),
            true("Most lines are GET requests served normally.", "request GET"),
            true("Requests to GET orders continued to be served.", "request GET"),
            true("The last error came at 22:31:38.", "kind:last_error"),
        ),
    ),
    Case(
        "database",
        _database,
        (
            true("The service could not connect to the database db-main.internal:5432.", "could not connect"),
            true("Connections to the database were refused.", "could not connect"),
            true("Connection attempts to db-main.internal:5432 failed repeatedly.", "could not connect"),
            true("The circuit breaker for inventory-api opened after several failures.", "circuit"),
            true("The circuit breaker for inventory-api is open.", "circuit"),
            true(
                "The database connection errors were followed by an open circuit breaker.",
                "could not connect",
                "circuit",
            ),
            true("Workers polled messages from the inbox throughout.", "polled"),
            true("The cache was warmed {P4.count} times.", "cache warmed"),
            true("The refused database connections began at {P1.first}.", "could not connect"),
            true("The last refused connection to the database was at {P1.last}.", "could not connect"),
        ),
    ),
    Case(
        "lambda",
        _lambda,
        (
            true("Tasks timed out after 3 seconds.", "timed out"),
            true("Some invocations reached the limit of 3.00 seconds and timed out.", "timed out"),
            true("Writing to S3 was denied: not authorized to perform s3:PutObject.", "AccessDenied"),
            true("There were {P1.count} AccessDenied errors.", "AccessDenied"),
            true("AccessDenied was reported 6 times.", "AccessDenied"),
            true("Thumbnails of pictures were written.", "thumbnail"),
            true("Thumbnails were written many times.", "thumbnail"),
            true(
                "Timeouts and AccessDenied errors occurred in the same window.", "timed out", "AccessDenied"
            ),
        ),
    ),
)

HELD_OUT = (
    Case(
        "disk",
        _disk,
        (
            true("The kernel reported an EXT4-fs error on device sda1: no space left.", "No space"),
            true("There is no space left on the device while writing blocks.", "No space"),
            true("Postgres could not write the lock file postmaster.pid.", "postgres"),
            true("A fatal postgres error occurred once.", "postgres"),
            true("Failed password attempts for the invalid user admin were seen.", "Failed password"),
            true("Login attempts with an invalid user failed {P3.count} times.", "Failed password"),
            true("The EXT4-fs errors began at 22:30:41.", "No space"),
            true("The EXT4-fs errors came before postgres failed to write its lock file.",
                 "No space", "postgres"),
            true("Sessions of user root were started throughout the window.", "Started session"),
        ),
    ),
    Case(
        "queue",
        _queue_now,
        (
            true("The rebalance failed: the coordinator kafka-2 was unavailable.", "rebalance"),
            true("Rebalance failures are new; they were not seen before.", "rebalance"),
            true("New errors say that the coordinator kafka-2 is unavailable.", "kind:new"),
            true("Fewer offsets of topic invoices were consumed than before.", "consumed offset"),
            true("Consumption of the topic invoices dropped.", "consumed offset"),
            true("Consumer lag of group billing was reported 150 times.", "consumer lag"),
            true("The consumer group billing reports lag.", "consumer lag"),
            true("Rebalance errors appeared at {P1.first} and continued until {P1.last}.", "rebalance"),
        ),
        before=_queue,
    ),
    Case(
        "web",
        _web,
        (
            true("The upstream payments:8080 timed out while a response header was read.", "upstream"),
            true("Upstream timeouts occurred 60 times.", "upstream"),
            true("Reading the response header from the upstream timed out {P1.count} times.", "upstream"),
            true("Tenant acme exceeded its rate limit and requests were delayed.", "rate limit"),
            true("The rate limit of tenant acme was exceeded.", "rate limit"),
            true("Most events are requests for GET /index.html.", "GET"),
            true("Both upstream timeouts and rate limit warnings were recorded.", "upstream", "rate limit"),
            true("The first upstream timeout was at {P1.first}.", "upstream"),
        ),
    ),
)  # fmt: skip
