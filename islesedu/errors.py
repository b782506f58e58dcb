"""What can go wrong, by name. Each message says what was found, and what to give instead."""


class IslesError(ValueError):
    """Data that cannot be used; the message names the file and what to do."""


class ClinicalError(ValueError):
    """Treatment information that cannot be used; the message says which and what to give."""


class TrainingError(ValueError):
    """A training that cannot start or go on; the message says why and what to do."""


class FolderInUseError(TrainingError):
    """A folder that another process works in; the message says which, and what to do."""


class LockLostError(OSError):
    """A folder or task that another process has taken over while this one was asleep."""


class ServerLostError(TrainingError):
    """A parameter server of a cluster, and with it the weights, is gone."""


class OrderError(TrainingError):
    """A case that a worker of a cluster could not read; the message says which worker and why."""


class DivergedError(TrainingError):
    """A loss that became infinite or nan; the message says at which step."""


class RecipeError(ValueError):
    """A recipe that makes no sense; the message says which part and what to give instead."""


class LessonError(ValueError):
    """A lesson or parameter that does not exist or fit; the message says what does."""

    def _render_traceback_(self) -> list[str]:
        """Return what IPython shows: the sentence, for where it was raised helps nobody."""
        return [f"{type(self).__name__}: {self}"]
