"""The embedded picture sets of the course, and the generators that made them."""
