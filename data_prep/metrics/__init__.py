"""Difficulty metrics, one file each. To add one, write a file with a subclass of `climb.data_prep.metric.Metric`."""
