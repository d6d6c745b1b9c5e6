"""What people read, in English and in Chinese, side by side.

    answer.py      the sentence that comes first, the scores
    charts.py      the captions of charts
    made.py        how the model was made, and the receipt
    parts.py       data, findings, explanations, the network
    findings.py    findings, remedies, what a remedy brought
    why.py         explanations
    play.py        the page of the playground
    rules.py       the rules of the linter
    derive.py      what stands around formulas
    terms.py       single words of pictures and measures
    sentences.py   the lines of the terminal, the notes on data and the errors, recognised by their English

An entry is (English, Chinese) with the same placeholders, which `str.format` fills; a test holds the two together.
A number that is not whole is shown with four digits if the placeholder says nothing else; `{measure:t}` is a term,
`{said:s}` a sentence in English that is translated itself.
Words that count something are in `NOUNS`.
"""

from __future__ import annotations

from string import Formatter
from typing import Any

from ...errors import ArgumentError, did_you_mean
from . import answer, charts, derive, findings, made, parts, play, rules, why
from .sentences import translated
from .terms import TERMS

LANGUAGES = {"en": "English", "zh": "中文"}
TEXTS: dict[str, tuple[str, str]] = {
    **answer.TEXTS, **charts.TEXTS, **made.TEXTS, **parts.TEXTS, **findings.TEXTS, **why.TEXTS, **derive.TEXTS,
    **rules.TEXTS, **play.TEXTS,
}  # fmt: skip
NOUNS = {
    "row": "行", "test row": "行测试数据", "validation row": "行验证数据", "training row": "行训练数据",
    "column": "列", "number": "个数值列", "network": "个网络", "epoch": "轮", "weight": "个权重", "class": "个类别",
    "thread": "个线程", "input": "个输入", "output": "个输出", "unit": "个单元",
}  # fmt: skip
_PLURALS = {"class": "classes"}


class Words(Formatter):
    """The words of one language.

    Args:
        language: str. "en" or "zh".

    Raises:
        ArgumentError: another language.

    >>> Words("zh")("score.accuracy"), Words("en")("score.accuracy")
    ('准确率', 'accuracy')
    >>> Words("en").count(1, "row"), Words("zh").count(3200, "row")
    ('1 row', '3,200 行')
    >>> Words("zh")("remedy.epochs"), Words("zh").term("epoch"), Words("zh").term("Adelie")
    ('增加训练轮数。', '轮', 'Adelie')
    """

    def __init__(self, language: str = "en") -> None:
        if language not in LANGUAGES:
            hint = did_you_mean(language, LANGUAGES)
            raise ArgumentError(f"--lang: expected one of {', '.join(LANGUAGES)}; got {language!r}.{hint}")
        self.language = language
        self._place = list(LANGUAGES).index(language)

    def __call__(self, key: str, /, **values: object) -> str:
        """The text of a key, its placeholders filled.

        Raises:
            ArgumentError: there is no such key.
        """
        if key not in TEXTS:
            raise ArgumentError(f"no text has the key {key!r}.{did_you_mean(key, TEXTS)}")
        return self.vformat(TEXTS[key][self._place], (), values)

    def format_field(self, value: Any, format_spec: str) -> Any:
        """A placeholder's value: terms and sentences in this language, numbers that are not whole with four digits."""
        if format_spec == "t":
            return self.term(value)
        if format_spec == "s":
            return self.sentence(value)
        return super().format_field(value, format_spec or (".4g" if isinstance(value, float) else ""))

    def term(self, name: str) -> str:
        """A single word of a picture or a measure; as it is where there is no other."""
        return TERMS.get(name, name) if self.language == "zh" else name

    def count(self, number: int, noun: str) -> str:
        """A number with its noun."""
        if self.language == "zh":
            return f"{number:,} {NOUNS[noun]}"
        if number != 1 and noun in _PLURALS:
            return f"{number:,} {_PLURALS[noun]}"
        from ...tabular.words import count

        return count(number, noun)

    def kind(self, name: str) -> str:
        """The kind of a column; kinds that are not in the catalogue as they are."""
        return self(f"kind.{name}") if f"kind.{name}" in TEXTS else name

    def measure(self, name: str) -> str:
        """What a measure is called."""
        return self(f"measure.{name}") if f"measure.{name}" in TEXTS else name

    def sentence(self, text: str) -> str:
        """A sentence that was written in English, such as a note on the data."""
        return text if self.language == "en" else translated(text)

    def labelled(self, label: str, text: str) -> str:
        """`label: text`."""
        return f"{label}{': ' if self.language == 'en' else '：'}{text}"

    def finished(self, text: str, is_new: bool = False) -> str:
        """What was written in English without a full stop as a sentence.

        Args:
            text: str.
            is_new: bool, default False. Whether another sentence stands before it, so that it begins with a capital.

        >>> Words().finished("a.csv differs"), Words().finished("was it known?"), Words().finished("look at it", True)
        ('a.csv differs.', 'was it known?', 'Look at it.')
        """
        said = self.sentence(text)
        stop = "" if said[-1] in ".?!。？！" else "." if self.language == "en" else "。"
        return f"{said[0].upper() if is_new else said[0]}{said[1:]}{stop}"

    def joined(self, *sentences: str) -> str:
        """Sentences, one after the other."""
        return (" " if self.language == "en" else "").join(sentences)

    def listed(self, items: list[str]) -> str:
        """`a, b and c`."""
        if self.language == "zh":
            return "、".join(items)
        return " and ".join([", ".join(items[:-1]), items[-1]] if len(items) > 1 else items)
