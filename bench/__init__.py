"""How fast `clearance collect` is, side by side with img2dataset, on one machine in one run."""
