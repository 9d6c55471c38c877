"""The Import page: from dropped files to the record, with nothing written before a person accepts it."""
