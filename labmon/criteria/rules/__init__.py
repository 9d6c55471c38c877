"""One module per family of rules; each takes a case and its rule and gives a finding."""
