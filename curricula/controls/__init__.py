"""The controls, one a file: random scores, the order turned, the same samples in no order."""
