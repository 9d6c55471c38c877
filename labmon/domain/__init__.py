"""The vocabulary of the house: frozen values that every other room uses, standard library only."""
