"""A seeded crowd of good, biased, lazy, spamming and colluding workers, through the services that everybody uses."""
