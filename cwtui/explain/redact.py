"""Secrets out of text that leaves the machine: to a model, to S3, into Markdown or HTML.

Each kind has a shape; a match becomes a placeholder `‹aws-key-1›`, numbered by first appearance, so
that two lines about one key still show it. Works inside JSON strings, escaped JSON in JSON, multi-line
PEM and connection strings. Applying it twice changes nothing more; no text grows beyond twice its length.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_PLACEHOLDER = r"‹[a-z0-9-]+›"
# `"`, `\"`, `\\"`: a quote as it stands in JSON, and in JSON that stands in a JSON string.
_QUOTE = r"(?:\\*[\"'])"
_VALUE = r"(?:(?<=[\"'])(?:[^\"'\\\s]|\\[^\"'])(?:[^\"'\\]|\\(?![\"'\\])[^\"'])*(?=\\*[\"'])"
_VALUE += r"|[^\s\"'\\&,;(){}\[\]<>‹›]+)"
_NAMES = (
    r"pass(?:word|wd|phrase|code)?|pwd|secret|secret[_.-]?(?:access[_.-]?)?key|secret[_.-]?(?:value|string)|"
    r"api[_.-]?(?:key|secret|token)|access[_.-]?token|session[_.-]?token|security[_.-]?token|auth[_.-]?token|"
    r"refresh[_.-]?token|id[_.-]?token|bearer[_.-]?token|csrf[_.-]?token|client[_.-]?secret|private[_.-]?key|"
    r"encryption[_.-]?key|signing[_.-]?key|master[_.-]?key|account[_.-]?key|"
    r"shared[_.-]?access[_.-]?(?:key|signature)|"
    r"credentials?|token|x-api-key|x-auth-token|x-amz-security-token|x-vault-token|"
    r"aws[_.-]?session[_.-]?token|otp|pin[_.-]?code"
)

# (kind, pattern); where a pattern has the group `secret`, only that is replaced. Order matters: whole
# shapes first, then what a name gives away.
_RULES: tuple[tuple[str, re.Pattern[str]], ...] = (
    (
        "private-key",
        re.compile(
            r"-----BEGIN[A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----[\s\S]{0,12000}?(?:"
            r"-----END[A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----|\Z)"
        ),
    ),
    ("aws-key", re.compile(r"(?<![A-Za-z0-9])(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}(?![A-Za-z0-9])")),
    ("jwt", re.compile(r"(?<![\w-])eyJ[\w-]{8,}\.eyJ[\w-]{8,}(?:\.[\w-]*)?")),
    (
        "token",
        re.compile(
            r"(?<![\w-])(?:gh[pousr]_\w{30,}|github_pat_\w{22,}|glpat-[\w-]{20,}|"
            r"xox[abeoprs]-[\w-]{10,}|xapp-[\w-]{10,}|"
            r"[spr]k_(?:live|test)_\w{16,}|whsec_\w{16,}|sk-(?:proj-|ant-|svcacct-)[\w-]{16,}|"
            r"sk-[A-Za-z0-9]{20,}|npm_\w{30,}|"
            r"pypi-[\w-]{16,}|AIza[\w-]{35}|ya29\.[\w-]{20,}|hf_[A-Za-z]{20,}|dop_v1_[a-f0-9]{32,}|"
            r"SG\.[\w-]{16,}\.[\w-]{16,}|"
            r"hv[bs]\.[\w-]{20,}|dckr_pat_[\w-]{16,}|shpat_[a-f0-9]{32}|key-[0-9a-f]{32}|"
            r"eyJhbGciOi[\w-]{20,})"
        ),
    ),
    (
        "webhook",
        re.compile(
            r"(?:hooks\.slack\.com/(?:services|workflows)|discord(?:app)?\.com/api/webhooks|"
            r"outlook\.office\.com/webhook)/"
            r"(?P<secret>[\w/@.-]{8,})"
        ),
    ),
    ("url-password", re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://[^\s/:@\"'‹›]*:(?P<secret>[^\s/@\"'‹›]+)(?=@)")),
    (
        "signature",
        re.compile(
            r"(?i)(?<![\w-])(?:X-Amz-(?:Signature|Credential|Security-Token)|X-Goog-(?:Signature|"
            r"Credential)|sig|"
            r"AWSAccessKeyId|Key-Pair-Id|Signature)(?:=|%3D)(?P<secret>[^\s&\"'<>\\,;‹›]{8,})"
        ),
    ),
    (
        "auth",
        re.compile(
            rf"(?i)\b(?:proxy-)?authorization{_QUOTE}?\s*[:=]\s*{_QUOTE}?\s*(?:(?:bearer|basic|digest|"
            rf"token|negotiate|apikey)\s+)?"
            rf"(?!(?:bearer|basic|digest|none|null|failed|denied|"
            rf"required)\b)(?P<secret>(?:AWS4-HMAC-SHA256 [^\"'\n\\]+|[A-Za-z0-9._~+/=:-]{{8,}}))"
        ),
    ),
    (
        "auth",
        re.compile(r"(?i)\b(?:bearer|basic)\s+(?P<secret>(?=[A-Za-z._~+/-]*[0-9=])[A-Za-z0-9._~+/=-]{12,})"),
    ),
    (
        "cookie",
        re.compile(
            r"(?i)\b(?:set-)?cookie\\*[\"']?\s*[:=]\s*\\*[\"']?(?P<secret>[\w.-]+=[^\s;\"'\\‹›]{6,}(?:;\s*[\w.-]+=[^\s;\"'\\‹›]{6,})*)"
        ),
    ),
    (
        "secret",
        re.compile(
            rf"(?i)(?<![A-Za-z0-9])(?:[A-Za-z0-9]+[_.-])*(?:{_NAMES}){_QUOTE}?\s*(?::(?![:/])|=(?!=)|"
            rf"=>)\s*{_QUOTE}?"
            rf"(?P<secret>{_VALUE})"
        ),
    ),
    (
        "secret",
        re.compile(
            rf"(?<![A-Za-z0-9])[a-z]+(?:[A-Z][a-z]+)*(?:Password|Passwd|Secret|SecretKey|ApiKey|"
            rf"AccessKey|AccessToken|AuthToken|SessionToken|RefreshToken|ClientSecret|PrivateKey|"
            rf"SecretAccessKey|AccountKey)\b{_QUOTE}?\s*[:=]\s*{_QUOTE}?(?P<secret>{_VALUE})"
        ),
    ),
    (
        "secret",
        re.compile(
            r"(?:^|(?<=\s))(?:--password|--passwd|--token|--secret|--api-key|"
            r"-p)[ =](?P<secret>[^\s\"'‹›-][^\s\"'‹›]{3,})"
        ),
    ),
    (
        "secret",
        re.compile(
            r"(?i)(?:aws_?secret\w*|"
            r"secret[ _-]?access[ _-]?key)\W{1,5}(?P<secret>[A-Za-z0-9/+]{40})(?![A-Za-z0-9/+])"
        ),
    ),
)
# What stands where a value does but gives nothing away.
_HARMLESS = re.compile(
    r"(?i)(?:\*+|x{3,}|-|null|none|nil|undefined|true|false|yes|no|on|off|empty|missing|invalid|expired|"
    r"required|unset|set|changed|"
    r"redacted|\[?(?:redacted|filtered|masked|hidden)\]?|<[^>]*>|\$\{?\w+\}?|%s|\.\.\.|failed|denied|ok|"
    r"incorrect|wrong|rejected|"
    r"string|str|bytes|not|is|was|for|and|or|the|too|must|has|does|"
    rf"\d{{1,3}}|\d+(?:ms|s|m|h)|{_PLACEHOLDER})\.?"
)

_PII: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("email", re.compile(r"(?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)*\.[A-Za-z]{2,}\b")),
    ("card", re.compile(r"(?<![\w.:-])[3-6]\d{3}(?:[ -]?\d{4}){2}[ -]?\d{1,4}(?![\w.:-])")),
    ("ssn", re.compile(r"(?<![\w-])\d{3}-\d{2}-\d{4}(?![\w-])")),
    ("phone", re.compile(r"(?<!\w)\+\d{1,3}[ -]?\(?\d{2,5}\)?(?:[ -]?\d{2,4}){2,3}\b")),
)
_TOO_SHORT = 4
_KINDS_SHORTEST = "‹x›"


class Redactor:
    """Redacts texts that belong together: one secret gets one placeholder in all of them."""

    def __init__(self, pii: bool = False) -> None:
        """`pii`: also e-mail addresses, phone, card and social security numbers."""
        self._rules = (*_RULES, *_PII) if pii else _RULES
        self._names: dict[tuple[str, str], str] = {}
        self._counts: dict[str, int] = {}

    @property
    def count(self) -> int:
        """How many different values were replaced so far."""
        return len(self._names)

    def redact(self, text: str) -> str:
        """The text with every secret replaced. Idempotent; deterministic in the order of calls."""
        found = list(self._found(text))
        if not found:
            return text
        out: list[str] = []
        position = 0
        for start, end, kind in found:
            out += (text[position:start], self._placeholder(kind, text[start:end]))
            position = end
        out.append(text[position:])
        return "".join(out)

    def _found(self, text: str) -> Iterator[tuple[int, int, str]]:
        """Spans to replace, in order, none within another; an earlier rule wins over a later one."""
        spans: list[tuple[int, int, str]] = []
        for kind, pattern in self._rules:
            named = "secret" in pattern.groupindex
            for match in pattern.finditer(text):
                start, end = match.span("secret" if named else 0)
                if not _tells(kind, text[start:end]):
                    continue
                if all(end <= other_start or start >= other_end for other_start, other_end, _ in spans):
                    spans.append((start, end, kind))
                elif any(start < other_start or end > other_end for other_start, other_end, _ in spans):
                    spans = _widened(spans, start, end, kind)
        return iter(sorted(spans))

    def _placeholder(self, kind: str, value: str) -> str:
        name = self._names.get((kind, value))
        if name is None:
            self._counts[kind] = self._counts.get(kind, 0) + 1
            name = self._names[kind, value] = f"‹{kind}-{self._counts[kind]}›"
        # A short value under a long name would let hostile text grow.
        return name if len(name) <= 2 * len(value) else _KINDS_SHORTEST[: max(1, 2 * len(value))]


def redact(text: str, pii: bool = False) -> str:
    """One text redacted by itself; see `Redactor` for texts that belong together."""
    return Redactor(pii).redact(text)


def _widened(
    spans: list[tuple[int, int, str]], start: int, end: int, kind: str
) -> list[tuple[int, int, str]]:
    """The spans with those that touch `[start, end)` joined into one."""
    touching = [span for span in spans if not (end <= span[0] or start >= span[1])]
    apart = [span for span in spans if span not in touching]
    return [
        *apart,
        (min(start, *(span[0] for span in touching)), max(end, *(span[1] for span in touching)), kind),
    ]


def _tells(kind: str, value: str) -> bool:
    if kind == "card":
        return _luhn([int(character) for character in value if character.isdigit()])
    if kind == "secret":
        return len(value) >= _TOO_SHORT and not _HARMLESS.fullmatch(value) and "‹" not in value
    return "‹" not in value


def _luhn(digits: list[int]) -> bool:
    doubled = [2 * digit - 9 * (digit > 4) for digit in digits[-2::-2]]
    return 13 <= len(digits) <= 19 and (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0
