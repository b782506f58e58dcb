"""Asynchronous training on workers and parameter servers, as the original was trained.

Lesson 15. Open `chief` first: `train_on_cluster`. `coordinator` gives out orders, `orders` says who
trains on which case, `weights` is the asynchronous update on a parameter server, `update_log` the
record of who did which update when, `local` starts all processes on one machine; `staleness` and
`scaling` are the theory beside it.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "config": ["ClusterConfig"],
        "staleness": ["delayed_descent", "largest_rate", "simulate_async"],
        "scaling": ["UpdateCost", "updates_per_second"],
        "local": ["train_locally"],
        "chief": ["train_on_cluster"],
        "source": ["worker_source"],
        "update_log": ["reissued", "read_updates"],
        "timeline": ["cluster_parts", "plot_timeline"],
    },
)
