"""Run by every IPython kernel of this environment: a NameError in a lesson says what to run first.

Installed as etc/ipython/startup/islesedu_startup.py (pyproject.toml, data-files), because in a
kernel that has just been restarted no cell of a lesson has run. It imports the package only when a
NameError is shown, and leaves no name behind.
"""


def _start() -> None:
    from IPython import get_ipython

    def handle(shell, kind, error, trace, tb_offset=None):  # type: ignore[no-untyped-def]
        try:
            from islesedu.course.first_cells import show
        except ImportError:  # it was removed while the kernel ran
            shell.showtraceback((kind, error, trace), tb_offset, running_compiled_code=True)
        else:
            show(shell, kind, error, trace, tb_offset)

    shell = get_ipython()
    if shell is not None and not shell.custom_exceptions:
        shell.set_custom_exc((NameError,), handle)


if __name__ == "__main__":
    _start()
    del _start
