"""What `chainrule fit` writes beside the model: the receipt, and the report for people."""

from __future__ import annotations

import argparse
import json
import shlex
import sys
from collections.abc import Sequence
from typing import Any

from .arguments import write


def documents(args: argparse.Namespace, fitted: Any, folder: str, findings: Sequence[Any] = ()) -> dict[str, str]:
    """The files by name. Whatever goes wrong in the report, the trained model is not lost with it.

    Args:
        args: of `chainrule fit`.
        fitted: Fitted.
        folder: str. Where the model will be.
        findings: sequence of Finding.
    """
    from ..insight.receipt import FILE, receipt_of
    from ..insight.report import Facts, derived, explain, page, profile
    from ..insight.words import Words

    receipt = receipt_of(fitted, args.data, args.test, args.words)
    receipt["verify"] = shlex.join(["chainrule", "verify", folder, args.data])
    command = shlex.join(["chainrule", *args.words])
    made = {FILE: json.dumps(receipt, indent=2, ensure_ascii=False) + "\n"}
    try:
        found = {
            "findings": findings, "explanations": explain(fitted), "profile": profile(fitted),
            "mathematics": derived(fitted, args.lang),
        }  # fmt: skip
        return {**made, "report.html": page(Facts(Words(args.lang), fitted, receipt, command, found))}
    except Exception as error:
        if args.debug:
            raise
        write(f"chainrule: error: report.html could not be made: {type(error).__name__}: {error}\n", sys.stderr)
        return made
