"""The machine-readable signals of rights holders, one module or package a standard."""
