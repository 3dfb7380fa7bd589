"""Ratios against a bare loop, a naive reference or a public peer; run one as `python -m benchmarks.<name>`."""
