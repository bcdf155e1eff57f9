"""The machine-readable signals of rights holders, one module a standard."""
