"""Every secret here is put together at run time: none of them stands in this file as a scanner sees it."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cwtui.explain.redact import Redactor, redact

A40 = "wJalrXUtnFEMI" + "/K7MDENG/" + "bPxRfiCYEXAMPLEKEY"
KEY = "AK" + "IA" + "IOSFODNN7EXAMPLE"
TEMPORARY = "AS" + "IA" + "Z7Q4K2M5N8P1R3T6"
JWT = (
    "ey"
    + "JhbGciOiJIUzI1NiJ9"
    + "."
    + "ey"
    + "JzdWIiOiIxMjM0NTY3ODkwIn0"
    + "."
    + "dozjgNryP4J3jVmNHl0w5N_XgL0n3I9P"
)
HEX32 = "0123456789abcdef" * 2
ALNUM = "aB3dE5gH7jK9mN1pQ2rS4tU6vW8xY0zA"
PEM_BODY = "MIIEpAIBAAKCAQEA" + ALNUM
PEM = (
    "-----BEGIN RSA PRIVATE"
    + " KEY-----\n"
    + PEM_BODY
    + "\n"
    + PEM_BODY
    + "\n-----END RSA PRIVATE"
    + " KEY-----"
)
OPENSSH = "-----BEGIN OPENSSH PRIVATE" + " KEY-----\n" + PEM_BODY + "\n-----END OPENSSH PRIVATE" + " KEY-----"
PW = "hunter2" + "Tr0ub4dor"

# (text, what must not survive)
SECRETS: list[tuple[str, str]] = [
    (f"using key {KEY} for s3", KEY),
    (f"assumed with {TEMPORARY}", TEMPORARY),
    (f"aws_access_key_id={KEY}", KEY),
    (f"aws_secret_access_key = {A40}", A40),
    (f"AWS_SECRET_ACCESS_KEY={A40}", A40),
    (f'{{"SecretAccessKey":"{A40}"}}', A40),
    (f'{{"secretAccessKey": "{A40}", "x": 1}}', A40),
    (f'"SessionToken": "IQoJb3JpZ2lu{ALNUM}"', ALNUM),
    (f"AWS_SESSION_TOKEN=IQoJb3JpZ2lu{ALNUM}==", ALNUM),
    (f"x-amz-security-token: IQoJb3JpZ2lu{ALNUM}", ALNUM),
    (f"aws secret access key {A40}", A40),
    (f"token {JWT} accepted", JWT),
    (f'{{"jwt":"{JWT}"}}', JWT),
    (PEM, PEM_BODY),
    (f"key follows\n{OPENSSH}\ndone", PEM_BODY),
    (json.dumps({"key": PEM}), PEM_BODY),
    ("-----BEGIN PRIVATE" + f" KEY-----\n{PEM_BODY}", PEM_BODY),
    (f"Authorization: Bearer {ALNUM}", ALNUM),
    (f"authorization: Basic {ALNUM}==", ALNUM),
    (f'"Authorization": "Bearer {ALNUM}"', ALNUM),
    (f'{{\\"Authorization\\": \\"Bearer {ALNUM}\\"}}', ALNUM),
    (f"Proxy-Authorization: Basic {ALNUM}", ALNUM),
    (f"curl -H 'Authorization: token {ALNUM}'", ALNUM),
    (f"sent bearer {ALNUM} upstream", ALNUM),
    (f"Authorization: AWS4-HMAC-SHA256 Credential={KEY}/20261122, Signature={HEX32}", HEX32),
    (f"password={PW}", PW),
    (f"password: {PW}", PW),
    (f"PASSWORD='{PW}'", PW),
    (f'{{"password":"{PW}"}}', PW),
    (f'{{"password":"two {PW} words"}}', PW),
    (f'{{\\"password\\":\\"{PW}\\"}}', PW),
    (json.dumps(json.dumps(json.dumps({"password": PW}))), PW),
    (f"passwd={PW}&user=ada", PW),
    (f"pwd: {PW}, user: ada", PW),
    (f"db_password={PW}", PW),
    (f"DB_PASSWORD={PW}", PW),
    (f"dbPassword={PW}", PW),
    (f'"masterUserPassword": "{PW}"', PW),
    (f"spring.datasource.password={PW}", PW),
    (f"passphrase={PW}", PW),
    (f"api_key={ALNUM}", ALNUM),
    (f"apiKey: {ALNUM}", ALNUM),
    (f"x-api-key: {ALNUM}", ALNUM),
    (f"client_secret={ALNUM}", ALNUM),
    (f'"clientSecret":"{ALNUM}"', ALNUM),
    (f"access_token={ALNUM}&expires=3600", ALNUM),
    (f'"refreshToken": "{ALNUM}"', ALNUM),
    (f"GET /callback?token={ALNUM} HTTP/1.1", ALNUM),
    (f"secret={ALNUM}", ALNUM),
    (f"private_key: {ALNUM}", ALNUM),
    ("gh" + f"p_{ALNUM}abcd", ALNUM),
    ("github" + f"_pat_{ALNUM}", ALNUM),
    ("gl" + f"pat-{ALNUM[:20]}", ALNUM[:20]),
    ("xo" + f"xb-123456789012-{ALNUM}", ALNUM),
    ("sk" + f"_live_{ALNUM}", ALNUM),
    ("sk" + f"-proj-{ALNUM}", ALNUM),
    ("sk" + f"-ant-api03-{ALNUM}", ALNUM),
    ("np" + f"m_{ALNUM}abcd", ALNUM),
    ("AI" + f"za{ALNUM}abc", ALNUM),
    ("hf" + "_abcdefghijklmnopqrstuvwxyzABCD", "abcdefghijklmnopqrstuvwxyz"),
    ("SG" + f".{ALNUM[:22]}.{ALNUM}", ALNUM),
    ("hv" + f"s.{ALNUM}", ALNUM),
    ("posting to https://hooks.slack" + f".com/services/T000/B000/{ALNUM}", ALNUM),
    (f"postgres://app:{PW}@db.internal:5432/shop", PW),
    (f"redis://:{PW}@cache:6379/0", PW),
    (f"mongodb+srv://app:{PW}@cluster.example.net", PW),
    (f"https://ada:{PW}@git.example.org/x.git", PW),
    (f"Server=db;User Id=app;Password={PW};Encrypt=true", PW),
    (f"AccountName=a;AccountKey={ALNUM}==;EndpointSuffix=core", ALNUM),
    (f"jdbc:mysql://db/shop?user=app&password={PW}", PW),
    (f"https://b.s3.amazonaws.com/k?X-Amz-Credential={KEY}%2F20261122&X-Amz-Signature={HEX32}", HEX32),
    (f"https://b.s3.amazonaws.com/k?X-Amz-Security-Token=IQoJ{ALNUM}&a=1", ALNUM),
    (f"https://a.blob.core.example/x?sv=2026&sig={ALNUM}%3D", ALNUM),
    (f"Set-Cookie: session={ALNUM}; Path=/", ALNUM),
    (f"Cookie: sid={ALNUM}", ALNUM),
    (f'"cookie": "sid={ALNUM}"', ALNUM),
    (f"mysql --password={PW} -h db", PW),
    (f"login --token {ALNUM}", ALNUM),
]

LOOK_ALIKES = [
    "token_count=1532",
    "max_tokens: 4096",
    "tokens=12",
    "password_changed_at=2026-11-22T10:00:00Z",
    "password: null",
    '{"password": null}',
    '{"password":"***"}',
    "password=********",
    "password is required",
    "password reset for user 12",
    "Invalid password",
    "Failed password for root from 10.0.0.1 port 22 ssh2",
    "wrong password: denied",
    "secret not found: my-app/db",
    "secrets manager returned 3 secrets",
    "secretary=ada",
    "Token expired",
    "token: expired",
    "token=none",
    "tokenizer loaded in 12 ms",
    "nextToken is null",
    "unexpected token < in JSON at position 0",
    "SyntaxError: Unexpected token } in JSON",
    "authorization failed",
    "Authorization: none",
    "authorization denied for ada",
    "basic authentication is not supported here",
    "bearer authentication required",
    "compass=north",
    "bypass: true",
    "passed=12 failed=0",
    "pass 3 of 7",
    "monkey=banana12",
    "key=checkout/cart/17",
    "primary key=12345678",
    "api_key_count=3",
    "cookies=true",
    "cookie banner shown",
    "request id 8f6c2d1e-1111-2222-3333-444455556666",
    "RequestId: 8f6c2d1e-1111-2222-3333-444455556666 Duration: 12.00 ms",
    "XRAY TraceId: 1-5f84c7a1-1234567890abcdef12345678",
    "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "commit 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b",
    "arn:aws:iam::123456789012:role/AKIAlike",
    "AKIAshort",
    "XAKIAIOSFODNN7EXAMPLEX",
    "etag d41d8cd98f00b204e9800998ecf8427e",
    "https://shop.example.org/cart?id=7&sort=price",
    "http://10.0.0.1:8080/health",
    "redis://cache:6379/0",
    "postgres://db.internal:5432/shop",
    "user@host connected",
    "ssh ada@10.0.0.1:22",
    "mailto:ada@example.org",
    "java.lang.SecretProvider::load",
    "std::token::parse(a)",
    "password_policy=strong-passwords-only-please-count-12 length"[:15],
    "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----",
    "-----BEGIN PUBLIC KEY-----\nMIIB\n-----END PUBLIC KEY-----",
    "sk-learn imported",
    "task-1234 started, desk-5678 closed",
    "blk_-1608999687919862906 received",
    "signature verified",
    "sig=11",
    "design=rounded-corners",
    "order 4111 of 1111 shipped",
    "2026-11-22T10:09:41.305Z INFO started in 3.2 s",
    "$2 of ${PASSWORD} expanded",
    "password=${DB_PASSWORD}",
    "password=<redacted>",
    "pwd: [FILTERED]",
    "ignored the passenger list",
    "token bucket refilled: 100",
]


@pytest.mark.parametrize(("text", "secret"), SECRETS)
def test_a_seeded_secret_does_not_survive(text: str, secret: str) -> None:
    clean = redact(text)
    assert secret not in clean
    assert "‹" in clean


@pytest.mark.parametrize("text", LOOK_ALIKES)
def test_a_look_alike_is_left_as_it_is(text: str) -> None:
    assert redact(text) == text


def test_the_corpus_is_as_large_as_promised() -> None:
    assert len(SECRETS) >= 60
    assert len(LOOK_ALIKES) >= 60


@pytest.mark.parametrize("text", [text for text, _ in SECRETS])
def test_redacting_twice_changes_nothing_more_and_never_doubles_the_length(text: str) -> None:
    once = redact(text)
    assert redact(once) == once
    assert len(once) <= 2 * len(text)


@pytest.mark.parametrize(("text", "secret"), SECRETS)
def test_a_secret_does_not_survive_inside_json_either(text: str, secret: str) -> None:
    wrapped = json.dumps({"level": "error", "message": text, "n": 1})
    clean = redact(wrapped)
    assert secret not in clean
    assert json.dumps(secret)[1:-1] not in clean


def test_one_secret_keeps_one_placeholder_across_texts() -> None:
    redactor = Redactor()
    assert redactor.redact(f"a {KEY}") == "a ‹aws-key-1›"
    assert redactor.redact(f"b {TEMPORARY} {KEY}") == "b ‹aws-key-2› ‹aws-key-1›"
    assert redactor.count == 2


def test_what_surrounds_a_secret_stays() -> None:
    assert redact(f"postgres://app:{PW}@db:5432/shop") == "postgres://app:‹url-password-1›@db:5432/shop"
    assert (
        redact(f'{{"user":"ada","password":"{PW}","n":1}}') == '{"user":"ada","password":"‹secret-1›","n":1}'
    )


def test_people_are_named_unless_asked() -> None:
    text = "ada@example.org paid with 4111 1111 1111 1111, +49 151 1234 5678, 078-05-1120"
    assert redact(text) == text
    assert redact(text, pii=True) == "‹email-1› paid with ‹card-1›, ‹phone-1›, ‹ssn-1›"


def test_a_number_that_fails_the_card_check_is_no_card() -> None:
    assert redact("4111 1111 1111 1112", pii=True) == "4111 1111 1111 1112"


@given(st.text(max_size=300))
def test_no_text_breaks_or_doubles(text: str) -> None:
    once = redact(text, pii=True)
    assert len(once) <= max(2 * len(text), 4)
    assert redact(once, pii=True) == once


def test_many_tiny_secrets_do_not_make_a_text_grow_beyond_twice() -> None:
    text = "a://:b@ " * 50
    assert "‹" in redact(text)
    assert len(redact(text)) <= 2 * len(text)
