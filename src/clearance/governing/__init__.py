"""What we promise: projects, and later risk analysis, people and training, the life of a policy."""

from clearance.governing.projects import Project, ProjectStore, ProjectUse, checked_name

__all__ = ["Project", "ProjectStore", "ProjectUse", "checked_name"]
