"""Which sentences belong to the minimal pairs and which to the text: an eighth is set apart by a hash.

A sentence's *family* is its bag of words with what the paradigms vary taken away: inflection for number and
tense, determiners and wh-words, gender. Families are hashed; the text never holds a sentence of a held-out
family, and minimal pairs hold no other. So no sentence of a pair, good or bad, and no variant of one that
differs only in these, is a sentence of a text of any length and seed, or stands between two marks of it
(the words of a short one may begin or end a longer clause). Cost: 5 µs a sentence.
"""

from __future__ import annotations

import re
import zlib

from climb.sample_corpus import lexicon as lx

_WORD = re.compile(r"[a-zé]+")
_PIECE = re.compile(r'[,;:"!?.]+')
_SHARE = 8
_FUNCTION_WORDS = {
    "be": "am is are was were been being",
    "have": "has had having",
    "do": "does did",
    "the": "a an this that these those no only every each one some many few several all most what who which",
    "self": "himself herself itself themselves myself yourself ourselves",
    "often": "ever probably certainly surely clearly obviously definitely evidently apparently",
    "he": "she it they",
    "his": "her their its",
}


def _base_forms() -> dict[str, str]:
    forms = {form: base for base, words in _FUNCTION_WORDS.items() for form in words.split()}
    for man, woman in zip(lx.MEN, lx.WOMEN, strict=True):
        forms |= {form: man.forms[0] for noun in (man, woman) for form in noun.forms}
    forms |= {name.text.lower(): "name" for name in (*lx.MEN_NAMES, *lx.WOMEN_NAMES)}
    for bag in lx.NOUNS.values():
        for noun in bag:
            forms.setdefault(noun.forms[1], forms.setdefault(noun.forms[0], noun.forms[0]))
    verbs = [action.verb for bag in lx.ACTIONS.values() for action in bag]
    verbs += [*lx.INTRANSITIVES["person"], *lx.INTRANSITIVES["animal"], *lx.MOTIONS, *lx.REFLEXIVES]
    verbs += [*lx.DITRANSITIVES, *lx.SAYERS, *lx.FACTIVES, *lx.WANTERS, *lx.INDUSTRY, *lx.COPULAS]
    for verb in verbs:
        words = (verb.base, verb.present[0], verb.past, verb.participle, verb.ing)
        # A form that is also a noun's (saw, leaves) draws the whole verb into the noun's family.
        base = next((forms[word] for word in words if word in forms), verb.base)
        forms |= dict.fromkeys(words, base)
    return forms


_BASE = _base_forms()


def family(sentence: str) -> str:
    """Return the sorted base forms of the sentence's words; what paradigms vary falls together."""
    return " ".join(sorted([_BASE.get(word, word) for word in _WORD.findall(sentence.lower())]))


def held_out(sentence: str) -> bool:
    """Say whether the sentence's family is kept for minimal pairs (one in eight is)."""
    return zlib.crc32(family(sentence).encode()) % _SHARE == 0


def allowed_in_text(line: str) -> bool:
    """Say whether neither the line nor a stretch between punctuation marks is held out.

    Stretches of one or two words (`Well`, `said Tom`) are never a sentence of a pair and are not looked at.
    """
    if held_out(line):
        return False
    pieces = _PIECE.split(line)
    if len(pieces) == 2:  # only the closing mark: the piece is the line
        return True
    return not any(held_out(piece) for piece in pieces if piece.count(" ") > 1)
