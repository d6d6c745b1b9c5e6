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
    "data.missing": ("missing", "缺失"),
    "data.different": ("different", "不同值"),
    "data.holds": ("holds (least … median … most)", "内容（最小 … 中位 … 最大）"),
    "data.shape": ("spread", "分布"),
    "data.alone": ("tells alone", "单独信息量"),
    "data.caption": (
        "Looked at: {rows}. “Tells alone” is how much a column on its own tells of the target, from 0 to 100%.",
        "统计范围：{rows}。“单独信息量”表示仅凭该列能得知目标的多少，从 0 到 100%。",
    ),
    "data.suspicions": ("To look at", "值得注意"),
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
    "kind.target": ("target", "目标"),
    "findings.title": ("What was found, and what to do", "诊断与建议"),
    "findings.none": ("Nothing was found.", "未发现问题。"),
    "findings.more": (
        "Checked were rows on both sides of the split, copies of the target and columns that know it too well, "
        "identifiers, and the baseline. How the training went, wrong labels, rare classes, too few rows are looked at, "
        "and remedies tried, by {command}",
        "已检查：划分两侧的重复行、目标的副本与过度透露目标的列、标识符、基线。训练过程、错误标签、少数类别、"
        "数据量是否足够，以及各项措施是否有效，可用以下命令诊断：{command}",
    ),
    "findings.remedy": ("What to do:", "建议："),
    "findings.rows": ("Rows: {rows}", "行号：{rows}"),
    "findings.error": ("error", "错误"),
    "findings.warning": ("warning", "警告"),
    "findings.info": ("to know", "提示"),
    "explain.title": ("What the answers depend on", "预测的依据"),
    "explain.most": (
        "“{column}” matters most: without it the {measure} rises from {before} to {after}",
        "“{column}”最重要：没有它，{measure}从 {before} 升到 {after}",
    ),
    "explain.none": (
        "No single column matters for certain; “{column}” comes first",
        "没有任何一列的作用是确定的；“{column}”排在首位",
    ),
    "explain.caption": (
        "How much the {measure} rises when the cells of a column are exchanged among {rows}. The line is the 95% "
        "interval; grey: it may be nothing.",
        "将某一列的单元格在{rows}之间打乱后，{measure}上升多少。横线为 95% 区间；灰色表示可能没有作用。",
    ),
    "explain.twins": (
        "These tell nearly the same, so that each looks less important than both are: {columns}.",
        "以下各列包含几乎相同的信息，因此单独看时显得不那么重要：{columns}。",
    ),
    "explain.curve": (
        "“{column}” moves {output} between {low} ({where}) and {high} ({at})",
        "“{column}”使 {output} 在 {low}（{where}）与 {high}（{at}）之间变化",
    ),
    "explain.curve_caption": (
        "The mean answer for {rows} when only this column is set to a value (partial dependence); the pale area, "
        "or the thin line, is its 95% interval. Dots: the values that were tried.",
        "仅将该列设为某个值时，{rows}的平均回答（部分依赖）；浅色区域或细线为 95% 区间；圆点为所试的值。",
    ),
    "explain.probability": ("probability of {output}", "{output} 的概率"),
    "explain.examples": ("Rows as examples: what each cell did to the answer", "示例行：每个单元格对回答的影响"),
    "explain.sure": (
        "Row {row}: a sure and right answer, {prediction} for “{output}”",
        "第 {row} 行：确信且正确的回答，“{output}”的概率为 {prediction}",
    ),
    "explain.unsure": (
        "Row {row}: the least sure answer, {prediction} for “{output}”; it was “{truth}”",
        "第 {row} 行：最不确信的回答，“{output}”的概率为 {prediction}；实际为“{truth}”",
    ),
    "explain.mistake": (
        "Row {row}: the worst mistake, {prediction} for “{output}”; it was “{truth}”",
        "第 {row} 行：最严重的错误，“{output}”的概率为 {prediction}；实际为“{truth}”",
    ),
    "explain.close": (
        "Row {row}: the closest prediction, {prediction}; {output} was {truth}",
        "第 {row} 行：最准的预测 {prediction}；{output} 实际为 {truth}",
    ),
    "explain.far": (
        "Row {row}: the worst prediction, {prediction}; {output} was {truth}",
        "第 {row} 行：最差的预测 {prediction}；{output} 实际为 {truth}",
    ),
    "explain.raises": ("raises “{output}”", "提高“{output}”"),
    "explain.lowers": ("lowers “{output}”", "降低“{output}”"),
    "explain.rest": ("all others", "其他各列"),
    "explain.sum": (
        "Shapley values: from {base}, the mean for other rows, they add up to {prediction}.",
        "Shapley 值：从其他行的平均值 {base} 出发，相加得到 {prediction}。",
    ),
    "explain.sum_points": (
        "Shapley values in percentage points: from {base}, the mean for other rows, they add up to {prediction}.",
        "Shapley 值（百分点）：从其他行的平均值 {base} 出发，相加得到 {prediction}。",
    ),
    "measure.log loss": ("log loss", "对数损失"),
    "measure.RMSE": ("RMSE", "均方根误差"),
    "measure.movement": ("answer moves; its distance", "回答的变化幅度"),
    "mathematics.title": ("The mathematics", "数学推导"),
    "mathematics.what": (
        "What {network}, the one that counts most, computes and how it learns: forward pass, loss, every gradient by "
        "the chain rule, the update.",
        "权重最大的网络 {network} 如何计算、如何学习：前向传播、损失、由链式法则得到的每个梯度、参数更新。",
    ),
    "mathematics.what_one": (
        "What {network} computes and how it learns: forward pass, loss, every gradient by the chain rule, the update.",
        "网络 {network} 如何计算、如何学习：前向传播、损失、由链式法则得到的每个梯度、参数更新。",
    ),
    "mathematics.numbers": (
        "With the numbers of a row: {command}",
        "代入某一行的数值：{command}",
    ),
    "mathematics.open": ("The formulas", "公式"),
    "network.title": ("The network", "网络"),
    "network.one": (
        "One network of {weights}.",
        "一个网络，{weights}。",
    ),
    "network.several": (
        "{networks}, whose answers are averaged, {weights} in all.",
        "{networks}，取其回答的平均，共 {weights}。",
    ),
    "network.name": ("network", "网络"),
    "network.hidden": ("hidden units", "隐藏单元"),
    "network.share": ("counts", "所占权重"),
    "network.layer": ("layer", "层"),
    "network.kind": ("kind", "类型"),
    "network.shape": ("numbers per row", "每行数值个数"),
    "network.weights": ("weights", "权重"),
    "network.formula": ("formula", "公式"),
    "network.structure": ("Layer by layer: {network}", "逐层结构：{network}"),
}
