"""Cross-validation of several losses, with a search of hyperparameters inside each fold.

Lesson 13. Open `cross_validation` first: `compare`. `fold` is one training with its predictions,
`results` the tables, `report` the pages.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "config": ["ComparisonConfig"],
        "cross_validation": ["compare"],
        "results": ["Comparison", "read_comparison"],
        "folds": ["Fold", "make_folds"],
        "trials": ["try_settings"],
        "report_tables": ["SLIDE", "markdown_table", "p_in_words", "pair_table"],
    },
)
