"""Reading times: how much better a model's surprisal explains how long people look at a word."""
