"""Tokens to the blocks and tables of a prepared corpus."""
