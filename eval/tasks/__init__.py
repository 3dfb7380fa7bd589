"""The evaluation tasks, one file each; the folder listing is the registry."""
