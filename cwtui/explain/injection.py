"""Log text that speaks to a language model: a finding of its own, and never shown to the model."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

# Lower-case anchors, one of which is in every text that `_ADDRESS` matches: looked for in a whole block at once.
_ANCHORS = (
    "ignore", "disregard", "forget", "override", "system prompt", "you are", "you must", "assistant", "<|",
    "[inst]", "<<sys>>", "language model", "instruction", "as an ai", "chatgpt", "llm",
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


def addresses_ai(text: str) -> bool:
    """Whether a text gives orders to, or plays the part of, a language model."""
    lowered = text.lower()
    return any(anchor in lowered for anchor in _ANCHORS) and _ADDRESS.search(text) is not None


def addressing(messages: Sequence[str]) -> Iterator[int]:
    """Positions of the messages that address a model; cheap where none does."""
    block = "\n".join(messages).lower()
    if not any(anchor in block for anchor in _ANCHORS):
        return
    for position, message in enumerate(messages):
        if addresses_ai(message):
            yield position
