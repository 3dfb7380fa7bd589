"""Versions as manifests record them."""

import platform

import numpy as np
import torch

from climb.base.library_versions import LIBRARIES, versions


def test_versions_are_those_of_the_libraries_in_use():
    found = versions()
    assert next(iter(found)) == "python"
    assert found["python"] == platform.python_version()
    assert found["numpy"] == np.__version__
    assert (
        torch.__version__.split("+")[0] == found["torch"].split("+")[0]
    )  # some builds say +cpu or +cu130 here alone
    assert set(found) == {"python", *LIBRARIES}


def test_what_is_not_installed_is_left_out():
    assert list(versions(("no-such-library", "numpy"))) == ["python", "numpy"]
