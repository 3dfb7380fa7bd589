"""The verbs of the sample corpus by frame: who does what to which kind of thing; the commonest first.

A verb is `base`, `base/past` (participle like the past) or `base/past/participle`; what is missing is
regular. A transitive line is `subject>object`. Cost: parsed once at import.
"""

from __future__ import annotations

INTRANSITIVE = """
sleep/slept laugh smile cry wait sing/sang/sung dance play swim/swam/swum rest work sneeze talk listen
shout fall/fell/fallen yawn whisper kneel/knelt stand/stood sit/sat travel arrive leave/left
complain cough pray snore faint weep/wept stumble
"""

ANIMAL_INTRANSITIVE = """
run/ran/run jump sleep/slept bark swim/swam/swum hide/hid/hidden growl fly/flew/flown crawl hunt hop rest
climb drink/drank/drunk eat/ate/eaten wander sneak graze howl squeak
"""

MOTION = """
go/went/gone walk run/ran/run come/came/come drive/drove/driven travel hurry return march ride/rode/ridden
fly/flew/flown rush wander cycle sail
"""

TRANSITIVE = {
    "person>person": """
        see/saw/seen help like know/knew/known love hug call follow watch meet/met visit thank kiss find/found
        hear/heard remember forget/forgot/forgotten miss teach/taught tickle blame admire trust greet invite
        praise annoy fear scold tease protect surprise beat/beat/beaten forgive/forgave/forgiven choose/chose/chosen
        hire comfort interview ignore rescue insult serve respect
    """,
    "person>animal": """
        see/saw/seen feed/fed like chase pet love catch/caught find/found ride/rode/ridden wash hear/heard follow
        draw/drew/drawn paint rescue tame steal/stole/stolen photograph choose/chose/chosen train
    """,
    "person>food": """
        eat/ate/eaten like make/made want cook cut/cut buy/bought share bake taste steal/stole/stolen
        choose/chose/chosen drop sell/sold finish bring/brought chew swallow peel prepare slice
    """,
    "person>drink": """
        drink/drank/drunk want spill like make/made pour taste sip finish heat boil
    """,
    "person>readable": """
        read/read write/wrote/written find/found like finish open lose/lost forget/forgot/forgotten take/took/taken
        tear/tore/torn study buy/bought borrow hide/hid/hidden copy publish translate edit print
    """,
    "person>thing": """
        find/found take/took/taken see/saw/seen want hold/held carry break/broke/broken buy/bought hide/hid/hidden
        lose/lost make/made throw/threw/thrown drop like wash keep/kept need bring/brought clean draw/drew/drawn
        move steal/stole/stolen fix build/built push paint sell/sold touch choose/chose/chosen shake/shook/shaken
        polish wrap borrow collect lift repair destroy examine measure grab
    """,
    "person>vehicle": """
        drive/drove/driven see/saw/seen wash stop ride/rode/ridden buy/bought fix sell/sold steal/stole/stolen park
        repair paint load hire
    """,
    "person>instrument": """
        play hear/heard buy/bought tune break/broke/broken practise borrow
    """,
    "person>furniture": """
        see/saw/seen clean open close paint make/made move build/built break/broke/broken fix touch repair
    """,
    "person>plant": """
        see/saw/seen water plant cut/cut grow/grew/grown pick draw/drew/drawn smell climb burn
    """,
    "person>sight": """
        see/saw/seen watch draw/drew/drawn notice paint photograph admire
    """,
    "person>abstract": """
        like remember forget/forgot/forgotten know/knew/known hear/heard explain love plan describe enjoy
        understand/understood discuss choose/chose/chosen hate start change begin/began/begun mention support
        celebrate
    """,
    "animal>animal": """
        chase see/saw/seen follow watch bite/bit/bitten hear/heard smell fear lick hunt catch/caught scare
        attack
    """,
    "animal>food": """
        eat/ate/eaten steal/stole/stolen smell find/found taste lick swallow guard
    """,
    "animal>thing": """
        find/found bite/bit/bitten see/saw/seen break/broke/broken hide/hid/hidden carry drop push tear/tore/torn
        scratch sniff guard
    """,
}

REFLEXIVE = """
see/saw/seen hurt/hurt help wash like know/knew/known love dress blame draw/drew/drawn admire trust praise
forgive/forgave/forgiven hide/hid/hidden teach/taught cut/cut paint describe enjoy protect surprise defend
"""

DITRANSITIVE = """
give/gave/given show/showed/shown send/sent bring/brought hand lend/lent offer sell/sold throw/threw/thrown
"""

SAY = """
say/said think/thought know/knew/known believe hope guess hear/heard feel/felt claim
"""

FACTIVE = """
know/knew/known see/saw/seen remember hear/heard forget/forgot/forgotten notice learn find_out/found_out
discover guess understand/understood explain reveal
"""

WANT = """
want try like love need hope plan learn promise decide refuse forget/forgot/forgotten
"""

INDUSTRY = """
make/made build/built use sell/sold produce design buy/bought find/found describe write/wrote/written
draw/drew/drawn choose/chose/chosen discover invent restore destroy steal/stole/stolen replace study record
know/knew/known grow/grew/grown take/took/taken
"""

STATIVE = """
like love know want need fear hate understand remember hear see forget respect trust miss
"""

# Dictionaries list `hid`, `forgot` and `drank` as participles beside `hidden`, `forgotten` and `drunk`.
TWO_PARTICIPLES = """
hide forget drink
"""

# Verbs that take a receiver without `to`, among those of STRICT.
BENEFACTIVE = """
find catch make bring
"""

STRICT = """
like love find thank greet blame admire trust praise scold protect surprise comfort rescue insult catch chase
tame want make bring spill take carry keep need fix wrap lift repair destroy examine grab enjoy describe discuss
mention support
"""
