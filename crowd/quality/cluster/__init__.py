"""Dawid-Skene over more answers than one machine holds: EM over Parquet parts on a Dask cluster (extra `cluster`).

Each part has the columns task, worker and label (text or whole numbers), one row an answer, all of which vote; a task's
answers stand in one part. An E step needs nothing but its own tasks, and what an M step needs are sums: so each machine
sweeps over its parts and sends its counts of the (worker, label) pairs, which are added up here, where the M step is
taken. What a machine keeps of an answer is four bytes, of a task eight; posteriors are made at the end, part by part.

The mathematics is that of `dawid_skene` and `em`, by the same code; a sum is added up in another order, no more.
"""

from crowd.quality.cluster.fitting import ClusterFit, fit
from crowd.quality.cluster.survey import COLUMNS

__all__ = ["COLUMNS", "ClusterFit", "fit"]
