"""Explanations: of a model, of a row, of groups of rows."""

from __future__ import annotations

TEXTS = {
    # what is being computed
    "why.doing.importance": ("importance of the columns", "各列的重要性"),
    "why.doing.curves": ("effect curves", "效应曲线"),
    "why.doing.interactions": ("interactions", "交互作用"),
    "why.doing.fairness": ("groups", "分组"),
    "why.doing.shapley": ("Shapley values", "Shapley 值"),
    "why.doing.gradients": ("integrated gradients", "积分梯度"),
    "why.doing.neighbours": ("nearest rows", "最相似的行"),
    "why.doing.counterfactuals": ("counterfactuals", "反事实"),
    "why.doing.asked": ("{what}: asked about {rows:,} rows", "{what}：已询问 {rows:,} 行"),
    # notes
    "why.note.no_truth": (
        "the column {target!r} is not there: importance is how far the answers move, not how much worse they become",
        "没有列 {target!r}：重要性表示答案变动的幅度，而不是答案变差的程度",
    ),
    "why.note.sample": (
        "of the {all:,} rows at most {rows:,}, drawn at random, are looked at",
        "在 {all:,} 行中最多随机抽取 {rows:,} 行进行分析",
    ),
    "why.note.no_training_rows": (
        "rows like it and changes are looked for in the rows given; --train FILE looks in the training rows",
        "相似的行和可行的改动取自给定的数据；--train FILE 则取自训练数据",
    ),
    "why.note.no_gradients": ("no integrated gradients: {why}", "没有积分梯度：{why}"),
    "why.note.no_want": (
        "for a change that leads to another value, say which: --want '>VALUE' or --want '<VALUE'",
        "若要找出使数值改变的改动，请指定：--want '>数值' 或 --want '<数值'",
    ),
    # importance
    "why.importance.head": (
        "Which columns matter: how much the {measure} ({intact:.4g}) grows when the cells of a column are shuffled "
        "({rows}, each column {repeats} times, ± 95 % interval)",
        "哪些列重要：打乱某一列的单元格后，{measure}（原为 {intact:.4g}）增加多少"
        "（{rows}，每列 {repeats} 次，± 95 % 区间）",
    ),
    "why.importance.moved": (
        "Which columns matter: how far the answers move when the cells of a column are shuffled ({rows}, each column "
        "{repeats} times, ± 95 % interval)",
        "哪些列重要：打乱某一列的单元格后，答案变动多少（{rows}，每列 {repeats} 次，± 95 % 区间）",
    ),
    "why.importance.twins": (
        "{columns} tell nearly the same: the network can read one in place of another, so each looks less important.",
        "{columns} 所含信息几乎相同：网络可以用其中一列代替另一列，因此每一列都显得不那么重要。",
    ),
    "why.rows": ("{count:,} rows", "{count:,} 行"),
    "why.row": ("{count:,} row", "{count:,} 行"),
    # curves
    "why.curves.head": (
        "What the network says when one column is set to a value and the others stay as they are (mean of {rows})",
        "把某一列设为某个值而其余列不变时，网络的回答（{rows}的平均）",
    ),
    "why.curves.range": ("{low} to {high}", "{low} 至 {high}"),
    # interactions
    "why.interactions.head": (
        "Columns whose effects depend on one another (size in {unit}; H: 0 they add up, 1 nothing but interaction)",
        "效应相互依赖的列（大小以{unit}计；H：0 表示效应相加，1 表示全为交互作用）",
    ),
    "why.interactions.odds": ("log odds", "对数几率"),
    "why.interactions.units": ("units of {target}", "{target} 的单位"),
    # fairness
    "why.fairness.head": ("By {column}: the class {output!r}", "按 {column} 分组：类别 {output!r}"),
    "why.fairness.values": ("By {column}", "按 {column} 分组"),
    "why.fairness.gaps": ("Largest gaps between two groups", "两组之间的最大差距"),
    "why.fairness.pair": ("{higher} above {lower}", "{higher} 高于 {lower}"),
    "why.fairness.note": (
        "[ ]: 95 % intervals. A gap whose interval contains 0 may be chance; of many groups some differ by chance.",
        "[ ]：95 % 区间。差距的区间若包含 0，可能只是偶然；组数很多时，总有一些组偶然不同。",
    ),
    "why.rate.predicted": ("predicted", "预测为该类"),
    "why.rate.true": ("true", "实际为该类"),
    "why.rate.true positive rate": ("true positive rate", "真正例率"),
    "why.rate.false positive rate": ("false positive rate", "假正例率"),
    "why.rate.precision": ("precision", "精确率"),
    "why.rate.accuracy": ("accuracy", "准确率"),
    "why.rate.calibration": ("predicted - true share", "预测减实际比例"),
    "why.rate.mean predicted": ("mean predicted", "预测均值"),
    "why.rate.mean true": ("mean true", "实际均值"),
    "why.rate.RMSE": ("RMSE", "均方根误差"),
    "why.rate.error": ("mean error", "平均误差"),
    # a row
    "why.row.head": ("Row {row}: {answer}", "第 {row} 行：{answer}"),
    "why.row.truth": ("Row {row}: {answer} (in truth {truth})", "第 {row} 行：{answer}（实际为 {truth}）"),
    "why.row.sum": (
        "Why: {name} {prediction} = {base} on average of {rows} + what each column contributes (± 95 % interval)",
        "原因：{name} {prediction} = {rows}的平均 {base} + 各列的贡献（± 95 % 区间）",
    ),
    "why.row.probability": ("probability of {output}", "{output} 的概率"),
    "why.row.exact": ("all sets of columns counted", "已计入列的所有组合"),
    "why.row.sampled": ("orders of the columns drawn at random", "随机抽取列的顺序"),
    "why.row.method": (
        "Shapley values: {how}, gap {gap:.1e}. Integrated gradients: on average {base}, gap {other:.1e}.",
        "Shapley 值：{how}，差额 {gap:.1e}。积分梯度：平均 {base}，差额 {other:.1e}。",
    ),
    "why.row.method_alone": ("Shapley values: {how}, gap {gap:.1e}.", "Shapley 值：{how}，差额 {gap:.1e}。"),
    "why.row.column": ("column", "列"),
    "why.row.cell": ("cell", "单元格"),
    "why.row.shapley": ("Shapley value", "Shapley 值"),
    "why.row.gradients": ("int. gradients", "积分梯度"),
    "why.row.rest": ("{count} more columns", "其余 {count} 列"),
    "why.neighbours.head": (
        "Rows most like it (distance 0: equal, 1: all different)",
        "最相似的行（距离 0：相同，1：完全不同）",
    ),
    "why.neighbours.line": ("row {row}", "第 {row} 行"),
    "why.neighbours.truth": ("in truth {truth}", "实际为 {truth}"),
    "why.neighbours.answer": ("predicted {answer}", "预测为 {answer}"),
    "why.neighbours.equal": ("equal", "完全相同"),
    "why.others.head": ("What would make it {wanted} (now {before})", "怎样会变为 {wanted}（现为 {before}）"),
    "why.others.then": (
        "then {name} {output} instead of {output_before}",
        "此时{name}为 {output}，原为 {output_before}",
    ),
    "why.others.far": (
        "no row is like that: the nearest is at {near:.2f}, rows usually have one within {usual:.2f}",
        "没有类似的行：最近的距离为 {near:.2f}，而通常在 {usual:.2f} 以内",
    ),
    "why.others.none": ("no change of the columns that may be touched was found", "在可改动的列中没有找到这样的改动"),
    "why.others.fixed": ("left as they are: {columns}", "保持不变：{columns}"),
}  # fmt: skip
