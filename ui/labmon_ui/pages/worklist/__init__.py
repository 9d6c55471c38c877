"""The Worklist page: what needs a person today."""
