"""Aggregation on several machines: the same as on one, whatever the answers are called and wherever they lie."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("distributed", reason="needs requirements/cluster.txt")
import dask
import pyarrow as pa
import pyarrow.parquet as pq
from distributed import Client, LocalCluster

from crowd.quality import DawidSkene, Votes, cluster
from crowd.quality.priors import Prior
from tests.quality.crowds import simulate

QUIET: dict[str, Any] = {"dashboard_address": ":0", "silence_logs": 50}
dask.config.set({"distributed.comm.timeouts.connect": "300s", "distributed.comm.timeouts.tcp": "300s"})  # slow machines


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    """Two machines in this process, for quickness."""
    with (
        LocalCluster(n_workers=2, threads_per_worker=1, processes=False, **QUIET) as machines,
        Client(machines) as client,
    ):
        yield client


def written(folder: Path, votes: Votes, parts: int) -> list[Path]:
    """Each task in one part, the answers of each part in a random order."""
    rng, paths = np.random.default_rng(0), []
    where = rng.integers(0, parts, len(votes.tasks))
    names = {name: np.array(getattr(votes, name + "s")) for name in cluster.COLUMNS}
    for part in range(parts):
        rows = rng.permutation(np.flatnonzero(where[votes.task] == part))
        columns = {name: names[name][getattr(votes, name)[rows]] for name in cluster.COLUMNS}
        paths.append(folder / f"part-{part}.parquet")
        pq.write_table(pa.table(columns), paths[-1])
    return paths


def posteriors(fit: cluster.ClusterFit) -> dict[Any, tuple[Any, list[float]]]:
    rows = [row for path in fit.posteriors for row in pq.read_table(path).to_pylist()]
    return {row["task"]: (row["consensus"], row["posterior"]) for row in rows}


def assert_same(votes: Votes, fit: cluster.ClusterFit, **asked: Any) -> None:
    """As one machine has it, to 1e-9."""
    local = DawidSkene(tolerance=asked.pop("tolerance", 1e-5), **asked.pop("how", {})).fit(votes, asked.get("gold"))
    order = [fit.workers.index(name) for name in local.workers]
    assert fit.labels == local.labels
    assert (fit.iterations, fit.converged, fit.identifiable) == (local.iterations, local.converged, local.identifiable)
    assert (fit.answers, fit.tasks) == (len(votes), len(votes.tasks))
    np.testing.assert_allclose(fit.class_prior, local.class_prior, atol=1e-9, rtol=0)
    np.testing.assert_allclose(fit.confusion[order], local.confusion, atol=1e-9, rtol=0)
    np.testing.assert_allclose(fit.evidence, local.evidence, rtol=1e-12)
    found = posteriors(fit)
    assert found.keys() == {*local.tasks}
    np.testing.assert_allclose([found[name][1] for name in local.tasks], local.posterior, atol=1e-9, rtol=0)
    assert [found[name][0] for name in local.tasks] == list(local.consensus)


@pytest.mark.parametrize(
    ("named", "prior"), [(True, DawidSkene().prior), (False, None)], ids=["words, with prior", "numbers, without"]
)
def test_the_same_as_on_one_machine(tmp_path: Path, client: Client, named: bool, prior: Prior | None) -> None:
    task, worker, label, truth = simulate(tasks=3000, workers=60, labels=4, redundancy=4, seed=1)
    names: list[Any] = [task.tolist(), worker.tolist(), label.tolist()]
    if named:
        names = [[f"{word} {one}" for one in column] for word, column in zip(cluster.COLUMNS, names, strict=True)]
    votes = Votes.from_labels(*names)
    gold = {
        names[0][row]: f"label {truth[task[row]]}" if named else int(truth[task[row]]) for row in range(0, 4000, 40)
    }

    paths = written(tmp_path, votes, 5)
    (tmp_path / "more").mkdir()
    paths[-1] = paths[-1].rename(tmp_path / "more" / paths[0].name)  # folders of parts, in each the same names

    fit = cluster.fit(paths, client, prior=prior, output=tmp_path / "found", gold=gold)

    assert [path.name for path in fit.posteriors] == [f"{number:05d}.parquet" for number in range(5)]
    first = set(pq.read_table(paths[0], columns=["task"])["task"].to_pylist())
    assert set(pq.read_table(fit.posteriors[0])["task"].to_pylist()) == first
    assert_same(votes, fit, gold=gold, how={"prior": prior})


def test_machines_of_their_own_with_a_gigabyte_each(tmp_path: Path) -> None:
    task, worker, label, _truth = simulate(tasks=2000, workers=40, labels=3, redundancy=3, seed=2)
    votes = Votes.from_labels(task, worker, label)
    paths = written(tmp_path, votes, 4)
    with (
        LocalCluster(n_workers=2, threads_per_worker=1, memory_limit="1GB", **QUIET) as machines,
        Client(machines) as client,
    ):
        assert_same(votes, cluster.fit(paths, client, output=tmp_path / "found"))


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ({"task": [1, 2], "worker": [1, 1]}, "no column label"),
        ({"task": [1, None], "worker": [1, 1], "label": [0, 1]}, "a task is missing"),
        ({"task": [1, 7], "worker": [1, 1], "label": [0, 1]}, "task 7 has answers in .*good.* and in .*bad"),
    ],
)
def test_a_part_that_cannot_be_is_named(tmp_path: Path, client: Client, columns: dict[str, Any], words: str) -> None:
    good, bad = tmp_path / "good.parquet", tmp_path / "bad.parquet"
    pq.write_table(pa.table({"task": [7, 8], "worker": [1, 2], "label": [0, 1]}), good)
    pq.write_table(pa.table(columns), bad)
    with pytest.raises(ValueError, match=words):
        cluster.fit([good, bad], client)
    with pytest.raises(ValueError, match="folder of the answers"):
        cluster.fit([good], client, output=tmp_path)
