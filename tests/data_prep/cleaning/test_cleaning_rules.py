import pytest

from climb.data_prep.cleaning.cleaner import Cleaner
from climb.data_prep.cleaning.rules import books, subtitles
from climb.data_prep.sources.reading import Tally

CASES = [
    ("childes", "*MOT:\tokay, so this'll work. %add: EXP", ["okay, so this'll work."]),
    ("childes", "*CHI:\t[giggles].", []),
    ("childes", "*CHI:\txxx want he reads this one.", ["want he reads this one."]),
    ("childes", "*MOT:\tsee www.example.org there.", ["see www.example.org there."]),
    ("childes", "*CHI:\t(be)cause I was goin(g) (.) to the zoo (1.5) .", ["because I was going to the zoo."]),
    ("childes", "it was (not) good (really).", ["it was (not) good (really)."]),
    ("childes", "&-uh I &+wa want &=laughs that &uh one.", ["uh I want that one."]),
    ("childes", "AT&T and R&B & more", ["AT&T and R&B & more"]),
    ("childes", "<I want> [/] I want the doggie@l 0is choo_choo +...", ["I want I want the doggie choo choo..."]),
    ("childes", "write to anna@home.org today.", ["write to anna@home.org today."]),
    ("childes", 'he said +"/.', ["he said."]),
    ("childes", "and then he +//.", ["and then he..."]),
    ("childes", "where is +/?", ["where is?"]),
    ("childes", "ice+cream is 2+2", ["ice cream is 2+2"]),
    ("childes", "@Participants:\tCHI Target_Child", []),
    ("childes", "what is this 12345_23456", ["what is this"]),
    ("childes", "oh yes! *A: come on. *BRO: no.", ["oh yes!", "come on.", "no."]),
    ("childes", "put it here. [points to the box", ["put it here."]),
    ("childes", "⌈that's about it⌉ ↫c↫cookies st:ay", ["that's about it cookies stay"]),
    ("childes", "listen: stay here", ["listen: stay here"]),
    ("childes", "what 's that? there 's a b 's", ["what's that? there's a b 's"]),
    ("childes", "no, xxx. yeah, , good.", ["no. yeah, good."]),
    ("childes", "the 0 and the 10 and 0.5", ["the and the 10 and 0.5"]),
    ("aochildes", "there he is .", ["there he is."]),
    ("aochildes", "oh no ! what ?", ["oh no! what?"]),
    ("bnc_spoken", "the U F Os  touch\tdown", ["the U F Os touch down"]),
    ("bnc_spoken", "I'm not there . So , what &bquo;now&equo; ?", ["I'm not there. So, what “now”?"]),
    ("bnc_spoken", "it's alri =right <unclear> here <pause dur=3>", ["it's alri right here"]),
    ("bnc_spoken", "e = mc squared and the T & G", ["e = mc squared and the T & G"]),
    ("switchboard", "A:\tthat's right,", ["that's right,"]),
    ("switchboard", "Note: this stays.", ["Note: this stays."]),
    ("switchboard", "@B.12: {F Uh, } [ I, + I ] think {D you know, } <laughter> so. /",
     ["Uh, I, I think you know, so."]),
    ("switchboard", "A:\tYour right. *spelling: you're", ["Your right."]),
    ("switchboard", "it was *sd um, maybe on Monday.", ["it was um, maybe on Monday."]),
    ("switchboard", "I got #1 and ((maybe)) 5*3.", ["I got #1 and maybe 5*3."]),
    ("cbt", "` That is it , ' said the queen 's frog ; they do n't mind .",
     ["'That is it,' said the queen's frog; they don't mind."]),
    ("cbt", "`` Oh , '' she said -LRB- softly -RRB- .", ['"Oh," she said (softly).']),
    ("cbt", "I can not see ; 't was the fairies ' ball .", ["I cannot see; 'twas the fairies' ball."]),
    ("cbt", "You can not only see it .", ["You can not only see it."]),
    ("cbt", "He said , ' I go . '", ["He said, 'I go.'"]),
    ("cbt", "* * * * * The next day -LSB- Illustration : A cat -RSB- came .", ["The next day came."]),
    ("gutenberg", "He stood up. It was a help. See prov. 3.", ["He stood up. It was a help. See prov. 3."]),
    ("gutenberg", "for _not_ going away! [Illustration: A cat] It [12] snowed.", ["for not going away! It snowed."]),
    ("gutenberg", "CHAPTER IV ........ 23", []),
    ("gutenberg", "CHAPTER IV. THE STORM 23", []),
    ("gutenberg", "PREFACE    xiv", []),
    ("gutenberg", "XVIII.", []),
    ("gutenberg", "I.", ["I."]),
    ("gutenberg", "* * * * *", []),
    ("gutenberg", "I feel.... ill", ["I feel.... ill"]),
    ("gutenberg", "She was ill in 1823", ["She was ill in 1823"]),
    ("gutenberg", "See {xii} man[oe]uvres [Pg 12] here. * * * * Then.", ["See manoeuvres here.", "Then."]),
    ("gutenberg", "=Bold.= `Yes,' he said; a = b", ["Bold. 'Yes,' he said; a = b"]),
    ("gutenberg", "THE CAT Produced by Ann Lee and the Online Distributed Proofreading Team at http://www.pgdp.net",
     ["THE CAT"]),
    ("gutenberg", "Butter was produced by hand, and bread too.", ["Butter was produced by hand, and bread too."]),
    ("gutenberg", "Transcriber's Note: Spelling was kept.", []),
    ("gutenberg", "The Project Gutenberg License is included.", []),
    ("gutenberg", "[Exit.] He [the king] left.", ["[Exit.] He [the king] left."]),
    ("open_subtitles", "- Where is she? - Over there.", ["Where is she?", "Over there."]),
    ("open_subtitles", "♪ La la la ♪", []),
    ("open_subtitles", "<i>l'm sure</i> l think lt's fine. (door slams)", ["I'm sure I think lt's fine."]),
    ("open_subtitles", "lt's KlNG Arthur. ls he ill? Tell all.", ["It's KING Arthur. Is he ill? Tell all."]),
    ("open_subtitles", "Call the lsland jail, el l. 12", ["Call the lsland jail, el l. 12"]),
    ("open_subtitles", "Yes. ♪ la la ♪ No. # tra la # Go.", ["Yes. No. Go."]),
    ("open_subtitles", "He is #1. ♪♪ Right.", ["He is #1. Right."]),
    ("open_subtitles",
     "{y:i}Run! {DOOR SLAMS} I didn �t; don`t, ''you\"re'' in.", ["Run! I didn't; don't, \"you're\" in."]),
    ("open_subtitles", "Stop! >> Why? ~ Look. ~ There. -l see.", ["Stop!", "Why?", "Look.", "There.", "I see."]),
    ("open_subtitles", "MAN: Go! MRS. LEE: No.", ["Go!", "No."]),
    ("open_subtitles", "NEW YORK: A CITY", ["NEW YORK: A CITY"]),
    ("open_subtitles", "Two words: body clock. It costs 5:00.", ["Two words: body clock. It costs 5:00."]),
    ("open_subtitles", "Synced by someone Corrected by Anon", []),
    ("open_subtitles", "Subtitles by Anon Hello there.", ["Hello there."]),
    ("open_subtitles", "It was translated by monks. Correction: it's mine.",
     ["It was translated by monks. Correction: it's mine."]),
    ("open_subtitles", "AII right, teII him, troubIe. Mr. McIntyre, World WarII",
     ["All right, tell him, trouble. Mr. McIntyre, World WarII"]),
    ("open_subtitles", "A half-hearted well-to-do man - or so.", ["A half-hearted well-to-do man - or so."]),
    ("open_subtitles", "00:00:01,000 --> 00:00:02,500", []),
    ("qed", "&amp;quot;Fine&amp;quot; [music] # yes", ['"Fine" yes']),
    ("qed", "SPEAKER ONE:", []),
    ("qed", "*laughs* the #1 fan of C# says 5*3=15 # yes ##", ["laughs the #1 fan of C# says 5*3=15 yes"]),
    ("qed", "I drank 5 l of it, l think.", ["I drank 5 l of it, I think."]),
    ("qed", "So f(x) is (Laughter) a function, and g(y) too.", ["So f(x) is a function, and g(y) too."]),
    ("qed", "Translator: Ann Lee Reviewer: Bo Ray", []),
    ("qed", "A ratio of 3:1 is what I said: three to one.", ["A ratio of 3:1 is what I said: three to one."]),
    ("wikipedia", "External Links", []),
    ("wikipedia", "1984 1985", []),
    ("wikipedia", "Politics In February 2008, a Group began.", ["Politics In February 2008, a Group began."]),
    ("wikipedia", "'''Ann''' is a [[city|town]] in [[Wales]].{{cite|a={{b}}}} [[File:A.jpg|thumb|x]]",
     ["Ann is a town in Wales."]),
    ("wikipedia", "''Titanic'''s crew and ''Emma''.", ["Titanic's crew and Emma."]),
    ("wikipedia", "He said 'one,''two,' then.", ["He said 'one,''two,' then."]),
    ("wikipedia", 'Let x {\\displaystyle {\\frac {x}{y}}} be big.<ref name="a">Book</ref> It is.<br />Yes it is.',
     ["Let x be big. It is. Yes it is."]),
    ("wikipedia", "The sound [k] and [ʃ] are here.[12] Is it?[citation needed]",
     ["The sound [k] and [ʃ] are here. Is it?"]),
    ("wikipedia", "a[3] = b, and f (x) or 2 < 3 > 1", ["a[3] = b, and f (x) or 2 < 3 > 1"]),
    ("wikipedia", "The end. == References == A new one begins.", ["The end.", "A new one begins."]),
    ("wikipedia", "See also References External links The town lies far off.", ["The town lies far off."]),
    ("wikipedia", "See also Bibliography of the town, which is long.",
     ["See also Bibliography of the town, which is long."]),
    ("wikipedia", "Ann Lee. The Book. Oxford. ISBN 978-0-307-46491-0. Retrieved 3 May 2010.",
     ["Ann Lee. The Book. Oxford."]),
    ("simple_wikipedia", "Television.", []),
    ("simple_wikipedia", "Some cans are illegal.", ["Some cans are illegal."]),
    ("simple_wikipedia", "Oslo (, ; born 1900) is a city () in a land ( ; from 1814 ).",
     ["Oslo (born 1900) is a city in a land (from 1814)."]),
    ("simple_wikipedia", "Club statistics were 62||23 79||27 as known.", ["Club statistics were as known."]),
    ("simple_wikipedia", "The F train and the &lt;F&gt; train run; R&amp;B too.",
     ["The F train and the <F> train run; R&B too."]),
    ("simple_wikipedia", "Omsk (���. ����� ��) is a town.", ["Omsk is a town."]),
    ("simple_wikipedia", "He liked PageSix.com and http://a.org/b, he said.", ["He liked PageSix.com and, he said."]),
    ("simple_wikipedia", "An if (a == b) test and a = b here.", ["An if (a == b) test and a = b here."]),
    ("simple_wikipedia", "Zoo story = = = It was a play of 1958.", ["It was a play of 1958."]),
    ("simple_wikipedia", "Category:Towns in Norway", []),
    ("my_diary", "*MOT:\tkept [as it is]", ["*MOT: kept [as it is]"]),
]  # fmt: skip


