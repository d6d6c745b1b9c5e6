"""Findings, remedies, and what a remedy brought."""

from __future__ import annotations

TEXTS = {
    # findings
    "finding.learning-rate-too-large": (
        "The learning rate {rate} is too large: the training loss rose in {rises} of {epochs} epochs; with {better} "
        "it gets lower.",
        "学习率 {rate} 过大：{epochs} 轮中有 {rises} 轮训练损失上升；取 {better} 时损失更低。",
    ),
    "finding.learning-rate-too-large.diverged": (
        "The learning rate {rate} is too large: the loss is no longer a finite number in epoch {epoch}.",
        "学习率 {rate} 过大：第 {epoch} 轮的损失已不是有限数。",
    ),
    "finding.learning-rate-too-small": (
        "The learning rate {rate} is too small: after {epochs} epochs the {measure:t} is {loss} and still falls; "
        "with {better} it is lower after the same number of epochs.",
        "学习率 {rate} 过小：训练 {epochs} 轮后{measure:t}为 {loss}，仍在下降；用 {better} 训练同样的轮数，损失更低。",
    ),
    "finding.training-too-short": (
        "The training was too short: after {epochs} epochs the {measure:t} still falls (by {fall} in the last tenth).",
        "训练时间过短：{epochs} 轮后{measure:t}仍在下降（最后十分之一的轮数下降了 {fall}）。",
    ),
    "finding.slow-compute": (
        "Training takes its time computing: {share:.0%} of {seconds} s an epoch. The network has {weights:,} weights.",
        "训练的时间主要花在计算上：每轮 {seconds} 秒中的 {share:.0%}。网络有 {weights:,} 个权重。",
    ),
    "finding.slow-data": (
        "Training waits for the data: {share:.0%} of {seconds} s an epoch goes into fetching them.",
        "训练在等待数据：每轮 {seconds} 秒中有 {share:.0%} 用于读取数据。",
    ),
    "finding.slow-convergence": (
        "Training needs more epochs than it must: with the learning rate {better} it reaches in {fewer} epochs the "
        "{measure:t} that took {epochs}.",
        "训练所需的轮数过多：学习率取 {better} 时，{fewer} 轮就能达到原来 {epochs} 轮的{measure:t}。",
    ),
    "finding.underfitting": (
        "Underfitting: the training {measure:t} {train} is hardly better than the {measure:t} {validation} of rows "
        "held out, and a network that can do more reaches less.",
        "欠拟合：训练{measure:t} {train} 与留出行的{measure:t} {validation} 相差无几，而能力更强的网络可以降得更低。",
    ),
    "finding.unscaled-inputs": (
        "The inputs are of very different or large scale: their deviations run from {smallest} to {largest}.",
        "输入的尺度相差悬殊或过大：标准差从 {smallest} 到 {largest}。",
    ),
    "finding.overfitting": (
        "Overfitting since epoch {epoch}: the validation {measure:t} rose from {best} to {last} while the training "
        "{measure:t} kept falling.",
        "从第 {epoch} 轮起过拟合：验证{measure:t}从 {best} 升到 {last}，而训练{measure:t}继续下降。",
    ),
    "finding.overfitting.gap": (
        "Overfitting: the {measure:t} is {train} on the training rows and {validation} on rows held out.",
        "过拟合：训练行的{measure:t}为 {train}，留出行的为 {validation}。",
    ),
    "finding.too-little-data": (
        "More rows would help: from {half} to {rows} rows the {measure:t} fell from {before} to {after}; with {double} "
        "rows it would be about {expected}.",
        "更多的数据会有帮助：从 {half} 行增加到 {rows} 行，{measure:t}从 {before} 降到 {after}；"
        "若有 {double} 行，预计约为 {expected}。",
    ),
    "finding.label-noise": (
        "About {count} of {rows} rows ({share:.1%}) are probably mislabelled: {listed:s}.",
        "{rows} 行中约有 {count} 行（{share:.1%}）的标签可能有误：{listed:s}。",
    ),
    "finding.label-noise.values": (
        "{count} of {rows} rows have a target that does not fit their other columns at all: {listed:s}.",
        "{rows} 行中有 {count} 行的目标值与其他各列完全不符：{listed:s}。",
    ),
    "finding.dead-units": (
        "{count} of {units} units of layer '{layer}' are dead: they are 0 for every row, so they learn nothing.",
        "层 '{layer}' 的 {units} 个单元中有 {count} 个已失活：它们对所有行的输出都是 0，因此学不到任何东西。",
    ),
    "finding.saturated-units": (
        "{count} of {units} units of layer '{layer}' ({activation}) are saturated: for nearly every row they stand at "
        "an end of their range, where the gradient is close to 0.",
        "层 '{layer}'（{activation}）的 {units} 个单元中有 {count} 个饱和："
        "几乎对每一行都处于取值范围的端点，梯度接近 0。",
    ),
    "finding.vanishing-gradients": (
        "Vanishing gradients: those of layer '{layer}' are {ratio} times smaller than those of layer '{other}'.",
        "梯度消失：层 '{layer}' 的梯度是层 '{other}' 的 {ratio} 分之一。",
    ),
    "finding.exploding-gradients": (
        "Exploding gradients: those of layer '{layer}' are {ratio} times as large as its weights.",
        "梯度爆炸：层 '{layer}' 的梯度是其权重的 {ratio} 倍。",
    ),
    "finding.imbalance-ignored": (
        "The imbalance of the classes is ignored: of the {rows} rows of class {label} only {recall:.0%} are found; "
        "the accuracy {accuracy:.1%} hides that.",
        "忽略了类别不平衡：类别 {label} 的 {rows} 行中只有 {recall:.0%} 被找到；准确率 {accuracy:.1%} 掩盖了这一点。",
    ),
    "finding.duplicates-across": (
        "{count} of {rows} test rows also occur among the training rows: the test scores are that much too good.",
        "{rows} 行测试数据中有 {count} 行也出现在训练数据中：测试得分因此偏高。",
    ),
    "finding.target-copy": ("{said:s}.", "{said:s}。"),  # as the profile of the data says it
    "finding.leakage": ("{said:s}", "{said:s}"),
    "finding.after-the-fact": ("{said:s}.", "{said:s}。"),
    "finding.identifier": (
        "Column '{column}' looks like an identifier: {distinct:,} different values in {rows:,} rows.",
        "列 '{column}' 像是标识符：{rows:,} 行中有 {distinct:,} 个不同的值。",
    ),
    "finding.validation-disagrees": (
        "Validation and test disagree: the {measure:t} is {validation} on the validation rows and {test} on the test "
        "rows, more than chance explains ({deviations} standard errors).",
        "验证与测试不一致：验证行的{measure:t}为 {validation}，测试行的为 {test}，"
        "差异超出偶然（{deviations} 个标准误）。",
    ),
    "finding.no-better-than-baseline": (
        "The model is no better than the baseline: {measure:t} {model} against {baseline} of answering without "
        "looking at a row.",
        "模型并不比基线好：{measure:t}为 {model}，而不看任何数据直接作答为 {baseline}。",
    ),
    "finding.no-signal": (
        "No signal: with shuffled targets the network does as well as with the true ones in {as_good} of {trials} "
        "trials (p = {p}). The columns tell nothing about the target that this network could learn.",
        "没有信号：把目标打乱后，{trials} 次试验中有 {as_good} 次网络与使用真实目标时一样好（p = {p}）。"
        "各列没有提供该网络能学到的关于目标的信息。",
    ),
    # remedies
    "remedy.learning-rate": ("Another learning rate.", "换一个学习率。"),
    "remedy.epochs": ("More epochs.", "增加训练轮数。"),
    "remedy.early-stopping": ("Stop at the best epoch and keep its weights.", "在最佳轮停止并保留其权重。"),
    "remedy.weight-decay": ("A stronger pull of the weights towards 0.", "加强权重衰减。"),
    "remedy.dropout": ("Leave hidden units out at random in training.", "训练时随机丢弃隐藏单元。"),
    "remedy.smaller": ("A smaller network.", "换用更小的网络。"),
    "remedy.larger": ("A larger network.", "换用更大的网络。"),
    "remedy.scale": ("Standardise the inputs.", "对输入做标准化。"),
    "remedy.class-weight": ("Weigh the classes by how rare they are.", "按类别的稀有程度加权。"),
    "remedy.threshold": ("Decide at another threshold.", "改用其他判定阈值。"),
    "remedy.activation": ("Another activation.", "换用其他激活函数。"),
    "remedy.initializer": ("Another initializer.", "换用其他初始化方法。"),
    "remedy.together": ("All of this together.", "以上各项一并采用。"),
    "remedy.drop-column": ("Leave the column out.", "去掉该列。"),
    "remedy.drop-rows": ("Look at these rows, and correct them or leave them out.", "检查这些行，改正或去掉它们。"),
    "remedy.more-rows": ("Collect more rows.", "收集更多数据。"),
    "remedy.other-columns": ("Other columns, which have to do with the target.", "换用与目标有关的其他列。"),
    "remedy.new-split": ("Split so that equal rows are on one side.", "重新划分，使相同的行处于同一侧。"),
    "remedy.clip": ("Limit the length of the gradients.", "限制梯度的长度。"),
    "remedy.prefetch": ("Load the data into memory, or prepare them once.", "把数据载入内存，或预先处理一次。"),
    # what a remedy brought
    "gain.proven": (
        "Measured on {folds} folds: {measure:t} {before} -> {after}, a gain of {gain} ({level:.0%} interval {low} to "
        "{high}).",
        "在 {folds} 折上测得：{measure:t} {before} -> {after}，改善 {gain}（{level:.0%} 区间 {low} 至 {high}）。",
    ),
    "gain.unproven": (
        "Tried on {folds} folds: {measure:t} {before} -> {after}; the {level:.0%} interval of the gain, {low} to "
        "{high}, does not exclude 0.",
        "在 {folds} 折上试过：{measure:t} {before} -> {after}；改善的 {level:.0%} 区间 {low} 至 {high} 不排除 0。",
    ),
}

SENTENCES = (  # the rows that a finding lists
    ("rows {rows:o} and {more:n} more", "第 {rows} 行，以及另外 {more} 行"),
    ("lines {rows:o} and {more:n} more", "文件第 {rows} 行，以及另外 {more} 行"),
    ("rows {rows:o}", "第 {rows} 行"),
    ("lines {rows:o}", "文件第 {rows} 行"),
)
