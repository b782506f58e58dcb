"""Faults that real files, disks, terminals and people have, tried one by one.

    .venv/bin/python -m benchmarks.faults                 # every fault, then a count
    .venv/bin/python -m benchmarks.faults volumes tables  # some kinds of them
    .venv/bin/python -m benchmarks.faults --kills 50      # end commands at random moments

A fault changes a copy of a small cohort, run, folder of masks or comparison, and runs one command.
The command must refuse it in one sentence that says the given words, or answer right. What can go
wrong is counted in five kinds: silent (accepted, or a wrong answer), lost (something that was there
is gone or changed), traceback, left (an unfinished file or a lock stays), unclear (refused, but
without the words or in several lines). docs/robustness.md has the result.
"""
