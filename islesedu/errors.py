"""What can go wrong, by name. Each message says what was found, and what to give instead."""


class IslesError(ValueError):
    """Data that cannot be used; the message names the file and what to do."""


class ClinicalError(ValueError):
    """Treatment information that cannot be used; the message says which and what to give."""


class TrainingError(ValueError):
    """A training that cannot start or go on; the message says why and what to do."""


class FolderInUseError(TrainingError):
    """Another process works in a folder; the message says which."""


class LockLostError(TrainingError):
    """Another process has taken a lock over while its owner was asleep."""


class DivergedError(TrainingError):
    """A loss that became infinite or nan; the message says at which step."""


class RecipeError(ValueError):
    """A recipe that makes no sense; the message says which part and what to give instead."""


class LessonError(ValueError):
    """A lesson or parameter that does not exist; the message lists those that do."""
