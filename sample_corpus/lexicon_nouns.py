"""The nouns of the sample corpus, by what they can do in a sentence; the commonest of each class first.

One string a class: words in order of frequency (rank r is drawn with a weight near 1/r), an irregular
plural after a slash, a blank in a compound written as an underscore. Cost: parsed once at import, under
a millisecond.
"""

from __future__ import annotations

MALE = """
boy man/men father brother king uncle grandfather son prince waiter gentleman/gentlemen grandson nephew
policeman/policemen fisherman/fishermen husband wizard monk postman/postmen fireman/firemen stepfather duke
"""

FEMALE = """
girl woman/women mother sister queen aunt grandmother daughter princess waitress lady granddaughter niece
policewoman/policewomen fisherwoman/fisherwomen wife/wives witch nun postwoman/postwomen firewoman/firewomen
stepmother duchess
"""

PERSON = """
teacher child/children doctor friend student farmer baby neighbour guest driver singer worker nurse writer
cook soldier artist painter sailor pilot lawyer judge customer dancer actor baker scientist visitor player
engineer officer manager captain guard gardener hunter librarian builder musician poet professor clerk
tailor reporter editor tourist butcher shepherd carpenter dentist mechanic plumber stranger thief/thieves
cousin leader mayor swimmer runner pupil toddler traveller merchant knight pirate giant cyclist tenant
"""

ANIMAL = """
dog cat bird horse cow fish/fish mouse/mice rabbit duck bear pig sheep/sheep fox wolf/wolves lion frog
monkey chicken goat elephant hen goose/geese tiger turtle bee snake owl squirrel spider deer/deer whale
donkey penguin parrot lamb puppy kitten calf/calves crow eagle otter beaver camel giraffe hedgehog badger
seal crab snail butterfly beetle moth robin swan pigeon zebra kangaroo dolphin shark lizard hamster raccoon
ox/oxen crocodile salmon/salmon sparrow falcon leopard
"""

FOOD = """
apple cake egg cookie sandwich banana potato carrot pear biscuit orange tomato pie sausage pancake onion
peach plum melon muffin nut olive mushroom lemon loaf/loaves burger pizza strawberry cherry bun dumpling
grape pepper waffle noodle cucumber radish turnip pumpkin pastry doughnut pretzel tart omelette steak
apricot mango pineapple raspberry bagel
"""

DRINK = """
milk water tea juice coffee soup lemonade cocoa broth cider wine syrup beer porridge tonic
"""

READABLE = """
book letter story poem newspaper magazine article report map diary novel essay message postcard recipe
menu comic script notebook note list textbook chapter review contract manual leaflet ballad
"""

THING = """
ball box toy key cup hat bag doll knife/knives plate bottle block basket picture spoon clock lamp phone
stick bucket stone rope flower drum brush candle coin pencil blanket pillow umbrella ring bell towel hammer
balloon puzzle mirror suitcase crayon ladder needle shovel vase camera kite teapot bowl fork pan kettle
whistle ribbon button feather shell marble broom comb razor scarf/scarves glove sock shoe boot coat shirt
jacket belt dress apron cap mitten sweater tent torch axe saw nail barrel chain crown necklace bracelet
wallet purse parcel envelope stamp ticket trophy medal statue carpet curtain cushion tray jar jug mug lid
thimble lantern compass anchor magnet telescope wheel
"""

FURNITURE = """
table chair bed shelf/shelves door window sofa cupboard desk bench stove fence gate wall drawer crib couch
cabinet wardrobe stool fireplace roof
"""

PLACE = """
house garden school park kitchen shop river forest town room street field beach village market farm
library hospital hill lake barn bridge church station city island valley yard castle bakery office museum
factory harbour theatre cave tower stable playground mountain pond meadow hotel cellar attic hall palace
desert restaurant temple airport mill port swamp orchard tunnel square stadium café prison laboratory
"""

VEHICLE = """
car bus train bike truck boat ship plane bicycle wagon tractor van taxi ferry lorry sled scooter canoe cart
motorcycle raft carriage tram
"""

INSTRUMENT = """
piano guitar violin flute trumpet cello harp accordion clarinet banjo trombone organ
"""

PLANT = """
tree bush leaf/leaves rose seed root oak weed branch pine tulip daisy vine fern moss/mosses willow lily
maple cactus/cacti herb shrub birch
"""

SIGHT = """
star cloud moon rainbow wave shadow storm rock light sunset flame puddle snowflake spark meteor
"""

ABSTRACT = """
idea plan song game question answer problem secret dream reason lesson joke rule name word mistake promise
trip party present change choice chance event project method result theory law method rumour custom habit
argument decision speech concert race holiday festival ceremony discovery invention experiment tradition
election agreement journey adventure wish
"""

RELATIONAL = """
picture friend photograph owner story book leader painting teacher map song neighbour statue member drawing
sketch fan rival guardian biography critic portrait
"""

DIMINUTIVE = """
doggy kitty birdie horsie piggy bunny ducky dolly teddy froggy fishy lamby mousie blankie
"""

GROUP = """
company committee team government club society council party union army family band museum university bank
agency newspaper institute church orchestra
"""

MASS = """
bread cheese rice sugar butter salt meat sand snow wood paper money music rain mud grass soap glue honey
jam flour gold iron silver coal wool cotton glass clay steel furniture luggage
"""
