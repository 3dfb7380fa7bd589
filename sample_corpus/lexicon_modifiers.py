"""Adjectives, adverbs and names of the sample corpus; the commonest of each class first.

The epistemic adverbs are positive polarity items (Ernst 2009, "Speaker-oriented adverbs"): they stand
neither in questions nor in the scope of negation, where `ever` does.
"""

from __future__ import annotations

SIZE_OR_AGE = """
big little old small new young good long tall large great tiny nice short bad huge fine
"""

OF_ANIMATES = """
happy sad kind hungry clever tired friendly angry brave quiet funny lazy strong busy proud shy careful rich
famous poor gentle sick polite curious lonely noisy honest lucky cheerful grumpy thirsty sleepy nervous calm
jealous greedy wise bored foolish loyal rude stubborn clumsy
"""

OF_THINGS = """
red blue green heavy beautiful clean white wooden black dirty broken yellow round expensive strange
empty cheap soft ugly shiny useful bright dusty hard golden narrow simple modern brown light thick rusty
plastic silver flat dark pink purple square fragile ancient metal smooth sharp hollow grey
"""

OF_FOODS = """
sweet fresh warm cold hot tasty ripe delicious sour salty rotten crunchy spicy burnt juicy raw sticky frozen
"""

OF_IDEAS = """
good important new strange difficult funny simple different old bad great famous secret serious interesting
sudden final common silly wonderful useful terrible early public
"""

COMPARABLE = """
big/bigger small/smaller old/older tall/taller young/younger strong/stronger fast/faster slow/slower
kind/kinder happy/happier clever/cleverer loud/louder quiet/quieter heavy/heavier brave/braver rich/richer
"""

MANNER = """
quickly slowly quietly carefully happily gently suddenly softly sadly secretly proudly bravely eagerly calmly
kindly politely angrily nervously badly easily foolishly loudly patiently silently lazily cheerfully
"""

FREQUENCY = """
often always already usually sometimes just still recently also rarely once finally really
"""

EPISTEMIC = """
probably certainly surely clearly obviously definitely evidently apparently
"""

# Words that go with every tense: `has slept yesterday` and `slept tomorrow` are no English.
WHEN = """
today now early tonight again later soon twice
"""

MALE_NAMES = """
Tom Ben Sam Jack Max Peter Paul Daniel David Adam Noah Leo Henry Oscar Felix Simon Martin Robert George
Victor Hugo Omar Ivan Marco Edward Arthur Walter Carlos Julian Oliver Samuel Theo Frank Gilbert Kenji Amir
Pavel Rashid Anton Bruno
"""

FEMALE_NAMES = """
Mary Anna Emma Lucy Sara Kate Lily Rose Julia Alice Nora Ella Grace Helen Clara Laura Maria Sophie Martha
Ruth Eva Ida Irene Nina Vera Olga Amina Paula Monica Susan Diana Edith Flora Greta Hana Yuki Leila Zara
Teresa Bianca
"""

SURNAMES = """
Miller Brown Hill Marsh Stone Walker Harper Fields Baxter Wells Carter Lindgren Moreau Rossi Novak Okafor
Tanaka Petrov Hansen Silva Keller Dubois Costa Weber Larsen Mason Turner Hughes Barlow Whitfield
"""

TOWNS = """
Halden Marlow Westbrook Ashford Norwick Lindale Fernhill Oakridge Stanmore Harwich Millport Redford Elmsby
Carrow Dunmore Belford Winterley Greystone Kingsbay Thornton Aldery Brantwood Coldwater Easton Farrow
"""

REGIONS = """
Norland Veria Castria Sorland Albany Morovia Estmark Lusania Tavaria Ostrava Calderia Westmark Ruvania
"""

MONTHS = """
January February March April May June July August September October November December
"""
