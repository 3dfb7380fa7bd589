"""The commands of `climb`, one small module each; nothing heavy is imported before a command runs."""
