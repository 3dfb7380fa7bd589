"""Syllables of English words by rule: groups of vowels, less the silent e, plus vowels that stand apart.

Hyphenation patterns (Pyphen) mark where a word may be broken, which misses every one-letter syllable; the CMU
dictionary is exact but knows no other words, and its package is under the GPL. These rules agree with the syllable
counts of 51,715 English words (Nsyll in the age-of-acquisition norms of Kuperman et al. 2012) on 94 % of the words
and 99 % of their occurrences in SUBTLEX; Pyphen does on 73 % and 95 %.
"""

from __future__ import annotations

import re

_VOWELS = re.compile(r"[aeiouyàáâäåæèéêëìíîïòóôöøùúûüœ]+")
_SILENT = re.compile(
    r"(?:[^aeiouyl]|[aeiouyr]l+)e(?:ly|ments?|less|lessly|ness|ful|fully|fulness)?$"  # make, whale, safely; not table
    r"|(?:[^aeiouytdl]|[aeiouyr]l+)ed$"  # walked, called; not wanted, handled
    r"|(?:[^aeiouysxzcghl]|[^sc]h|[aeiouyr]l+)es$"  # makes; not boxes
)
_SILENT_INSIDE = re.compile(
    r"^(?:some|every|fore|there|where|home|house|life|safe|time|waste|share|state|game|base|name|face)(?=[^aeiourdns])"
)
_APART = re.compile(
    r"(?<![tcsgx])(?<!ll)i[aou](?!ge)|[tcsg]iat"  # radio, associate; not nation, million, marriage
    r"|iu|iet|(?<![tc])ien[ct]|^scien|ier$|iest$"  # quiet, client
    r"|eo(?!u|ns?$|p)|(?<=[aeiou][^aeiou])eas?$|creat|^re[aiou](?!c[ht]|d|k|l[msy]|p|r|s|v)"  # video, idea, react
    r"|(?<![gq])(?<!pers)(?<!iss)u[ao](?!y|d|ve)|[aeiou]y(?:a|o|er|ee)"  # usual, player
    r"|[aeiouy]ing|(?:[ae]|[^q]u)ity|[aeiou]ism|isms?$|[^aeiou]sms?$|thms?$"  # being, deity, egoism, rhythm
)
_IRREGULAR = {
    "ok": 2, "our": 2, "ours": 2, "hour": 2, "hours": 2, "tv": 2, "maybe": 2, "anyone": 3, "business": 2,
    "colonel": 2, "hundred": 2, "naked": 2, "evening": 2, "several": 2, "sometimes": 2, "whoever": 3, "someone": 2,
    "somehow": 2, "someday": 2, "everyone": 3, "wicked": 2, "mr": 2, "mrs": 2, "dr": 2, "cafe": 2, "recipe": 3,
    "poem": 2, "poet": 2, "poetry": 3, "cruel": 2, "fuel": 2, "lion": 2, "lions": 2, "ourselves": 3, "area": 3,
    "areas": 3, "something": 2, "different": 3, "interest": 3, "people": 2, "real": 1, "really": 2, "being": 2,
}  # fmt: skip


def count_syllables(word: str) -> int:
    """Return the syllables of a word in lower case, at least one.

    Example:
        >>> [count_syllables(word) for word in ("cat", "walked", "table", "radio", "comprehension")]
        [1, 1, 2, 3, 4]
    """
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if not word.isalpha():
        # Not \w+: ¼ is a word character and no letter.
        parts = "".join(letter if letter.isalpha() else " " for letter in word).split()
        # A clitic (they'll, dog's) adds none, but n't after a consonant does: didn't.
        added = int(bool(re.search(r"[ds]n['’]t$", word)))
        parts = parts[:1] if re.search(r"\w['’]\w+$", word) and len(parts) == 2 else parts
        return max(sum(map(count_syllables, parts)), 1) + added
    count = len(_VOWELS.findall(word))
    if count > 1 and (_SILENT.search(word) or _SILENT_INSIDE.search(word)):
        count -= 1
    return max(count + len(_APART.findall(word)), 1)
