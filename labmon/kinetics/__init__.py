"""From a patient's results to a timeline in days since infusion, and the parameters computed from it."""
