import os
from collections import namedtuple
from importlib import metadata

import pytest

from islesedu.course import machine


def by_name(folder="."):
    return {finding.what: finding for finding in machine.check_machine(folder)}


def test_all_packages_of_the_kit_are_listed_and_present():
    found = by_name()
    assert {"numpy", "tensorflow", "medpy", "nilearn"} <= set(found)
    assert "pytest" not in found  # only developers need it
    assert found["numpy"].found == metadata.version("numpy") and not found["numpy"].advice


def test_a_missing_package_is_named(monkeypatch):
    monkeypatch.setattr(machine.metadata, "requires", lambda name: ["no-such-thing>=1,<2"])
    (finding,) = machine.check_packages()
    assert (finding.what, finding.found) == ("no-such-thing", "missing")
    assert "install" in finding.advice


@pytest.mark.parametrize("free, advice", [(1e9, True), (8e9, False)])
def test_little_memory_gets_advice(monkeypatch, free, advice):
    memory = namedtuple("Memory", "available")
    monkeypatch.setattr(machine.psutil, "virtual_memory", lambda: memory(free))
    assert bool(by_name()["free memory"].advice) == advice


def test_a_full_disk_and_one_core_get_advice(monkeypatch):
    usage = namedtuple("Usage", "free")
    monkeypatch.setattr(machine.shutil, "disk_usage", lambda folder: usage(1e8))
    monkeypatch.setattr(os, "cpu_count", lambda: 1)
    found = by_name()
    assert "make room" in found["free disk"].advice and "slow" in found["cores"].advice


def test_a_folder_that_cannot_be_written_gets_advice(monkeypatch, tmp_path):
    monkeypatch.setattr(os, "access", lambda folder, mode: False)
    assert "not writable" in by_name(tmp_path)["folder"].advice


def test_devices_has_at_least_a_processor():
    assert any(name.startswith(("cpu", "gpu")) for name in machine.devices())
