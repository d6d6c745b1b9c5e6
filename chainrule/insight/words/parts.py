"""Data, findings, explanations, the network."""

from __future__ import annotations

TEXTS = {
    "data.title": ("The data", "数据"),
    "data.summary": (
        "{rows} with {columns}; {used} of these columns are used.",
        "{rows}、{columns}；使用其中 {used} 列。",
    ),
    "data.column": ("column", "列"),
    "data.kind": ("kind", "类型"),
    "data.what": ("what was found", "发现"),
    "data.classes": ("The target: {found}", "目标：{found}"),
    "data.class_found": (
        "“{common}” is the commonest class, {share} of the rows",
        "“{common}”是最常见的类别，占 {share}",
    ),
    "data.value_found": (
        "half of the values lie between {low} and {high}",
        "一半的值在 {low} 到 {high} 之间",
    ),
    "data.all_columns": ("All columns", "全部列"),
    "kind.number": ("number", "数值"),
    "kind.boolean": ("yes or no", "是/否"),
    "kind.category": ("category", "类别"),
    "kind.date": ("date", "日期"),
    "kind.text": ("text", "文本"),
    "kind.constant": ("constant", "常数"),
    "kind.identifier": ("identifier", "标识符"),
    "kind.empty": ("empty", "空"),
    "kind.unused": ("left out", "未使用"),
    "network.title": ("The network", "网络"),
    "network.one": (
        "One network of {weights}.",
        "一个网络，{weights}。",
    ),
    "network.several": (
        "{networks}, whose answers are averaged, {weights} in all.",
        "{networks}，取其回答的平均，共 {weights}。",
    ),
    "network.layer": ("layer", "层"),
    "network.kind": ("kind", "类型"),
    "network.shape": ("numbers per row", "每行数值个数"),
    "network.weights": ("weights", "权重"),
    "network.formula": ("formula", "公式"),
    "network.structure": ("Layer by layer", "逐层结构"),
}
