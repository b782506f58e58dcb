"""Answers to the open tasks of lesson 15, Train on many machines."""

ANSWERS = {
    "Kill the parameter server": (
        'Call `cluster.kill("ps")` once from `act`, as `kill_once` does, after the first '
        "checkpoint. The error names the parameter server: the weights and Adagrad's sums were in "
        "its memory only, so no other process can continue. With `resume=True` (and without "
        "clearing the folder: call `train_locally`, not `train_watched`) the training starts from "
        "the last checkpoint. What was trained after it is lost and done again. Without any "
        "checkpoint it starts from the beginning. So `checkpoint_every` is a choice between time "
        "for writing and work at risk."
    ),
    "equally slow": (
        "About 1 for each: while one worker computes, the other makes one update. The mean over "
        "all updates is the number of other workers, whatever their speed. The log agrees if both "
        "rows of the table are near each other. Expect a little less than 1, because a worker "
        'holds no weights while it reads a case; the column "staleness expected" takes this '
        "into account. Leave the first cases out, in which TensorFlow builds its graphs."
    ),
    "one or two workers": (
        "Train both several times, with different seeds, and compare the loss by epoch, not by "
        "second. Similar curves mean that a delay of about one update is harmless at this rate. A "
        "loss that oscillates or explodes with two workers and not with one is what the limit "
        "predicts: rate times curvature may be at most 2 without delay, and at most 1 with a "
        "delay of 1. SGD has no shrinking steps that would rescue it, as Adagrad has. One run of "
        "each shows little (exercise 10); six patients and a small network show little about "
        "large ones."
    ),
    "1 to 64 workers": (
        "With the numbers of exercise 9 (44 million parameters, 10 Gbit/s, 1.5 s a case) the "
        "model gives for 1, 4, 8, 16, 32, 64 workers 35, 128, 242, 366, 409, 419 updates a minute "
        "with one server, and 35, 135, 268, 537, 1051, 1616 with four (`servers=4`). One server is "
        "full at 60 / 0.1406 = 427 updates a minute, four at four times as many. Up to 4 workers "
        "further servers bring 5 %, at 8 workers 11 %, at 16 they bring 47 %: they pay off from "
        "where the first link is in use most of the time. On links of 1 Gbit/s that is so at "
        "once: 37 against 104 updates a minute with 8 workers. Run the same with `servers=2`: its "
        "ceiling is twice that of one."
    ),
}
"""Model answers by words of their task; numbers are those of the model in `islesedu.cluster`."""
