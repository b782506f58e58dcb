"""The command ``islesedu cluster``: train on parameter servers and workers."""

import argparse
import os
import sys
import traceback

from islesedu.cluster.config import ClusterConfig, read_slowdowns
from islesedu.common.arguments import as_whole
from islesedu.common.paths import folder_to_read
from islesedu.common.processes import follow_parent
from islesedu.common.terminal import complain
from islesedu.errors import IslesError, explain
from islesedu.networks import backend
from islesedu.training.commands import add_training, print_end, read_config, say_if_new
from islesedu.training.start import check_start


def add_cluster(command: argparse.ArgumentParser) -> None:
    """Add ``cluster local`` and ``cluster run``."""
    actions = command.add_subparsers(required=True, metavar="ACTION")
    local = actions.add_parser("local", help="start a whole cluster on this machine and train")
    _add_options(local)
    local.add_argument("--workers", type=as_whole, default=2, metavar="N", help="(default: 2)")
    local.add_argument(
        "--ps", type=as_whole, default=1, metavar="N", help="parameter servers (default: 1)"
    )
    local.set_defaults(run=_cluster_local, parser=local)
    run = actions.add_parser(
        "run",
        help="be the chief, a worker or a parameter server, as TF_CONFIG says",
        description="Each process of a cluster runs this same command; TF_CONFIG tells it whether "
        "it is the chief, a worker or a parameter server. docs/cluster.md has a complete example.",
    )
    _add_options(run)
    run.add_argument("--end-with-stdin", action="store_true", help=argparse.SUPPRESS)
    run.add_argument("--quiet", action="store_true", help="no bar")
    run.set_defaults(run=_cluster_run, parser=run)


def _add_options(command: argparse.ArgumentParser) -> None:
    """Add what both commands let one choose."""
    add_training(command, ClusterConfig)
    command.add_argument("--resume", action="store_true", help="go on from the last checkpoint")


def _cluster_local(given: argparse.Namespace) -> int:
    """Train on a cluster of this machine's own processes."""
    backend.require_tensorflow("islesedu cluster")
    from islesedu.cluster.local import train_locally

    config = read_config(given, ClusterConfig)
    check_start(given.folder, given.output, config)
    how = {name: getattr(given, name) for name in ("workers", "ps", "resume")}
    try:
        run = train_locally(given.folder, given.output, config, **how)
    except KeyboardInterrupt:
        complain(
            f"\nislesedu: interrupted; the same command with --resume goes on from the last "
            f"checkpoint in {given.output}"
        )
        return 130
    print_end(run, "curves, log of updates, checkpoint and model")
    return 0


def _cluster_run(options: argparse.Namespace) -> int:
    """Be what TF_CONFIG says, and end at once afterwards: TensorFlow's threads would linger."""
    if options.end_with_stdin:
        follow_parent()
    status = 2
    try:
        status = _run_role(options)
    except (ValueError, OSError) as error:
        complain(f"islesedu: {explain(error)}")
    except KeyboardInterrupt:
        complain("\nislesedu: interrupted")
        status = 130
    except Exception:  # not for users: what nobody has foreseen
        traceback.print_exc()
        status = 1
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


def _run_role(options: argparse.Namespace) -> int:
    """Be the chief, a worker or a parameter server; return the exit status."""
    from islesedu.cluster.spec import read_task

    backend.require_tensorflow("islesedu cluster")
    config, task = read_config(options, ClusterConfig), read_task(os.environ)
    backend.leave_out(task.role)

    def notify(text: str) -> None:
        print(f"islesedu: {text}", file=sys.stderr, flush=True)

    if task.role == "chief":
        check_start(options.folder, options.output, config)
    elif task.role == "worker":
        folder_to_read("folder", options.folder, IslesError)
    if task.role != "chief":
        from islesedu.cluster.worker import serve

        how = {"wait": config.wait, "threads": config.threads, "names": config.names}
        how["slowdown"] = read_slowdowns(config.slow).get(task.place.index, 1.0)
        met = serve(task, options.folder, **how, notify=notify)
        return 0 if met else 2
    backend.import_keras()
    from islesedu.cluster.chief import train_on_cluster

    if options.resume:
        say_if_new(options.output, notify)
    how = {"resume": options.resume, "progress": not options.quiet, "notify": notify}
    run = train_on_cluster(options.folder, options.output, task, config, **how)
    print_end(run, "curves, log of updates, checkpoint and model")
    return 0
