"""What leaves labmon: workbooks, figures and messages made of domain values."""
