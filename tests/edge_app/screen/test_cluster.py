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
import os, signal, sys
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
    folder, bundle, other, workers = sys.argv[1:]
    cluster.CHUNK = 8
    same = answering(Classifier.load(bundle))
    paths = sorted(str(path) for path in Path(folder).rglob("*.dcm"))
    options = {"threads_per_worker": 1, "dashboard_address": None, "silence_logs": 50}
    with LocalCluster(n_workers=int(workers), **options) as local:
        try:
            ClusterEngine(local.scheduler_address, other, None, same)
        except ClusterError as error:
            print("refused", "has another bundle" in str(error))
        engine = ClusterEngine(local.scheduler_address, bundle, None, same)
        engine._client.register_plugin(Poison())
        for result in engine.screen(paths):
            print(Path(result.path).name, len(result.rows), result.rows[0].error or "read")
        engine.close()

if __name__ == "__main__":
    main()
"""


@pytest.mark.parametrize("workers", [1, 2])
def test_a_cluster_reads_all_but_what_ends_its_workers(
    tmp_path: Path, toy_bundle: Path, workers: int
) -> None:
    archive = tmp_path / "archive"
    paths = [Path(path) for path in write_archive(archive, studies=2, slices=15)]
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
    expected = [f"{index:03d}.dcm 1 read" for index in range(30)]
    assert sorted(lines[1:]) == sorted([*expected, "poison.dcm 1 crashed"])


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
