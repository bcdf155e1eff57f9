"""Clearance: a picture is cleared to collect, cleared to train, cleared to publish; what was cleared can be recalled."""
