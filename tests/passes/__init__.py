"""The passes: what each identity makes of a Program, what must be left alone, and that nothing else changes."""
