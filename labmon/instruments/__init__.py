"""From the bytes of a file to what the instrument said: recognise, read, and say what was not read."""
