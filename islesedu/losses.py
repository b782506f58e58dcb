"""The losses of `islesedu.networks.losses`, at their short name."""

from islesedu.networks.losses import combined, cross_entropy, soft_dice

__all__ = ["combined", "cross_entropy", "soft_dice"]
