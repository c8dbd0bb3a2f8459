import os
import platform

import numpy as np

from benchmarks.machine import this_machine


def test_the_machine_is_described():
    machine = this_machine()
    assert machine.cpu
    assert machine.cores == os.cpu_count()
    assert machine.python == platform.python_version()
    assert machine.packages["numpy"] == np.__version__
    assert {"ai-edge-litert", "tflite-runtime"} & set(machine.packages)
