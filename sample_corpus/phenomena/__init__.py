"""The paradigms of the minimal pairs: one module each, holding one subclass of `Paradigm`."""
