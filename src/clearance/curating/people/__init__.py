"""Who is pictured, and did they agree? Model releases, property releases, the gate that weighs them. Pure."""
