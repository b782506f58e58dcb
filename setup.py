"""What pyproject.toml cannot say: an editable install, too, brings the files of data-files."""

from setuptools import Distribution, setup


class WithDataFiles(Distribution):
    """A distribution of which setuptools' editable_wheel asks whether it has "data"."""

    def has_data(self) -> bool:
        """Return whether there are data-files; else editable_wheel passes them over."""
        return bool(self.data_files)


setup(distclass=WithDataFiles)
