"""From findings and facts to a trial: who may enter it, and which visits are due."""
