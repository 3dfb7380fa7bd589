"""Set-ups of `climb train`, one YAML file each."""
