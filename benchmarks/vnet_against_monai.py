"""A training step and a prediction of the original V-Net against MONAI's, time and memory.

    .venv/bin/python -m benchmarks.vnet_against_monai

Installs MONAI and PyTorch into build/peer (about 1 GB, once). Ours and theirs take turns, each in a
process of its own, A B A B; both see one volume of 96 x 96 x 32 voxels, train with cross-entropy
plus soft Dice and Adagrad, and use every core. MONAI's V-Net refuses 6 channels, so it gets 8; it
has 45.6 million parameters, ours 43.9. Printed as Markdown, with the floor: what the
multiply-adds of each network would take as one matrix product (`benchmarks.vnet_step`).
"""

import argparse
import json
import resource
import statistics
import subprocess
import sys
import venv
from pathlib import Path

import numpy as np

SIZE = (96, 96, 32)
PEER = Path(__file__).resolve().parents[1] / "build" / "peer"
PACKAGES = ("torch==2.13.0", "monai==1.6.1")


def peer_python() -> Path:
    """Return the Python that has MONAI; install it if it is not there."""
    python = PEER / "bin" / "python"
    try:
        subprocess.run([python, "-c", "import monai"], capture_output=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        venv.create(PEER, with_pip=True, clear=True)
        for package in PACKAGES:  # torch first: MONAI takes whichever is there
            subprocess.run([python, "-m", "pip", "install", "--quiet", package], check=True)
    return python


def ours() -> dict:
    """Return step and prediction of `islesedu.build_vnet`, and its numbers."""
    from benchmarks.vnet_step import build, convolutions, keras, tf

    model = build("packed", 16)
    rng = np.random.default_rng(0)
    image = rng.normal(size=(1, *SIZE, 6)).astype(np.float32)
    lesion = (rng.random((1, *SIZE, 1)) < 0.02).astype(np.float32)
    tensor = tf.constant(image)
    predict = tf.function(lambda: model(tensor))
    flop = [flop for _, flop, _ in convolutions(model, SIZE)]
    return {
        "step": lambda: model.train_on_batch(image, lesion),
        "prediction": predict,
        "parameters": model.count_params(),
        "flop": {"step": 3 * sum(flop) - flop[0], "prediction": sum(flop)},
        "versions": f"TensorFlow {tf.__version__}, Keras {keras.__version__}",
    }


def theirs() -> dict:
    """Return the same of MONAI's V-Net."""
    import monai
    import torch

    network = monai.networks.nets.VNet(in_channels=8, out_channels=1)
    loss = monai.losses.DiceCELoss(sigmoid=True)
    optimizer = torch.optim.Adagrad(network.parameters(), 0.01)
    image = torch.randn(1, 8, *SIZE)
    lesion = (torch.rand(1, 1, *SIZE) < 0.02).float()

    def step() -> None:
        network.train()
        optimizer.zero_grad()
        loss(network(image), lesion).backward()
        optimizer.step()

    def prediction() -> None:
        network.eval()
        with torch.inference_mode():
            torch.sigmoid(network(image))

    return {
        "step": step,
        "prediction": prediction,
        "parameters": sum(weights.numel() for weights in network.parameters()),
        "flop": count_flop(network, image),
        "versions": f"MONAI {monai.__version__}, PyTorch {torch.__version__.partition('+')[0]}",
    }


def count_flop(network, image) -> dict[str, float]:
    """Return the FLOP of a PyTorch network's convolutions, by what goes through them."""
    import torch

    found = []

    def count(layer, inputs, output) -> None:
        up = isinstance(layer, torch.nn.ConvTranspose3d)
        voxels = (inputs[0] if up else output).shape[2:]
        found.append(2 * int(np.prod(voxels)) * layer.weight.numel())

    kinds = (torch.nn.Conv3d, torch.nn.ConvTranspose3d)
    hooks = [x.register_forward_hook(count) for x in network.modules() if isinstance(x, kinds)]
    with torch.inference_mode():
        network.eval()(image)
    for hook in hooks:
        hook.remove()
    return {"step": 3 * sum(found) - found[0], "prediction": sum(found)}


def measure(who: str, repeats: int) -> None:
    """Print what one process measures, as JSON; memory is the most it held until then."""
    from time import perf_counter

    found = {"ours": ours, "theirs": theirs}[who]()
    result = {name: found[name] for name in ("parameters", "flop", "versions")}
    for what in ("prediction", "step"):  # in this order: a step needs more memory
        call, times = found[what], []
        call()
        for _ in range(repeats):
            begin = perf_counter()
            call()
            times.append(perf_counter() - begin)
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
        result[what] = {"seconds": statistics.median(times), "GB": memory}
    print(json.dumps(result))


def main() -> None:
    """Measure in turns and print a table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--measure", choices=["ours", "theirs"], help="for the child processes")
    options = parser.parse_args()
    if options.measure:
        measure(options.measure, options.repeats)
        return
    pythons = {"ours": sys.executable, "theirs": peer_python()}
    from benchmarks.vnet_step import matrix_rate

    found = {who: [] for who in pythons}
    rates = []
    for _ in range(options.rounds):
        for who, python in pythons.items():
            command = [python, "-m", "benchmarks.vnet_against_monai", "--measure", who]
            command += ["--repeats", str(options.repeats)]
            done = subprocess.run(
                command, stdout=subprocess.PIPE, check=True, text=True, cwd=PEER.parents[1]
            )
            found[who].append(json.loads(done.stdout.splitlines()[-1]))
            rates.append(matrix_rate())
    show(found, statistics.median(rates))


def show(found: dict[str, list[dict]], rate: float) -> None:
    """Print the table: medians over the rounds."""
    names = {who: some[0]["versions"] for who, some in found.items()}
    print(f"Matrix product: {rate / 1e9:.0f} GFLOP/s. {names['ours']}; {names['theirs']}.\n")
    print("| 96 x 96 x 32 | parameters | GFLOP | time | by the floor | most memory |")
    print("|---|---|---|---|---|---|")
    times = {}
    for what in ("step", "prediction"):
        for who, some in found.items():
            times[who, what] = statistics.median(one[what]["seconds"] for one in some)
            flop, parameters = some[0]["flop"][what], some[0]["parameters"]
            memory = max(one[what]["GB"] for one in some)
            share = times[who, what] * rate / flop
            print(f"| {what}, {who} | {parameters:,} | {flop / 1e9:.0f} ", end="")
            print(f"| {times[who, what]:.2f} s | {share:.2f} | {memory:.1f} GB |")
    for what in ("step", "prediction"):
        ratio = times["theirs", what] / times["ours", what]
        print(f"\nA {what} of theirs takes {ratio:.2f} times as long.")


if __name__ == "__main__":
    main()
