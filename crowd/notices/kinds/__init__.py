"""What people are told: every kind of notice with its words, a file for each audience.

A kind is added by adding a row to its audience's file and calling `notify` where it happens.
"""

from crowd.notices.kinds import anybody, requester, staff, worker
from crowd.notices.kinds.kind import Kind as Kind

KINDS: dict[str, Kind] = {kind.name: kind for kind in [*worker.KINDS, *requester.KINDS, *staff.KINDS, *anybody.KINDS]}
