"""``otak completion``: what a shell needs to complete the command, made of the parser itself."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import dataclass

from edge_app.commands.terminal import say

SHELLS = ("bash", "zsh", "fish")
# zsh takes bash's, once it is told to.
ZSH = "autoload -Uz compinit bashcompinit && compinit && bashcompinit\n"
BASH = """\
_otak() {{
  COMPREPLY=()
  local word=${{COMP_WORDS[COMP_CWORD]}} before=${{COMP_WORDS[COMP_CWORD-1]}} command= part words= options=
  for part in "${{COMP_WORDS[@]:1:COMP_CWORD-1}}"; do
    case "$command $part" in
      {commands}) command="${{command:+$command }}$part" ;;
    esac
  done
  case "$command $before" in
{values}
  esac
  case "$command" in
{words}
  esac
  [[ $word == -* ]] && words=$options
  # Where there are none, the shell completes files.
  COMPREPLY=($(compgen -W "$words" -- "$word"))
}}
complete -o default -F _otak otak
"""


@dataclass(frozen=True)
class Option:
    """An option of a command.

    Attributes:
        name: With its dashes.
        what: Its help.
        takes: Whether a value follows.
        choices: What that may be; anything where empty.
    """

    name: str
    what: str
    takes: bool
    choices: tuple[str, ...]


@dataclass(frozen=True)
class Command:
    """A command or sub-command.

    Attributes:
        path: Its words, without ``otak``.
        what: Its help.
        options: That it takes.
        words: Its sub-commands, or what its argument may be.
    """

    path: tuple[str, ...]
    what: str
    options: tuple[Option, ...]
    words: tuple[str, ...]


def add(parser: argparse.ArgumentParser) -> None:
    """Tells the command's parser what it takes."""
    parser.description = say("completion.description")
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("shell", choices=SHELLS)


def run(arguments: argparse.Namespace) -> int:
    """Prints the script; returns the exit code."""
    print(script(arguments.shell, arguments.parser), end="")
    return 0


def script(shell: str, parser: argparse.ArgumentParser) -> str:
    """Returns the script of a shell for a parser and its sub-commands."""
    commands = list(_commands(parser, (), ""))
    if shell == "fish":
        return "".join(f"{line}\n" for line in _fish(commands))
    return (ZSH if shell == "zsh" else "") + _bash(commands)


def _commands(parser: argparse.ArgumentParser, path: tuple[str, ...], what: str) -> Iterator[Command]:
    options: list[Option] = []
    words: list[str] = []
    below: list[tuple[str, str, argparse.ArgumentParser]] = []
    # argparse tells nobody what it was told.
    for action in parser._actions:
        choices = tuple(map(str, action.choices or ()))
        if isinstance(action, argparse._SubParsersAction):
            helps = {each.dest: each.help or "" for each in action._choices_actions}
            below = [(name, helps[name], each) for name, each in action.choices.items()]
        elif action.option_strings:
            name, takes = action.option_strings[-1], action.nargs != 0
            options.append(Option(name, (action.help or "") % vars(action), takes, choices))
            continue
        words += choices
    yield Command(path, what, tuple(options), tuple(words))
    for name, help_, each in below:
        yield from _commands(each, (*path, name), help_)


def _bash(commands: list[Command]) -> str:
    paths = [" ".join(each.path) for each in commands]
    values = [
        f'    "{path} {option.name}") {_generate(option)}return ;;'
        for path, each in zip(paths, commands, strict=True)
        for option in each.options
        if option.takes
    ]
    words = [
        f'    "{path}") words="{" ".join(each.words)}" options="{" ".join(_names(each))}" ;;'
        for path, each in zip(paths, commands, strict=True)
    ]
    known = [f'"{" ".join(each.path[:-1])} {each.path[-1]}"' for each in commands if each.path]
    return BASH.format(commands="|".join(known), values="\n".join(values), words="\n".join(words))


def _names(command: Command) -> list[str]:
    return [option.name for option in command.options]


def _generate(option: Option) -> str:
    if not option.choices:
        return ""
    return f'COMPREPLY=($(compgen -W "{" ".join(option.choices)}" -- "$word")); '


def _fish(commands: list[Command]) -> Iterator[str]:
    helps = {each.path: each.what for each in commands}
    for each in commands:
        seen = "; and ".join(f"__fish_seen_subcommand_from {word}" for word in each.path)
        below = [path for path in helps if path[:-1] == each.path and path]
        here = f"; and not __fish_seen_subcommand_from {' '.join(each.words)}" if below else ""
        condition = f"-n {_quoted(seen + here if seen else '__fish_use_subcommand')}"
        for word in each.words:
            told = helps.get((*each.path, word), "")
            yield f"complete -c otak -f {condition} -a {word} -d {_quoted(told)}"
        for option in each.options:
            value = f" -x -a {_quoted(' '.join(option.choices))}" if option.choices else " -r" * option.takes
            name = option.name.removeprefix("--")
            yield f"complete -c otak {condition} -l {name}{value} -d {_quoted(option.what)}"


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"
