"""Tokens to their masked form: what varies from line to line becomes `<*>`.

A line is cut, its digits folded to `0` (so that most tokens are met again), split on white space,
and each token is looked up in a memo that computes a mask only once. A mask keeps the words and the
punctuation of a token and replaces what names one instance: URLs, paths, addresses, hosts, and any
run with a digit in it.
"""

from __future__ import annotations

import re

WILDCARD = "<*>"
MAX_CHARACTERS = 1_500
"""Characters of a message the miner looks at."""
MAX_TOKENS = 200
_MEMO_LIMIT = 200_000

Signature = tuple[str, ...]

# Folding as bytes is 14 times faster than str.translate with a dict; no UTF-8 sequence holds an ASCII digit.
_FOLD = bytes.maketrans(b"123456789", b"000000000")
_ZONES = (
    r"ac|ai|app|arpa|biz|ca|cn|co|com|de|dev|edu|eu|fr|gov|info|internal|in|it|jp|lan|local|localdomain|mil|"
)
_ZONES += r"net|nl|org|ru|se|uk|us|xyz"
# Names of code that look like hosts: a package is not an instance.
_PACKAGE = re.compile(r"^[^A-Za-z]*(?:com|org|net|java|javax|android|io|software|sun|jdk)\.", re.ASCII)

_URL = re.compile(r"[A-Za-z][\w+.-]*://[^\s\"'<>|,;)\]}]+")
_PATH = re.compile(r"(?<![\w<>*])(?:[A-Za-z]:)?(?:[\\/][\w.@%+~:#$&=*?!-]+)+[\\/]?(?:\?[^\s\"'<>)\]]*)?")
_MAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
# IPv6 and MAC addresses.
_HARDWARE = re.compile(
    r"\b(?:[0-9A-Fa-f]{1,4}:){3,7}:?[0-9A-Fa-f]{0,4}\b|\b(?:[0-9A-Fa-f]{2}[:-]){5,}[0-9A-Fa-f]{2}\b"
)
_DIGIT = re.compile(r"\d")
_HOST = re.compile(
    rf"\b(?:[A-Za-z0-9_-]+\.)+(?:{_ZONES}|(?:ac|co|com|edu|gov|net|org)\.[a-z]{{2}})\b(?!\.?\w)"
)
# Letters, digits and single dots, dashes and underscores around at least one digit: ids, numbers, addresses,
# hex. Dots that lead to a number (`depth.....0`) part it from the word.
_WITH_DIGIT = re.compile(r"(?:(?<!\w)[-+.])?(?=(?:\w+[.+-])*\w*\d)\w+(?:[.+-]\w+)*%?")
_HEX_WORD = re.compile(r"\b[0-9a-fA-F]{16,}\b")
_JOINED = re.compile(r"<\*>(?:[^\w\s<>\"'()\[\]{}]{0,2}<\*>)+")
_QUOTED_VALUE = re.compile(r'(?<=\w)(=|: )"[^"]*"')

# `failed to read 'my file.txt'`: several words in quotes are one value.
_PHRASE = re.compile(r"(?<=[\s(\[=:,])'(?=[^' ]+ )[^'\n]{1,100}'(?=[\s,.;:)\]]|\Z)")


class TokenMemo(dict[str, str]):
    """Masked form by (digit-folded) token, computed on the first sight of a token."""

    def __missing__(self, token: str) -> str:
        if len(self) >= _MEMO_LIMIT:
            self.clear()
        masked = self[token] = token if token.isalpha() else mask_token(token)
        return masked


def mask_token(token: str) -> str:
    """One token with what varies replaced; a token without digits, slashes, dots or colons is itself."""
    if _WITH_DIGIT.fullmatch(token):
        return WILDCARD
    if "://" in token:
        token = _URL.sub(WILDCARD, token)
    if "/" in token or "\\" in token:
        token = _PATH.sub(WILDCARD, token)
    if "@" in token:
        token = _MAIL.sub(WILDCARD, token)
    if token.count(":") >= 3 or token.count("-") >= 5:
        token = _HARDWARE.sub(WILDCARD, token)
    if "." in token and not _PACKAGE.match(token):
        token = _HOST.sub(WILDCARD, token)
    if _DIGIT.search(token):
        token = _WITH_DIGIT.sub(WILDCARD, token)
    if len(token) >= 16:
        token = _HEX_WORD.sub(WILDCARD, token)
    return _JOINED.sub(WILDCARD, token) if token.count(WILDCARD) > 1 else token


def without_digits(message: str) -> bytes:
    """A message as bytes, every digit a zero."""
    return message.encode("utf-8", "surrogatepass").translate(_FOLD)


def fold(message: str) -> str:
    """What of a message is tokenised: its beginning up to a blank, digits folded, quoted values masked."""
    if len(message) > MAX_CHARACTERS:
        # Half a token would be one of its own.
        message = (
            message[:MAX_CHARACTERS].rsplit(maxsplit=1)[0] if " " in message[:MAX_CHARACTERS] else message
        )
    text = without_digits(message[:MAX_CHARACTERS]).decode("utf-8", "surrogatepass")
    if '="' in text or ': "' in text:
        text = _QUOTED_VALUE.sub(rf'\1"{WILDCARD}"', text)
    return _PHRASE.sub(f"'{WILDCARD}'", text) if " '" in text else text
