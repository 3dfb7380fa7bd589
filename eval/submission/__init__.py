"""The BabyLM challenge's predictions file: written from our results, checked, and scored again whoever made it."""
