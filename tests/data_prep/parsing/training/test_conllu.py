"""CoNLL-U is read as it is defined, and what is broken is refused by file and line."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from climb.base.errors import UserError
from climb.data_prep.parsing.training.conllu import Tree, read_conllu

SOUND = """\
# sent_id = 1
# text = I don't. No
1\tI\tI\tPRON\tPRP\t_\t4\tnsubj\t4:nsubj\t_
2-3\tdon't\t_\t_\t_\t_\t_\t_\t_\tSpaceAfter=No
2\tdo\tdo\tAUX\tVBP\t_\t4\taux\t_\t_
3\tn't\tnot\tPART\tRB\t_\t4\tadvmod\t_\t_
3.1\tgo\tgo\tVERB\t_\t_\t_\t_\t0:root\t_
4\t.\t.\tPUNCT\t.\t_\t0\troot\t_\t_

1\tNo\tno\tINTJ\tUH\t_\t0\troot\t_\t_
"""


def read(folder: Path, content: str | bytes) -> list[Tree]:
    path = folder / "bank.conllu"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_conllu(path)


def test_comments_empty_nodes_and_multiword_tokens(tmp_path):
    assert read(tmp_path, SOUND) == [
        Tree(
            words=("I", "do", "n't", "."),
            spaces=(True, False, False, True),
            tags=("PRON", "AUX", "PART", "PUNCT"),
            heads=(3, 3, 3, 3),
            relations=("nsubj", "aux", "advmod", "root"),
        ),
        Tree(("No",), (True,), ("INTJ",), (0,), ("root",)),
    ]


def test_line_ends_byte_order_mark_and_missing_last_line(tmp_path):
    expected = read(tmp_path, SOUND)
    assert read(tmp_path, "\ufeff" + SOUND.replace("\n", "\r\n")) == expected
    assert read(tmp_path, "\n\n" + SOUND.replace("\n\n", "\n \n\n").rstrip("\n")) == expected


def test_a_contraction_that_its_words_do_not_spell_becomes_one_word(tmp_path):
    """Rien du tout: du = de + le; both hang on `tout`, as near to the root, so the first gives tag and relation."""
    rows = [
        "1\tRien\t_\tPRON\t_\t_\t0\troot\t_\t_",
        "2-3\tdu\t_\t_\t_\t_\t_\t_\t_\t_",
        "2\tde\t_\tADP\t_\t_\t4\tcase\t_\t_",
        "3\tle\t_\tDET\t_\t_\t4\tdet\t_\t_",
        "4\ttout\t_\tPRON\t_\t_\t1\tnmod\t_\t_",
    ]
    (tree,) = read(tmp_path, "\n".join(rows) + "\n")
    assert (tree.words, tree.tags, tree.relations) == (
        ("Rien", "du", "tout"),
        ("PRON", "ADP", "PRON"),
        ("root", "case", "nmod"),
    )
    assert tree.heads == (0, 2, 0)


def test_words_that_hang_on_a_merged_word_hang_on_the_whole(tmp_path):
    """Dímelo: the verb is inside, and its clitics vanish with it into one word."""
    rows = [
        "1-3\tDímelo\t_\t_\t_\t_\t_\t_\t_\t_",
        "1\tDi\t_\tVERB\t_\t_\t0\troot\t_\t_",
        "2\tme\t_\tPRON\t_\t_\t1\tiobj\t_\t_",
        "3\tlo\t_\tPRON\t_\t_\t1\tobj\t_\t_",
        "4\tya\t_\tADV\t_\t_\t3\tadvmod\t_\t_",
    ]
    (tree,) = read(tmp_path, "\n".join(rows) + "\n")
    assert tree == Tree(("Dímelo", "ya"), (True, True), ("VERB", "ADV"), (0, 0), ("root", "advmod"))


def row(number: int, *, word: str = "a", tag: str = "X", head: object = 0, relation: str = "dep") -> str:
    return f"{number}\t{word}\t_\t{tag}\t_\t_\t{head}\t{relation}\t_\t_\n"


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (row(1).replace("\t", " "), "line 1 has 1 columns between tabs where CoNLL-U has 10"),
        (row(1) + row(3, head=1), "line 2 has the word number '3' where 2 is due"),
        (row(1, word=" "), "line 1 has an empty word"),
        (row(1, tag="NN"), "line 1 has the part of speech 'NN', none of the 17"),
        (row(1, tag="_"), "line 1 has the part of speech '_'"),
        (row(1, head="_"), "line 1 has the head '_', no number"),
        (row(1, head=-1), "line 1 has the head '-1'"),
        (row(1, head="²"), "line 1 has the head '²'"),
        (row(1, head="9" * 30), "line 1 has the head '9999"),
        (row(1, relation="_"), "line 1 has no relation"),
        (row(1) + row(2, head=3), "line 2 has the head 3 in a sentence of 2 words"),
        (row(1) + row(2), "line 1 begins a sentence with 2 roots where a tree has one"),
        (row(1, head=2) + row(2, head=1), "line 1 begins a sentence with 0 roots"),
        (row(1) + row(2, head=3) + row(3, head=2), "line 2 hangs in a circle of heads"),
        ("# c\n1.1" + row(1)[1:], "line 2 begins a sentence without a word"),
        ("2-3" + row(1)[1:] + row(1), "line 1 has the word numbers '2-3' where 1-… is due"),
        ("1-3" + row(1)[1:] + row(1), "line 2 ends a sentence inside a multiword token"),
        (row(1).encode() + b"\n\n" + b"1\t\xff" + row(1)[3:].encode(), "line 4 is not UTF-8"),
        ("", "holds no sentence"),
        ("# only a comment\n", "holds no sentence"),
    ],
)
def test_what_is_broken_is_refused_by_line(tmp_path, content, complaint):
    with pytest.raises(UserError) as caught:
        read(tmp_path, content)
    assert complaint in str(caught.value)
    assert str(caught.value).startswith(str(tmp_path / "bank.conllu"))


def test_a_missing_file_is_one_sentence(tmp_path):
    with pytest.raises(UserError, match="No such file"):
        read_conllu(tmp_path / "nowhere.conllu")


hostile = st.lists(
    st.lists(
        st.sampled_from(["1", "2", "1-2", "1.1", "-", "0", "a", "_", "X", "root", "\u2028", "\x00"]), max_size=11
    ),
    max_size=6,
).map(lambda rows: "\n".join("\t".join(row) for row in rows).encode())


@given(st.one_of(st.binary(max_size=200), hostile))
def test_any_bytes_are_read_or_refused(tmp_path_factory, content):
    folder = tmp_path_factory.getbasetemp()
    try:
        trees = read(folder, content)
    except UserError:
        return
    for tree in trees:
        check(tree)


@st.composite
def trees(draw):
    """A random tree: each word hangs on one that was placed before it, in a random order."""
    size = draw(st.integers(1, 8))
    order = draw(st.permutations(range(size)))
    heads = [0] * size
    for place, word in enumerate(order):
        heads[word] = 0 if place == 0 else order[draw(st.integers(0, place - 1))] + 1
    cut = draw(st.integers(0, size - 1))
    width = draw(st.integers(1, size - cut))
    return heads, cut, width


@given(trees())
def test_merging_keeps_a_tree(tmp_path_factory, drawn):
    """Whatever words a contraction swallows, one word is left of them and what remains is a tree."""
    heads, cut, width = drawn
    lines = [row(number, head=head, word=f"w{number}") for number, head in enumerate(heads, 1)]
    lines.insert(cut, f"{cut + 1}-{cut + width}\tMERGED\t_\t_\t_\t_\t_\t_\t_\t_\n")
    (tree,) = read(tmp_path_factory.getbasetemp(), "".join(lines))
    check(tree)
    assert len(tree.words) == len(heads) - width + 1
    assert tree.words.count("MERGED") == 1


def check(tree: Tree) -> None:
    """One root, and a way to it from every word."""
    size = len(tree.words)
    assert {len(tree.tags), len(tree.heads), len(tree.relations), len(tree.spaces)} == {size}
    assert sum(head == word for word, head in enumerate(tree.heads)) == 1
    for start in range(size):
        word = start
        for _ in range(size):
            word = tree.heads[word]
        assert tree.heads[word] == word
