"""The formats that text comes in: one small module each, found by listing this folder.

Plain text (`.txt .train .dev .test`) is read by `reading`; whatever has rows is a `RowFormat` here. `compressed`
opens `.gz` and `.zst` for both. To add a format, write one module with one `RowFormat`, and its test.
"""
