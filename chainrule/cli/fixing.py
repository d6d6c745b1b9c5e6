"""What `fit --fix` and `diagnose --fix` share: the options that are proven to help, and the training with them."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Sequence
from dataclasses import fields, replace
from typing import Any

from .arguments import write


def say_gate(fitted: Any, display: Any, quiet: bool, language: str = "en") -> list[Any]:
    """Check what makes scores worthless, and say it: before the scores.

    Args:
        fitted: Fitted.
        display: Display.
        quiet: bool. Whether nothing is said as long as nothing grave is found.
        language: "en" or "zh".

    Returns: the findings.
    """
    from ..insight.diagnosis.gate import gate, gate_lines
    from ..insight.words import Words

    found = gate(fitted.problem, fitted.outputs, fitted.truth)
    for line in gate_lines(found, language):
        display.line(line)
    for finding in found if quiet else ():
        if finding.severity != "info":
            words = Words(language)
            write(words.labelled(words.term(finding.severity), finding.sentence(language)) + "\n", sys.stdout)
    return found


def together(found: Sequence[Any], more: Sequence[Any]) -> list[Any]:
    """Findings of two sources, the gravest first; what both say is said once.

    Args:
        found, more: sequences of Finding.
    """
    from ..insight import by_severity

    said = {(finding.id, finding.sentence()) for finding in found}
    return by_severity([*found, *(f for f in more if (f.id, f.sentence()) not in said)])


def with_settings(options: Any, settings: dict[str, Any]) -> Any:
    """Options with the settings of a remedy.

    Args:
        options: Options.
        settings: dict, of a Remedy.
    """
    known = {field.name for field in fields(options.training)}
    training = replace(options.training, **{k: v for k, v in settings.items() if k in known})
    return replace(options, training=training, balance=options.balance or bool(settings.get("balance")))


def fix(fitted: Any, args: Any, options: Any, display: Any) -> tuple[Any, list[Any]]:
    """Diagnose what was trained, train again with what is proven to help, and keep the better one.

    Args:
        fitted: Fitted.
        args: of `chainrule fit`. Its `words` become those that train what is kept; `interrupted` says of Ctrl-C.
        options: Options.
        display: Display.

    Returns: the Fitted that is kept, and the findings.
    """
    from ..insight.diagnosis.tables import diagnose_table

    display.line("diagnosing: networks are trained on folds, with and without what may help")
    found: Any = ()
    try:
        found = diagnose_table(fitted.problem, options, fitted.model)
        for line in found.text(args.lang).splitlines():
            display.line(line)
        again = refit(args, options, found.kept, validation_score(fitted.metrics), display)
    except KeyboardInterrupt:
        args.interrupted, again = True, None
        display.line("interrupted: the model stays as it is")
    return again or fitted, list(found)


def refit(args: Any, options: Any, kept: Any, score: tuple[str, float] | None, display: Any) -> Any:
    """Train with a proven remedy; the result if it is better on validation rows too, else None.

    Args:
        args: of `chainrule fit`.
        options: Options.
        kept: Remedy or None.
        score: what `validation_score` says of the model so far.
        display: Display.
    """
    from ..tabular import fit_table

    if kept is None:
        display.line("fix: nothing is proven to help, the model stays as it is")
        return None
    display.line(f"fix: training again with {kept.option}")
    fitted = fit_table(args.data, with_settings(options, dict(kept.settings)), display)
    now = validation_score(fitted.metrics)
    if score is not None and now is not None and now[1] >= score[1] and "balance" not in kept.settings:
        display.line(f"fix: {now[0]} on validation rows {score[1]:.4g} without, {now[1]:.4g} with it: the model stays "
                     "as it is")  # fmt: skip
        return None
    if score is not None and now is not None:
        display.line(f"fix: {now[0]} on validation rows {score[1]:.4g} -> {now[1]:.4g}: kept {kept.option}")
    args.words = words_with(args.words, kept.option)
    return fitted


def validation_score(metrics: dict[str, Any]) -> tuple[str, float] | None:
    """(name, value) of what training makes small, on rows that the networks held out.

    >>> validation_score({"task": "regression", "validation": {"rmse": 2.0}}), validation_score({"task": "binary"})
    (('RMSE', 2.0), None)
    """
    name, key = ("RMSE", "rmse") if metrics["task"] == "regression" else ("log loss", "log_loss")
    found = metrics.get("validation")
    return None if not found else (name, float(found[key]))


def words_with(words: Sequence[str], option: str) -> list[str]:
    """The command that trains the model that was kept: without --fix, with what --fix found.

    >>> words_with(["fit", "a.csv", "--fix"], "--weight-decay 2")
    ['fit', 'a.csv', '--weight-decay', '2']
    """
    return [word for word in words if word != "--fix"] + shlex.split(option)
