"""The command ``islesedu cluster``: train on parameter servers and workers."""

import argparse
import os
import sys
import traceback

from islesedu.networks import backend
from islesedu.training.commands import add_training_options, json_object


def add_cluster(command: argparse.ArgumentParser) -> None:
    """Add ``cluster local`` and ``cluster run``."""
    actions = command.add_subparsers(required=True, metavar="ACTION")
    local = actions.add_parser("local", help="start a whole cluster on this machine and train")
    add_options(local)
    local.add_argument("--workers", type=int, default=2, metavar="N")
    local.add_argument("--ps", type=int, default=1, metavar="N", help="parameter servers")
    local.set_defaults(run=cluster_local, parser=local)
    run = actions.add_parser(
        "run",
        help="be the chief, a worker or a parameter server, as TF_CONFIG says",
        description="Each process of a cluster runs this same command; TF_CONFIG tells it whether "
        "it is the chief, a worker or a parameter server. docs/cluster.md has a complete example.",
    )
    add_options(run)
    run.add_argument("--end-with-stdin", action="store_true", help=argparse.SUPPRESS)
    run.add_argument("--quiet", action="store_true", help="no bar")
    run.set_defaults(run=cluster_run, parser=run)


def add_options(command: argparse.ArgumentParser) -> None:
    """Add what both commands let one choose."""
    command.add_argument("folder", metavar="FOLDER", help="ISLES folder with lesions")
    command.add_argument("--output", required=True, metavar="RUN", help="run folder to write")
    command.add_argument(
        "--mode",
        default="async",
        help="async (default): each update is one case's gradient; sync: the mean of one a worker",
    )
    add_training_options(command)
    command.add_argument("--loss", default="combined", help="combined, cross_entropy, soft_dice")
    command.add_argument("--validation-split", type=float, default=0.0, metavar="SHARE")
    command.add_argument(
        "--network",
        type=json_object,
        metavar="JSON",
        help="""further arguments of the network, such as '{"kernel_size": 3}'""",
    )
    command.add_argument("--resume", action="store_true", help="go on from the last checkpoint")
    command.add_argument(
        "--wait",
        type=float,
        default=300.0,
        metavar="SECONDS",
        help="for processes that do not answer, at the start and later (default: 300)",
    )
    command.add_argument(
        "--threads", type=int, metavar="N", help="processor cores of each worker; default: all"
    )


def cluster_local(options: argparse.Namespace) -> int:
    """Train on a cluster of this machine's own processes."""
    from islesedu.cluster.local import train_locally

    arguments = vars(options).copy()
    del arguments["run"], arguments["parser"]
    folder, output = arguments.pop("folder"), arguments.pop("output")
    try:
        run = train_locally(folder, output, **arguments)
    except KeyboardInterrupt:
        print(
            f"\nislesedu: interrupted; the same command with --resume goes on from the last "
            f"checkpoint in {output}",
            file=sys.stderr,
        )
        return 130
    report(run)
    return 0


def cluster_run(options: argparse.Namespace) -> int:
    """Be what TF_CONFIG says, and end at once afterwards: TensorFlow's threads would linger."""
    from islesedu.cluster.worker import end_with_stdin

    if options.end_with_stdin:
        end_with_stdin()
    status = 2
    try:
        status = be(options)
    except (ValueError, OSError) as error:
        print(f"islesedu: {error}", file=sys.stderr)
    except KeyboardInterrupt:
        print("\nislesedu: interrupted", file=sys.stderr)
        status = 130
    except Exception:  # not for users: what nobody has foreseen
        traceback.print_exc()
        status = 1
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


def be(options: argparse.Namespace) -> int:
    """Be the chief, a worker or a parameter server; return the exit status."""
    from islesedu.cluster.spec import read_task

    task = read_task(os.environ)
    backend.leave_out(task.role)

    def say(text: str) -> None:
        print(f"islesedu: {text}", file=sys.stderr, flush=True)

    if task.role != "chief":
        from islesedu.cluster.worker import serve

        met = serve(task, options.folder, wait=options.wait, threads=options.threads, say=say)
        return 0 if met else 2
    backend.import_keras()
    from islesedu.cluster.chief import train_on_cluster

    arguments = vars(options).copy()
    for name in ("run", "parser", "end_with_stdin", "threads"):
        del arguments[name]
    arguments["progress"] = not arguments.pop("quiet")
    folder, output = arguments.pop("folder"), arguments.pop("output")
    report(train_on_cluster(folder, output, task, say=say, **arguments))
    return 0


def report(run) -> None:
    """Print how the training ended."""
    last = run.history.iloc[-1]
    print(f"step {last['step']:.0f}: loss {last['loss']:.3f}, Dice {last['dice']:.3f}")
    print(f"curves, log of updates, checkpoint and model are in {run.path}")
