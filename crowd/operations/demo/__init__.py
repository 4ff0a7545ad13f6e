"""A marketplace to try out: real items, a simulated crowd, the services that everybody uses."""
