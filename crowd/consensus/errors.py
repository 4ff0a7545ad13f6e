from crowd.kernel.errors import Conflict


class Busy(Conflict):
    """Another aggregation of the project is under way. It may have read before what is to be merged."""

    code = "aggregation_busy"
