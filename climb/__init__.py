"""climb: curriculum learning for small language models."""
