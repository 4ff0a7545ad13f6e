"""Interchange formats: one file each, reader and writer side by side.

A reader streams: it yields a `Row` for what it could read and a `RowError` for a row that is bad, and goes on. It
raises FormatError, and only that, where it cannot go on: a file of another kind, a header that makes no sense, a limit.
"""
