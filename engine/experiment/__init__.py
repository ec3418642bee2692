"""The experiment document: parsing, validation, edits, and documents of older versions."""
