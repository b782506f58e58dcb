"""Where a V-Net's time goes: a training step and a prediction against the machine's floor.

    .venv/bin/python -m benchmarks.vnet_step                                     # lesson size
    .venv/bin/python -m benchmarks.vnet_step --size 192 192 19 --filters 16 --rounds 3

The floor is the time that the network's multiply-adds would take at the rate of a matrix product
(float32, 2048 x 2048) on this machine, measured between the rounds. Plain and packed convolutions
(`islesedu.networks.packing`) take turns, A B A B, in one process. Printed as Markdown: the whole,
the kinds of operation of a step (TensorFlow's profiler; two cores work at once, so their sum may
exceed the step), and each level's convolutions, each operation run by itself.
"""

import argparse
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from islesedu.networks import import_keras

import_keras()

import keras  # noqa: E402
import tensorflow as tf  # noqa: E402

from islesedu.networks import build_vnet, losses, vnet  # noqa: E402
from islesedu.networks.packing import Conv3D  # noqa: E402

LAYERS = {"plain": keras.layers.Conv3D, "packed": Conv3D}
KINDS = {
    "Conv3DBackpropFilterV2": "gradient of the kernels",
    "Conv3DBackpropInputV2": "gradient of the volumes, and transposed convolution",
    "Conv3D": "convolution",
    "Mul": "product (PReLU, loss, optimizer)",
    "Relu": "PReLU",
    "Pad": "padding and cutting",
    "Slice": "padding and cutting",
}


def seconds(call: Callable[[], object]) -> float:
    """Return how long a call takes."""
    begin = time.perf_counter()
    call()
    return time.perf_counter() - begin


def matrix_rate(size: int = 2048) -> float:
    """Return how many multiply-adds a second a matrix product reaches here, times 2: FLOP/s."""
    a = np.random.default_rng(0).normal(size=(size, size)).astype(np.float32)
    return 2 * size**3 / statistics.median(seconds(lambda: a @ a) for _ in range(7))


