"""Two measurements of Syntactic Smoothing (Diehl Martinez et al. 2024): frequency bias and anisotropy."""
