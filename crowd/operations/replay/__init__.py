"""Recorded crowd answers, sent through the marketplace's own services as if they were given now."""
