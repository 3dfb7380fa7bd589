"""The pacing functions, one a file: CLIMB's six (linear, quad, root, exp, log, step) and five more."""
