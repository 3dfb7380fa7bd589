"""Set-ups of `climb eval`, one YAML file each."""
