"""Is it still ours to keep? Retention clocks, erasure with its certificates, what training does not need."""
