"""The pages of the window, one folder a page: view, presenter, model."""
