"""`completions`: a script with which a shell completes commands, options and what follows them."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Sequence
from typing import Final

from reader.commands.common import DONE, parser_for, plain_output

_SHELLS: Final = ("bash", "zsh", "fish")
_EPILOG: Final = """\
bash:  protocol-reader completions bash > ~/.local/share/bash-completion/completions/protocol-reader
zsh:   protocol-reader completions zsh > ~/.zfunc/_protocol-reader
       (with fpath=(~/.zfunc $fpath) before compinit in ~/.zshrc)
fish:  protocol-reader completions fish > ~/.config/fish/completions/protocol-reader.fish"""


def make_parser() -> ArgumentParser:
    """What may follow `completions`."""
    parser = parser_for("completions", "Print a script that lets the shell complete words.", _EPILOG)
    parser.add_argument("shell", choices=_SHELLS, metavar="SHELL", help="one of %(choices)s")
    return parser


def run(words: Sequence[str]) -> int:
    """Print the script; the exit status."""
    wanted = make_parser().parse_args(words)
    from reader.commands.completing import script
    from reader.commands.described import described

    plain_output().write(script(wanted.shell, described()))
    return DONE