@pytest.mark.parametrize(("family", "line", "expected"), CASES)
def test_rules_of_each_source(family: str, line: str, expected: list[str]):
    assert Cleaner(family, clean=True, tally=Tally()).lines(line) == expected


@pytest.mark.parametrize(
    "line",
    [
        "He gave it up. What a help.",
        "See prov. 3, p. 12 and v. 7.",
        "Two = two, said he.",
        "It cost 5* (a note) in 1823",
        "(It was late.)",
        "I [sic] am.",
        "Go on",
    ],
)
def test_no_paragraph_is_lost_for_an_abbreviation_or_a_mark(line: str):
    """CLIMB drops a paragraph with `p.`, `v.`, `*`, `=`, brackets, an opening bracket, a digit last, or two words."""
    assert Cleaner("gutenberg", clean=True, tally=Tally()).lines(line) == [line]


@pytest.mark.parametrize("line", ["a lsland, ltd, le, la, els", "call all tall bells", "el lobo", "5 l of milk"])
def test_real_words_are_not_repaired(line: str):
    """CLIMB turns every ` ls`, ` lt`, ` ln` into ` is`, ` it`, ` in`."""
    assert subtitles.misread_i(line) == line


def test_a_row_of_a_table_is_dropped_and_a_sentence_with_bars_is_not():
    assert books.tables("| a | b |") == ""
    sentence = "This sentence goes on | like this | " + "and on " * 40
    assert books.tables(sentence) == sentence
