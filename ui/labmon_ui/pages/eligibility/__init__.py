"""The Eligibility page: patients by criteria, and one cell explained."""
