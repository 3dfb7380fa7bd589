"""Training of a tagger and dependency parser on Universal Dependencies treebanks: `climb parser train`."""
