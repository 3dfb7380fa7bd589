"""Where the text comes from: which files are meant, how their formats are read, where documents begin."""
