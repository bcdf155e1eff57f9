"""How a dataset version leaves: WebDataset, Parquet, Croissant, with whom to name for each picture (C1.3)."""
