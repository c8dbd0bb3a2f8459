"""A real Dask cluster on this machine."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.edge_app.screen.archive import slice_file, write_archive

pytest.importorskip("distributed")

# In a process of its own, since Dask leaves threads and warnings behind.
SCRIPT = """
import itertools, os, signal, subprocess, sys, threading, time
from pathlib import Path

over = threading.Event()

# A local cluster closes the nanny of a worker that was lost 15 seconds ago, though another took its place,
# and a nanny gives a worker up that ends before its start was told: on a busy machine none would be left.
def keep(address, running):
    command = [sys.executable, "-m", "distributed.cli.dask_worker", address]
    while not over.is_set():
        process = subprocess.Popen([*command, "--no-nanny", "--nthreads", "1", "--no-dashboard"],
            stderr=subprocess.DEVNULL)
        running[:] = [process]
        process.wait()

def poison(worker):
    from edge_app.screen import cluster
    real = cluster.screen_file
    def screen(path, classifier, before_each):
        if Path(path).name.startswith("poison"):
            os.kill(os.getpid(), signal.SIGKILL)
        return real(path, classifier, before_each)
    cluster.screen_file = screen

def main():
    from distributed import Client, LocalCluster, WorkerPlugin
    from edge_app import Classifier
    from edge_app.screen import cluster
    from edge_app.screen.cluster import ClusterEngine, ClusterError
    from edge_app.screen.result import answering

    class Poison(WorkerPlugin):
        def setup(self, worker):
            poison(worker)

    folder, bundle, other, count = sys.argv[1:]
    # Each half that is lost costs a worker's start.
    cluster.CHUNK = 8
    same = answering(Classifier.load(bundle))
    paths = sorted(str(path) for path in Path(folder).rglob("*.dcm"))
    with LocalCluster(n_workers=0, dashboard_address=None, silence_logs=50) as local:
        workers = [[] for _ in range(int(count))]
        given = [(local.scheduler_address, each) for each in workers]
        keepers = [threading.Thread(target=keep, args=each, daemon=True) for each in given]
        for keeper in keepers:
            keeper.start()
        with Client(local) as client:
            client.wait_for_workers(len(workers))
        try:
            ClusterEngine(local.scheduler_address, other, None, same)
        except ClusterError as error:
            print("refused", "has another bundle" in str(error))
        engine = ClusterEngine(local.scheduler_address, bundle, None, same)
        engine._client.register_plugin(Poison())
        for result in engine.screen(paths):
            print(Path(result.path).name, len(result.rows), result.rows[0].error or "read")
        results = engine.screen(itertools.repeat(paths[0]))
        next(results)
        local.close()
        try:
            for _ in results:
                pass
        except ClusterError as error:
            print("lost", "the cluster was lost" in str(error))
        engine.close()
        over.set()
        # One may be just starting another.
        while any(keeper.is_alive() for keeper in keepers):
            for (process,) in workers:
                process.kill()
            time.sleep(0.05)

if __name__ == "__main__":
    main()
"""


@pytest.mark.parametrize("workers", [1, 2])
def test_a_cluster_reads_all_but_what_ends_its_workers(
    tmp_path: Path, toy_bundle: Path, workers: int
) -> None:
    archive = tmp_path / "archive"
    paths = [Path(path) for path in write_archive(archive, studies=2, slices=10)]
    for index, path in enumerate(paths):
        path.rename(path.with_name(f"{index:03d}.dcm"))
    # The last of a chunk is the first to be tried again, with others behind it.
    (archive / "study-000" / "poison.dcm").write_bytes(slice_file("glioma", 1, "1.2.3"))
    other = tmp_path / "other"
    shutil.copytree(ROOT / "edge_app" / "models", other)
    script = tmp_path / "script.py"
    script.write_text(textwrap.dedent(SCRIPT))
    done = subprocess.run(
        [sys.executable, str(script), str(archive), str(toy_bundle), str(other), str(workers)],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        text=True,
        timeout=900,
        check=False,
    )
    lines = done.stdout.split("\n")[:-1]
    assert lines[0] == "refused True"
    expected = [f"{index:03d}.dcm 1 read" for index in range(20)]
    assert sorted(lines[1:-1]) == [*expected, "poison.dcm 1 crashed"]
    assert lines[-1] == "lost True"


def test_no_scheduler(monkeypatch: pytest.MonkeyPatch) -> None:
    code = (
        "from edge_app.screen import cluster\n"
        "cluster.CONNECTING = 1\n"
        "try:\n"
        "    cluster.ClusterEngine('tcp://127.0.0.1:9', None, None, '')\n"
        "except cluster.ClusterError as error:\n"
        "    print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.stdout.startswith("tcp://127.0.0.1:9: no Dask scheduler answers there")
