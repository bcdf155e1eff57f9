"""The migrations of the control database, run by Alembic."""
