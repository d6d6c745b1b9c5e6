"""Programs on the native executor, against the reference."""

import chainrule.primitives  # noqa: F401  (a Program is parsed by the names in their table)
