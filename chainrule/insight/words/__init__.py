"""What people read, in English and in Chinese, side by side.

    answer.py      the sentence that comes first, the scores
    charts.py      the captions of charts
    made.py        how the model was made, and the receipt
    parts.py       data, findings, explanations, the network
    sentences.py   the lines of the terminal and the notes on data, recognised by their English

An entry is (English, Chinese) with the same placeholders; a test holds the two together. Words that count something are
in `NOUNS`.
"""

from __future__ import annotations

from ...errors import ArgumentError, did_you_mean
from ...tabular.words import count
from . import answer, charts, made, parts
from .sentences import translated

LANGUAGES = {"en": "English", "zh": "中文"}
TEXTS: dict[str, tuple[str, str]] = {**answer.TEXTS, **charts.TEXTS, **made.TEXTS, **parts.TEXTS}
NOUNS = {
    "row": "行", "test row": "行测试数据", "validation row": "行验证数据", "training row": "行训练数据",
    "column": "列", "number": "个数值列", "network": "个网络", "epoch": "轮", "weight": "个权重", "class": "个类别",
    "thread": "个线程", "input": "个输入", "output": "个输出", "unit": "个单元",
}  # fmt: skip
_PLURALS = {"class": "classes"}


class Words:
    """The words of one language.

    Args:
        language: str. "en" or "zh".

    Raises:
        ArgumentError: another language.

    >>> Words("zh")("score.accuracy"), Words("en")("score.accuracy")
    ('准确率', 'accuracy')
    >>> Words("en").count(1, "row"), Words("zh").count(3200, "row")
    ('1 row', '3,200 行')
    """

    def __init__(self, language: str = "en") -> None:
        if language not in LANGUAGES:
            hint = did_you_mean(language, LANGUAGES)
            raise ArgumentError(f"--lang: expected one of {', '.join(LANGUAGES)}; got {language!r}.{hint}")
        self.language = language
        self._place = list(LANGUAGES).index(language)

    def __call__(self, key: str, **values: object) -> str:
        """The text of a key, its placeholders filled."""
        return TEXTS[key][self._place].format(**values)

    def count(self, number: int, noun: str) -> str:
        """A number with its noun."""
        if self.language == "zh":
            return f"{number:,} {NOUNS[noun]}"
        if number != 1 and noun in _PLURALS:
            return f"{number:,} {_PLURALS[noun]}"
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

    def listed(self, items: list[str]) -> str:
        """`a, b and c`."""
        if self.language == "zh":
            return "、".join(items)
        return " and ".join([", ".join(items[:-1]), items[-1]] if len(items) > 1 else items)
