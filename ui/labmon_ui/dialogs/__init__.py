"""Dialogs: one question or one message at a time, shown with open()."""
