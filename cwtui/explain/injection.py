"""Log text that speaks to a language model: a finding of its own, and never shown to the model."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate

# Lower-case anchors, one of which is in every text that `_ADDRESS` matches; looked for in a block at once.
_ANCHORS = (
    "ignore", "disregard", "forget", "override", "system prompt", "you are", "you must", "assistant", "<|",
    "[inst]", "<<sys>>", "language model", "instruction", " ai", "chatgpt", "llm",
)  # fmt: skip
_ADDRESS = re.compile(
    r"""(?ix)
    \b(?:ignore|disregard|forget|override|bypass)\b .{0,30}?
        \b(?:previous|prior|above|earlier|all|any|your|the|these|those|system)\b .{0,30}?
        \b(?:instruction|prompt|rule|direction|guideline|context|message|polic(?:y|ies)|command)s?\b
   |\b(?:new|updated|following|system|developer|hidden|secret)\s(?:instruction|prompt)s?\s*(?::|for\sthe\b|to\sthe\b)
   |\b(?:your|the|system)\s+system\s+prompt\b|\bsystem\s+prompt\b
   |\byou\s+are\s+(?:now\s+)?(?:an?\s+)?(?:ai|assistant|chatgpt|llm|language\s+model|helpful|dan\b|in\s+developer\s+mode)
   |\byou\s+must\s+(?:now\s+)?(?:answer|respond|reply|report|say|summari[sz]e|output|tell|state|ignore)\b
   |\b(?:as|dear|hey|attention|note\s+to|to)\s+(?:an?\s+|the\s+|any\s+)?(?:ai|llm|assistant|language\s+model|chatgpt)\b
        .{0,40}?(?:[:,]|\breading\b|\bplease\b|\bmust\b|\bsummari|\bshould\b)
   |<\|(?:im_start|im_end|system|user|assistant|endoftext|eot_id|start_header_id)\|?>?
   |\[/?INST\]|<</?SYS>>
   |(?:^|["'\s])(?:assistant|\#\#\#\s*(?:system|instruction))\s*:\s*\S+\s
   |\binstructions?\s+(?:to|for)\s+(?:the\s+)?(?:ai|llm|model|assistant|summari[sz]er)\b
    """
)


_REACH = 16_384
"""Characters of a message that are looked at."""


def addresses_ai(text: str) -> bool:
    """Whether a text gives orders to, or plays the part of, a language model."""
    head = text[:_REACH]
    lowered = head.lower()
    return any(anchor in lowered for anchor in _ANCHORS) and _ADDRESS.search(head) is not None


def addressing(messages: Sequence[str]) -> Iterator[int]:
    """Positions of the messages that address a model, in order; cheap where none does."""
    lowered = [message[:_REACH].lower() for message in messages]
    block = "\n".join(lowered)
    starts = list(accumulate((len(text) + 1 for text in lowered), initial=0))
    suspects: set[int] = set()
    for anchor in _ANCHORS:
        place = block.find(anchor)
        while place >= 0:
            position = bisect_right(starts, place) - 1
            suspects.add(position)
            # The next line: a message is looked at as a whole.
            place = block.find(anchor, starts[position + 1])
    for position in sorted(suspects):
        if _ADDRESS.search(messages[position][:_REACH]) is not None:
            yield position
