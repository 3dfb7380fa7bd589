"""Objectives, one a file: found by `climb.curricula.objective_base.objective_units`."""
