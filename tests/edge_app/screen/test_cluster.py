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
import itertools, os, signal, sys
from pathlib import Path

def poison(worker):
    from edge_app.screen import cluster
    real = cluster.screen_file
    def screen(path, classifier, before_each):
        if Path(path).name.startswith("poison"):
            os.kill(os.getpid(), signal.SIGKILL)
        return real(path, classifier, before_each)
    cluster.screen_file = screen

def main():
    import dask
    from distributed import LocalCluster, WorkerPlugin
    from edge_app import Classifier
    from edge_app.screen import cluster
    from edge_app.screen.cluster import ClusterEngine, ClusterError
    from edge_app.screen.result import answering

    class Poison(WorkerPlugin):
        def setup(self, worker):
            poison(worker)

    # By itself a LocalCluster gives a worker up that is dead twice within some seconds.
    dask.config.set({"distributed.deploy.lost-worker-timeout": "1 hour"})
    # Each half that is lost costs a worker's start.
    cluster.CHUNK = 8
    folder, bundle, other = sys.argv[1:]
    same = answering(Classifier.load(bundle))
    paths = sorted(str(path) for path in Path(folder).rglob("*.dcm"))
    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None, silence_logs=50) as local:
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

if __name__ == "__main__":
    main()
"""


def test_a_cluster_reads_all_but_what_ends_its_workers(tmp_path: Path, toy_bundle: Path) -> None:
    archive = tmp_path / "archive"
    paths = [Path(path) for path in write_archive(archive, studies=2, slices=10)]
    for index, path in enumerate(paths):
        path.rename(path.with_name(f"{index:03d}.dcm"))
    (archive / "poison.dcm").write_bytes(slice_file("glioma", 1, "1.2.3"))
    other = tmp_path / "other"
    shutil.copytree(ROOT / "edge_app" / "models", other)
    script = tmp_path / "script.py"
    script.write_text(textwrap.dedent(SCRIPT))
    done = subprocess.run(
        [sys.executable, str(script), str(archive), str(toy_bundle), str(other)],
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
