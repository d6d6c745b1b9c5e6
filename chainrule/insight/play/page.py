"""The page of the playground: one HTML file (`page.html`) with its words put in; no request leaves the machine."""

from __future__ import annotations

import json
import re
from html import escape
from pathlib import Path

# in English, in Chinese; `@name` in the page
_WORDS = {
    "title": ("chainrule playground", "chainrule 神经网络演练场"),
    "play": ("Train", "训练"),
    "pause": ("Pause", "暂停"),
    "step": ("One step", "单步"),
    "reset": ("Start again", "重新开始"),
    "first": ("horizontal", "横轴"),
    "second": ("vertical", "纵轴"),
    "layers": ("hidden layers", "隐藏层"),
    "add": ("add a layer", "增加一层"),
    "remove": ("remove a layer", "减少一层"),
    "activation": ("activation", "激活函数"),
    "optimizer": ("optimizer", "优化器"),
    "rate": ("learning rate", "学习率"),
    "batch": ("batch size", "批大小"),
    "boundary": ("What the network answers", "网络的回答"),
    "loss": ("Loss", "损失"),
    "train": ("training", "训练集"),
    "held": ("validation", "验证集"),
    "network": ("Weights (lines) and biases (circles)", "权重（连线）与偏置（圆）"),
    "gradients": ("Gradients", "梯度"),
    "epoch": ("epoch", "轮次"),
    "score": ("right on validation rows", "验证集正确率"),
    "explained": ("R² on validation rows", "验证集 R²"),
    "math": ("The mathematics of this network", "这个网络的数学推导"),
    "diverged": (
        "The loss is not a number any more: the learning rate is too large.",
        "损失已不是有限数：学习率过大。",
    ),
    "gone": ("The playground has ended.", "演练场已结束。"),
    "positive": ("above 0", "大于 0"),
    "negative": ("below 0", "小于 0"),
}


def page(lang: str = "en") -> str:
    """The page as HTML.

    Args:
        lang: 'en' (default) or 'zh'.

    >>> "<script" in page() and "http://" not in page() and "https://" not in page()
    True
    """
    words = {key: pair[1 if lang == "zh" else 0] for key, pair in _WORDS.items()}
    given = {**{key: escape(text) for key, text in words.items()}, "lang": lang}
    given["words"] = json.dumps(words, ensure_ascii=False)
    text = Path(__file__).with_name("page.html").read_text(encoding="utf-8")
    return re.sub(r"@(\w+)", lambda found: given.get(found[1], found[0]), text)
