"""Text to tokens: sentences, words, spelling, the tokenizer, and who belongs to whom."""
