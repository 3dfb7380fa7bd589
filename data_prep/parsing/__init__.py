"""Part-of-speech tags and dependency trees: the pipeline that comes along, any other of spaCy's, and training."""
