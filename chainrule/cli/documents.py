"""What `chainrule fit` writes beside the model: the receipt, and the report for people."""

from __future__ import annotations

import argparse
import json
import shlex
from collections.abc import Sequence
from typing import Any

from .arguments import say_error


def documents(args: argparse.Namespace, fitted: Any, folder: str, findings: Sequence[Any] = ()) -> dict[str, str]:
    """The files by name. Whatever goes wrong in the report, the trained model is not lost with it.

    Args:
        args: of `chainrule fit`.
        fitted: Fitted.
        folder: str. Where the model will be.
        findings: sequence of Finding.
    """
    receipt = receipt_for(args, fitted, folder)
    return {**as_file(receipt), **report(args, [facts_of(args, fitted, receipt, findings)])}


def receipt_for(args: argparse.Namespace, fitted: Any, folder: str) -> dict[str, Any]:
    """The receipt, with the command that verifies it.

    Args:
        args, fitted, folder: as of `documents`.
    """
    from ..insight.receipt import receipt_of

    receipt = receipt_of(fitted, args.data, args.test, args.words)
    return {**receipt, "verify": shlex.join(["chainrule", "verify", folder, args.data])}


def as_file(receipt: dict[str, Any]) -> dict[str, str]:
    """The file of a receipt, or of the receipts of several targets by their names."""
    from ..insight.receipt import FILE

    return {FILE: json.dumps(receipt, indent=2, ensure_ascii=False) + "\n"}


def facts_of(args: argparse.Namespace, fitted: Any, receipt: dict[str, Any], findings: Sequence[Any]) -> Any:
    """The Facts of the report; None if they cannot be found out, which is said.

    Args:
        args, fitted, findings: as of `documents`.
        receipt: dict, from `receipt_for`.
    """
    from ..insight.report import Facts, derived, explain, profile
    from ..insight.words import Words

    try:
        found = {
            "findings": findings, "explanations": explain(fitted), "profile": profile(fitted),
            "mathematics": derived(fitted, args.lang),
            "diagnosed": args.fix and not (fitted.interrupted or args.interrupted),
        }  # fmt: skip
        return Facts(Words(args.lang), fitted, receipt, shlex.join(["chainrule", *args.words]), found)
    except (Exception, KeyboardInterrupt) as error:
        _failed(args, error)


def report(args: argparse.Namespace, several: Sequence[Any]) -> dict[str, str]:
    """`report.html` of one model, or of those of several targets; nothing if it cannot be made, which is said.

    Args:
        args: of `chainrule fit`.
        several: for each what `facts_of` found.
    """
    from ..insight.report import page

    try:
        return {"report.html": page(*several)} if None not in several else {}
    except (Exception, KeyboardInterrupt) as error:
        _failed(args, error)
        return {}


def _failed(args: argparse.Namespace, error: BaseException) -> None:
    if args.debug:
        raise error
    args.interrupted = isinstance(error, KeyboardInterrupt)
    why = "interrupted" if args.interrupted else f"{type(error).__name__}: {error}"
    say_error(f"report.html could not be made: {why}")
