"""Studies: compose, keep, resume and distribute the experiments of the book."""

from typing import TYPE_CHECKING, Any

from funcnet_utils.studies.config import PRESETS, StudyConfig, parse_hidden

if TYPE_CHECKING:
    from funcnet_utils.studies.study import Study, run


def __getattr__(name: str) -> Any:
    if name not in ("Study", "run"):  # torch is loaded when it is needed
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from funcnet_utils.studies import study

    return getattr(study, name)
