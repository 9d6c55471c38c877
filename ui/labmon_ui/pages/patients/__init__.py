"""The Patients page: who is followed, one patient's timeline, and the way back from a point to the bytes."""
