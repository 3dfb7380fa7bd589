"""Sweeps that come along, by name: `climb sweep demo`."""
