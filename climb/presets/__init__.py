"""Published and laptop-sized set-ups, one YAML file each."""
