"""Characters and codes that cleaning rules look for, family by family, as hypothesis draws them.

Control characters are left out: reading removes them before a rule sees a line.
"""

from hypothesis import strategies as st

from climb.data_prep.cleaning.cleaner import RULES

CODES = {
    "chat": [
        "*MOT:\t", "*CHI:", "@Begin", "%mor: a|b", "[giggles]", "[", "]", "<I want> [/] ", "(.)", "(1.5)", "&-uh ",
        "&=laughs", "&+fr ", "xxx", "yyy", "www", "0is ", "0", "(be)cause", "goin(g)", "doggie@l", "choo_choo",
        "+...",
        "+/.", '+"', "++", "⌈oh⌉", "↫c↫", "ba:d", "‡", "what 's", ".", ",", "?", " ", "a", "B", "•12_34•",
        "= = = A = = =",
    ],
    "spoken": [
        "<unclear>", "<", ">", "=thing", "alri =right", "&bquo;", "&amp;", "A:", "@B.12:", "*sd", "*listen", "*",
        "{F uh, }",
        "{", "}", "[ I, + I ]", "/", "((", "))", "#", "[laughter]", " ", ".", ",", "a", "B", "--",
    ],
    "books": [
        "`", "``", "''", " ' ", "-LRB-", "-RRB-", "do n't", "can not", "'t is", "[Illustration: a]", "[12]", "[",
        "]", "{iv}",
        "[Pg 3]", "[oe]", "* * *", "*", "_", "=", "+", "|", "....", "23", "IV", "Produced by", "www.pgdp.net", "a",
        "B", " ",
        ".", "?", '"', "http://a.b/c", "(", ")",
    ],
    "subtitles": [
        "<i>", "</i>", "{\\an8}", "{y:i}", "{", "}", "\\N", "00:00:01,000 --> 00:00:02,000", "-=", "=-", "�t", "`",
        "''", '"s',
        "Subtitles by", "Synced by", "♪", "# ", " #", "* ", "(", ")", "[", "]", "- ", "-", ">>", "~", "MAN:", "B",
        "l", "ls",
        "I", "KlNG", "AII", "teII", "a", " ", ".", "?", "&amp;quot;", "www.a.org", ":",
    ],
    "wiki": [
        "<ref>", "</ref>", "<br>", "<!--", "-->", "&lt;", "&gt;", "{{", "}}", "{\\displaystyle x}", "{", "}", "[[",
        "]]", "|",
        "[[File:", "File:a.jpg|", "[http://a b]", "||", "!", 'colspan="2"', "{| ", "|}", "==", "= =", "=", "'''",
        "''", "'s",
        "*", "#", ":", ";", "[1]", "[", "]", "ISBN 978-0-307-46491-0", "doi:10.1000/a", "Retrieved 3 May 2010.",
        "formula_1",
        "�", "(", ")", ",", "(; ", " )", "See also", "References", "Category:a", "#REDIRECT", "__TOC__", " ", "a",
        "B", ".",
    ],
}  # fmt: skip
KINDS = {
    "aochildes": "chat", "childes": "chat", "bnc_spoken": "spoken", "switchboard": "spoken", "cbt": "books",
    "children_stories": "books", "gutenberg": "books", "open_subtitles": "subtitles", "qed": "subtitles",
    "simple_wikipedia": "wiki", "wikipedia": "wiki",
}  # fmt: skip
assert set(KINDS) == set(RULES)


def lines_of(family: str) -> st.SearchStrategy[str]:
    """Lines made of a family's codes, of other text, and of anything."""
    codes = st.lists(st.sampled_from([*CODES[KINDS[family]], "word ", "Word."]), max_size=14).map("".join)
    anything = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Zl", "Zp"]), max_size=40)
    return st.one_of(codes, codes, anything)