def convolutions(model: keras.Model, size: tuple[int, ...]) -> Iterator[tuple[str, int, tuple]]:
    """Yield name, FLOP forwards, and (voxels, kernel, stride) of each convolution."""
    sizes = [size]
    while len(sizes) < 9:
        sizes.append(tuple(-(-n // 2) for n in sizes[-1]))
    for layer in model.layers:
        if not hasattr(layer, "kernel_size"):
            continue
        level = 5 if layer.name.startswith("bottom") else 1
        if layer.name.startswith(("encoder", "decoder")):
            level = int(layer.name[7])
        down = layer.name.endswith("_down") or layer.name.endswith("_up")
        voxels = sizes[level - 1 + down]  # where the kernel is set down
        flop = 2 * int(np.prod(voxels)) * int(np.prod(layer.kernel.shape))
        yield layer.name, flop, (sizes[level - 1], tuple(layer.kernel.shape), level)


def build(way: str, filters: int, seed: int = 1) -> keras.Model:
    """Build and compile the V-Net with one of the two convolutions."""
    vnet.Conv3D = LAYERS[way]
    keras.utils.set_random_seed(seed)
    model = build_vnet(filters=filters)
    model.compile(
        keras.optimizers.Adagrad(0.01), losses.combined, metrics=[losses.dice], jit_compile=False
    )
    return model


def kinds_of(call: Callable[[], object], repeats: int) -> Counter:
    """Return milliseconds a call spends in each kind of operation, by TensorFlow's profiler."""
    from tensorflow.tsl.profiler.protobuf import xplane_pb2

    with tempfile.TemporaryDirectory() as folder:
        tf.profiler.experimental.start(folder)
        for _ in range(repeats):
            call()
        tf.profiler.experimental.stop()
        (file,) = Path(folder).rglob("*.xplane.pb")
        space = xplane_pb2.XSpace.FromString(file.read_bytes())
    found = Counter()
    for plane in space.planes:
        names = {key: about.name for key, about in plane.event_metadata.items()}
        for event in (event for line in plane.lines for event in line.events):
            kind = names[event.metadata_id].rpartition(":")[2].removeprefix("_MklNative")
            known = [text for start, text in KINDS.items() if start in kind]
            if ":" in names[event.metadata_id] and "::" not in names[event.metadata_id]:
                if "__inference" not in kind:
                    found[known[0] if known else "all else"] += event.duration_ps / 1e9 / repeats
    return found


def operations(way: str, voxels: tuple, shape: tuple) -> dict[str, Callable[[], object]]:
    """Return forward, and both gradients, of one convolution by itself."""
    rng = np.random.default_rng(0)
    volume = tf.constant(rng.normal(size=(1, *voxels, shape[3])).astype(np.float32))
    upstream = tf.constant(rng.normal(size=(1, *voxels, shape[4])).astype(np.float32))
    layer = LAYERS[way](shape[4], shape[:3], padding="same")
    layer.build(volume.shape)

    @tf.function
    def forward() -> tf.Tensor:
        return layer(volume)

    @tf.function
    def both() -> list[tf.Tensor]:
        with tf.GradientTape() as tape:
            tape.watch(volume)
            output = layer(volume)
        return tape.gradient(output, [volume, *layer.trainable_variables], upstream)

    return {"forward": forward, "backward": both}


def in_turns(
    calls: dict[str, Callable[[], object]], rounds: int, warm: bool = False
) -> dict[str, list[float]]:
    """Time calls A B A B, after two that do not count unless warm; return ms of each round."""
    for call in () if warm else [*calls.values()] * 2:
        call()
    times = {name: [] for name in calls}
    for _ in range(rounds):
        for name, call in calls.items():
            times[name].append(1e3 * seconds(call))
    return times


def show_whole(models: dict[str, keras.Model], image: np.ndarray, rounds: int) -> None:
    """Print step and prediction, plain and packed, against the floor."""
    lesion = (np.random.default_rng(0).random((*image.shape[:4], 1)) < 0.02).astype(np.float32)
    (plain, packed) = models.values()
    tensor = tf.constant(image)
    flop = [flop for _, flop, _ in convolutions(plain, image.shape[1:4])]
    work = {"step": 3 * sum(flop) - flop[0], "prediction": sum(flop)}  # the image needs no gradient
    predict = {way: tf.function(lambda model=model: model(tensor)) for way, model in models.items()}
    calls = {
        ("step", way): lambda model=model: model.train_on_batch(image, lesion)
        for way, model in models.items()
    } | {("prediction", way): call for way, call in predict.items()}
    rates = [matrix_rate()]
    times = {name: [] for name in calls}
    for block in range(3):
        for name, some in in_turns(calls, -(-rounds // 3), warm=block > 0).items():
            times[name] += some
        rates.append(matrix_rate())
    rate = statistics.median(rates)
    print(f"Matrix product: {rate / 1e9:.0f} GFLOP/s. {packed.count_params():,} parameters.\n")
    print("| | GFLOP | floor | plain | packed | plain by packed | packed by floor |")
    print("|---|---|---|---|---|---|---|")
    for what in work:
        floor = 1e3 * work[what] / rate
        a, b = (statistics.median(times[what, way]) for way in models)
        ratio = statistics.median(np.divide(times[what, "plain"], times[what, "packed"]))
        row = f"{work[what] / 1e9:.1f} | {floor:.0f} ms | {a:.0f} ms | {b:.0f} ms"
        print(f"| {what} | {row} | {ratio:.2f} | {b / floor:.2f} |")
    print("\n| kind of operation, ms a step | plain | packed |\n|---|---|---|")
    kinds = [kinds_of(calls["step", way], 1 + (rounds > 5)) for way in models]
    for kind, _ in kinds[0].most_common():
        print(f"| {kind} | {kinds[0][kind]:.0f} | {kinds[1][kind]:.0f} |")


def show_levels(model: keras.Model, size: tuple[int, ...], rounds: int) -> None:
    """Print each 5 x 5 x 5 convolution by itself: floor, plain, packed."""
    rate = matrix_rate()
    print("\n| level, voxels, channels | times | floor | plain: forward, both gradients | packed |")
    print("|---|---|---|---|---|")
    rows = Counter(about for _, _, about in convolutions(model, size) if about[1][0] == 5)
    for (voxels, shape, level), count in sorted(rows.items(), key=lambda row: row[0][2]):
        calls = {
            (way, what): call
            for way in LAYERS
            for what, call in operations(way, voxels, shape).items()
        }
        found = {key: statistics.median(x) for key, x in in_turns(calls, rounds).items()}
        floor = 2e3 * np.prod(voxels) * np.prod(shape) / rate
        ms = [f"{found[way, 'forward']:.1f}, {found[way, 'backward']:.1f}" for way in LAYERS]
        packs = LAYERS["packed"](shape[4], shape[:3], padding="same")._packs()
        where = f"{level}, {' x '.join(map(str, voxels))}, {shape[3]} to {shape[4]}"
        print(f"| {where} | {count} | {floor:.1f}, {2 * floor:.1f} | {ms[0]} | ", end="")
        print(f"{ms[1]} |" if packs else "the same |")


def main() -> None:
    """Build both networks and print the three tables."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--size", type=int, nargs=3, default=(77, 77, 19), metavar="N")
    parser.add_argument("--filters", type=int, default=4)
    parser.add_argument("--rounds", type=int, default=15)
    options = parser.parse_args()
    models = {way: build(way, options.filters) for way in LAYERS}
    image = np.random.default_rng(0).normal(size=(1, *options.size, 6)).astype(np.float32)
    show_whole(models, image, options.rounds)
    show_levels(models["plain"], tuple(options.size), min(options.rounds, 9))


if __name__ == "__main__":
    main()
