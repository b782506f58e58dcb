"""``python -m islesedu`` is the command ``islesedu``."""

from islesedu.cli import main

main()
