"""Lesson 15, Train on many machines."""

from islesedu.course.cluster_slips import staleness, staleness_slips, update, update_slips
from islesedu.course.exercise import Exercise, FunctionExercise

_UPDATE = '''def your_update(history, rate, delay, curvature):
    """Return the weight after an update whose gradient is `delay` updates old."""
    stale = history[-1 - delay]
    return history[-1] - rate * curvature * stale'''

_STALENESS = '''def your_staleness_of(pulled, ended):
    """Return a list: the staleness of each update, from two lists of times (s)."""
    found = []
    for begin, end in zip(pulled, ended):
        found.append(sum(begin < other < end for other in ended))
    return found'''

_WEIGHTS = 43_945_969
_MOVED = _WEIGHTS * 4 * 8 / 1e9
"""Seconds of a pull, or a push, at 1 Gbit/s."""


EXERCISES = {
    "15.1": Exercise(
        asks="one number",
        answer=-0.25,
        slips={
            "the gradient is one update old: it belongs to w1, not to w2": 0.0,
            "a delay of one update means w1; w0 is two updates old": -0.5,
            "gradient descent goes against the gradient: mind the sign": 0.25,
            "that is gradient descent without a delay": 0.125,
        },
        hints=(
            "Which weight is one update older than w2?",
            "w3 is w2 minus 0.5 times the weight that is one update older.",
        ),
        solution="your_w3 = 0 - 0.5 * 0.5",
    ),
    "15.2": FunctionExercise(
        asks="a function",
        answer=update,
        cases=[
            ([1.0, 0.4, -0.3, 0.7], 0.25, 2, 2.0),
            ([1.0, 0.2, -0.3], 0.3, 1, 2.0),
            ([5.0, 4.0, 2.0, 1.5, 3.0], 0.1, 3, 0.5),
            ([1.0, 0.6, 0.2], 0.5, 0, 1.0),
        ],
        slips=update_slips,
        hints=(
            "Two weights of the history take part. Which one is changed, and at which one was the "
            "gradient computed?",
            "history[-1] is the newest. Which index is `delay` updates older?",
            "The gradient of the parabola at w is curvature * w.",
        ),
        solution=_UPDATE,
        points=2,
    ),
    "15.3": Exercise(
        asks="one whole number",
        answer=16,
        slips={
            "that is the delay; the worker whose gradient it is comes on top": 15,
            "try the formula for one worker fewer: is 0.1 still below the limit?": 17,
            "the limit is not one over the number of workers": 10,
            "that is 2d + 1, not the number of workers": 31,
        },
        hints=(
            "Solve the formula for the largest d at which 0.1 is below the limit.",
            "For long delays the limit is close to pi / (2d + 1).",
            "With the delay d there are d other workers.",
        ),
        solution="""delays = range(100)
stable = [d for d in delays if 0.1 < 2 * np.sin(np.pi / (2 * (2 * d + 1)))]
your_workers = max(stable) + 1""",
        points=2,
    ),
    "15.4": Exercise(
        asks="one number",
        answer=8.0,
        slips={
            "that is the mean over the updates of all workers": 2,
            "two workers push while C computes": 4,
            "that leaves out a push of A or of B": 7,
            "C's own push does not count": 9,
            "C is slower by a factor of 4, not of 2": 6,
        },
        tolerance=0.1,
        hints=(
            "How often does A push while C computes one case?",
            "B pushes as often as A, and each push counts.",
        ),
        solution="your_staleness = 4 + 4",
    ),
    "15.5": FunctionExercise(
        asks="a function",
        answer=staleness,
        cases=[
            ([0.1, 0.2, 1.1, 2.4], [1.0, 2.3, 2.0, 3.5]),
            ([0.0, 0.05, 0.1, 1.3, 1.6], [1.2, 1.5, 4.0, 2.5, 2.8]),
            ([0.3, 2.2, 0.4, 3.3], [2.1, 3.2, 3.0, 4.4]),
        ],
        slips=staleness_slips,
        hints=(
            "For one update, with its two times, look at the ends of all updates.",
            "Which condition on `other` says: after the pull, and before the end of this one?",
            "Its own end is not before its own end, so it is not counted.",
        ),
        solution=_STALENESS,
        points=3,
    ),
    "15.6": Exercise(
        asks="one of the letters a, b and c",
        answer="b",
        slips={
            "if the worker dies between report and push, who knows that its gradient is missing?": (
                "a"
            ),
            "waiting makes repeated tasks rarer; does it change what one of them does?": "c",
        },
        hints=(
            "Let the worker die at the worst moment, for each change. What do the weights hold?",
            "Who can know for certain that a gradient has been applied already?",
        ),
        solution='your_letter = "b"',
        points=2,
    ),
    "15.7": Exercise(
        asks="one number",
        answer=2 * _MOVED,
        slips={
            "that is the pull alone, or the push": _MOVED,
            "a byte has 8 bits": 2 * _MOVED / 8,
            "that is the pull alone, or the push, and a byte has 8 bits": _MOVED / 8,
            "a number has 4 bytes": 2 * _MOVED / 4,
            "a gigabit of a network is 10⁹ bits, not 2³⁰": 2 * _MOVED * 1e9 / 2**30,
            "a gigabit is 10⁹ bits, not 10⁶": 2000 * _MOVED,
        },
        tolerance=0.01,
        hints=(
            "How many bits does a pull move?",
            "Weights x 4 bytes x 8 bits, and the push as many again; divide by the bits a second.",
        ),
        solution="your_seconds = 2 * 43_945_969 * 4 * 8 / 1e9",
    ),
    "15.8": Exercise(
        asks="three whole numbers",
        answer=(220, 80, 210),
        slips={
            "of eight gradients, the one of the backup is discarded": (220, 80, 240),
            "what adds up is cases a minute, not the mean time a case": (192, 80, 210),
            "in asynchronous training the eighth worker is slower, too": (240, 80, 210),
            "in asynchronous training the slow worker does something, too": (210, 80, 210),
            "synchronous training waits for the slowest": (220, 240, 210),
            "those of synchronous training are updates; count gradients": (220, 10, 30),
            "with a backup the update does not wait 6 seconds": (220, 80, 70),
            "that is updates a minute; each uses seven gradients": (220, 80, 30),
        },
        hints=(
            "Asynchronous: add up what each worker does in a minute on its own.",
            "Synchronous: how many updates fit into a minute, and how many gradients has each?",
            "With one backup worker: when has the server the gradients it takes?",
        ),
        solution="your_cases = 7 * 30 + 10, 8 * 10, 7 * 30",
        points=3,
    ),
    "15.9": Exercise(
        asks="one whole number",
        answer=13,
        slips={
            "with so many workers the link has still a little room": 12,
            "a link carries both directions at once": 7,
            "a worker does not compute while it pulls or pushes": 11,
            "a byte has 8 bits": 88,
        },
        hints=(
            "How long does one pull take, and how long one whole cycle of a worker?",
            "In each cycle, every worker uses one direction of the link for the time of one pull.",
            "Divide the cycle by the time of a pull, and round so that the link is full.",
        ),
        solution="""pull = 43_945_969 * 4 * 8 / 10e9
cycle = pull + 1.5 + pull
your_count = int(np.ceil(cycle / pull))""",
        points=3,
    ),
    "15.10": Exercise(
        asks="one of the letters a, b and c",
        answer="b",
        slips={
            "the p-value compares two trained networks on patients; does it say how the next "
            "training ends?": "a",
            "more patients measure the same two networks more precisely": "c",
        },
        hints=(
            "What would have to be repeated to learn how often a training collapses?",
            "What is the unit of the claim: a patient, or a training?",
        ),
        solution='your_conclusion = "b"',
        points=2,
    ),
}
"""By name, in the order of the lesson."""
