"""The use cases, one module each: what the window and the command line call. A mutation returns a ChangeSet."""
