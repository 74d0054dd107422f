"""Windows of log lines with sentences that are true of them, written by hand, for `benchmarks.verify`.

Each sentence names what it cites by a part of the pattern's text, or of a finding by `kind:`. The rules
were written with `TUNED` in view. Those of `HELD_OUT` were written in two batches, each before the verifier
first ran on it, and rules were mended after each where they were wrong for any log. Of the 25 of the first
batch 22 were kept after that mending; of the 21 of the second 17 were kept at the first run, which alone is a
figure for windows that no rule had seen.
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


def _kubernetes(n: int) -> list[str]:
    said = [f"I0822 10:00:00.{n:06} 1 controller.go:114] Reconciled deployment web/frontend in {n % 30} ms"]
    if n > 90 and n % 6 == 0:
        said.append(
            f'E0822 10:00:00.{n:06} 1 kubelet.go:88] Failed to pull image "registry/web:v{n}": unauthorized'
        )
    if n > 96 and n % 12 == 0:
        said.append(
            f"W0822 10:00:00.{n:06} 1 kubelet.go:91] Back-off restarting container frontend, restart {n}"
        )
    return said


def _java(n: int) -> list[str]:
    said = [f"2026-11-22 10:00:00,{n % 1000:03} DEBUG [http-{n % 8}] c.e.Cart - item {n} added to cart"]
    if n % 11 == 0:
        said.append(
            f"2026-11-22 10:00:00,{n % 1000:03} ERROR [http-1] c.e.Cart - java.lang.NullPointerException: "
            f"price of item {n} is null"
        )
    if n % 25 == 0:
        said.append(
            f"2026-11-22 10:00:00,{n % 1000:03} WARN [pool-2] c.e.Hikari - Connection is not available, "
            f"request timed out after 30000ms (total={n})"
        )
    return said


def _json(n: int) -> list[str]:
    said = [f'{{"level":"info","msg":"email queued","user":"u-{n}","queue":"outbound"}}']
    if n >= 200:
        said.append(
            f'{{"level":"error","msg":"smtp server rejected the message: mailbox full","user":"u-{n}"}}'
        )
    if n % 100 == 40:
        said.append('{"level":"warn","msg":"certificate of mail.example.org expires in 6 days"}')
    return said


HELD_OUT = (
    Case(
        "kubernetes",
        _kubernetes,
        (
            true("The kubelet failed to pull an image: unauthorized.", "pull image"),
            true("Pulling the image failed many times with unauthorized.", "pull image"),
            true("The log shows that the container frontend is in back-off restarting.", "Back-off"),
            true("There were {P2.count} warnings about restarting the container frontend.", "Back-off"),
            true("Image pulls failed before the container frontend went into back-off.",
                 "pull image", "Back-off"),
            true("The controller kept reconciling the deployment web/frontend.", "Reconciled"),
            true("The first failed image pull was seen at {P1.first}.", "pull image"),
        ),
    ),
    Case(
        "java",
        _java,
        (
            true("A NullPointerException occurred: the price of an item is null.", "NullPointerException"),
            true("28 NullPointerExceptions were logged.", "NullPointerException"),
            true("Several requests hit a NullPointerException in c.e.Cart.", "NullPointerException"),
            true("A connection was not available and the request timed out after 30000ms.", "not available"),
            true("Connection requests timed out after 30 seconds.", "not available"),
            true("Items were added to the cart throughout.", "added to cart"),
            true("NullPointerException errors and connection timeouts both appear in this window.",
                 "NullPointerException", "not available"),
        ),
    ),
    Case(
        "json",
        _json,
        (
            true("The smtp server rejected messages with mailbox full.", "mailbox full"),
            true("Messages were rejected by the smtp server {P1.count} times.", "mailbox full"),
            true("100 messages were rejected: mailbox full.", "mailbox full"),
            true("The certificate of mail.example.org expires in 6 days.", "certificate"),
            true("A warning says that the certificate of mail.example.org expires soon.", "certificate"),
            true("Emails were queued as usual.", "email queued"),
            true("Rejected messages were first seen at {P1.first}, and the last one at {P1.last}.",
                 "mailbox full"),
        ),
    ),
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
