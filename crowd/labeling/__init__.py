"""The pure words of labeling: what is asked, what an answer may be, how items are cut, how rows come in and go out.

Nothing here knows Django, a database, a clock or a request. Modules are imported by name
(``from crowd.labeling import config``), so that importing one costs nothing for the others.
"""
