"""What pyproject.toml cannot say: files of the course in a wheel, and data-files when editable."""

import shutil
from pathlib import Path

from setuptools import Distribution, setup
from setuptools.command.build_py import build_py

_COURSE = {"notebooks": "*.ipynb", "data": "*"}
"""What `islesedu lessons copy` hands out; 19 MB, of which two trained networks are 17."""


class WithDataFiles(Distribution):
    """A distribution of which setuptools' editable_wheel asks whether it has "data"."""

    def has_data(self) -> bool:
        """Return whether there are data-files; else editable_wheel passes them over."""
        return bool(self.data_files)


class WithCourse(build_py):
    """Puts lessons and data into the wheel, as islesedu/course_files (islesedu/course/folders.py).

    An editable installation reads those of the checkout.
    """

    def run(self) -> None:
        """Build the package, then copy the course."""
        super().run()
        for file, target in self._course().items():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, target)

    def get_outputs(self, include_bytecode: bool = True) -> list[str]:
        """Return the files that were made."""
        return [*super().get_outputs(include_bytecode), *map(str, self._course().values())]

    def _course(self) -> dict[Path, Path]:
        """Return where each file goes; nothing where nothing is to be copied."""
        if self.editable_mode:
            return {}
        root, goal = Path(__file__).parent, Path(self.build_lib) / "islesedu" / "course_files"
        return {
            file: goal / file.relative_to(root)
            for folder, pattern in _COURSE.items()
            for file in sorted((root / folder).rglob(pattern))
            if file.is_file() and not any(p.startswith(".") for p in file.relative_to(root).parts)
        }


setup(distclass=WithDataFiles, cmdclass={"build_py": WithCourse})
