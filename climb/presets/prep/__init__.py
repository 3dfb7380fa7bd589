"""Set-ups of `climb prep`, one YAML file each."""
