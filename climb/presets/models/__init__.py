"""Model shapes, one YAML file each."""
