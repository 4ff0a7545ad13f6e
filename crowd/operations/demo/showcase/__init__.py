"""A small project of every other kind of data, beside the digits: its items are made here, so the truth is known."""
