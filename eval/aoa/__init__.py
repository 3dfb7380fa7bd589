"""Age of acquisition: at what age children know a word, and after how much text a model does."""
