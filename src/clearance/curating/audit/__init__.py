"""Is a selection balanced? Targets, measures with intervals, three-valued verdicts, a report. Pure (C4.2)."""
