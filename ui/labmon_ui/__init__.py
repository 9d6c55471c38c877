"""The window: everything labmon shows, in Qt."""
