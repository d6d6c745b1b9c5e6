"""The suites of the core: types, Programs, primitives, derivatives, the reference executor."""
