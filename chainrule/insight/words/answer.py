"""The sentence that comes first, and the scores."""

from __future__ import annotations

TEXTS = {
    "title": ("{target}: what the network learnt from {data}", "{target}：神经网络从 {data} 中学到了什么"),
    "answer.classes": (
        "Of 100 new rows, about {right} get the right {target}. Always answering “{common}” would get {base} right.",
        "每 100 行新数据，约有 {right} 行的 {target} 预测正确；若总是回答“{common}”，则有 {base} 行正确。",
    ),
    "answer.classes_worse": (
        "The network is not better than always answering “{common}”: {right} of 100 rows right, against {base}.",
        "该网络不比总是回答“{common}”更好：每 100 行对 {right} 行，而后者对 {base} 行。",
    ),
    "answer.classes_same": (
        "Counting right answers, the network does no better than always answering “{common}” ({right} and {base} of "
        "100), but its probabilities tell more: they tell rows of different classes apart.",
        "只数答对的行数，该网络不比总是回答“{common}”更好（每 100 行分别对 {right} 行和 {base} 行），但它给出的"
        "概率更有信息：能够区分不同类别的行。",
    ),
    "answer.values": (
        "A prediction of {target} is off by {error} on average. Always answering the mean, {mean}, would be off by "
        "{base}.",
        "对 {target} 的预测平均偏差为 {error}；若总是回答平均值 {mean}，平均偏差为 {base}。",
    ),
    "answer.values_worse": (
        "The network is not better than always answering the mean of {target}, {mean}: it is off by {error} on "
        "average, the mean by {base}.",
        "该网络不比总是回答 {target} 的平均值 {mean} 更好：网络平均偏差 {error}，平均值的平均偏差 {base}。",
    ),
    "answer.interval": (
        "Accuracy {accuracy}, error rate {error}. With 95% confidence the accuracy on rows like these lies between "
        "{low} and {high}: {rows} were counted.",
        "准确率 {accuracy}，误差率 {error}。在同类数据上，准确率有 95% 的把握"
        "在 {low} 到 {high} 之间（共统计 {rows}）。",
    ),
    "answer.spread": (
        "Half of the {rows} are off by less than {half}, nine of ten by less than {most}. The network explains "
        "{r2} of the variation (R²).",
        "{rows}中，一半的偏差小于 {half}，九成的偏差小于 {most}。网络解释了 {r2} 的变化（决定系数 R²）。",
    ),
    "answer.errors_shrink": (
        "That is {share} fewer wrong answers than without looking at the row.",
        "与不看数据就回答相比，错误减少了 {share}。",
    ),
    "answer.error_shrinks": (
        "That is {share} closer than without looking at the row.",
        "与不看数据就回答相比，偏差减少了 {share}。",
    ),
    "answer.imbalance": (
        "The classes are of unequal size. Counted for each class on its own and averaged, {balanced} are right "
        "(balanced accuracy; without looking at the row it would be {chance}).",
        "各类别数量不均衡。若每个类别单独计算再取平均，正确率为 {balanced}（平衡准确率；不看数据时为 {chance}）。",
    ),
    "answer.on_test": (
        "Measured on {rows} that were set aside before anything was learnt.",
        "以上结果在 {rows}上测得；这些行在学习开始之前就已留出。",
    ),
    "answer.on_validation": (
        "No test rows. Measured on {rows}: each was held out by a network, and decided when that one stopped, so that "
        "the result is a little too good.",
        "没有测试数据。以上结果在 {rows}上测得：每一行都未参与其中某个网络的训练，"
        "但决定了它何时停止，因此结果略微偏高。",
    ),
    "answer.on_train": (
        "No test rows: measured on the {rows} themselves. How well it does on others is not known.",
        "没有测试数据：以上结果就在 {rows}上测得；在其他数据上的表现未知。",
    ),
    "answer.rarest": (
        "Of the {rows} rows of “{label}”, the rarest class, {found} are found; {alarms} are taken for it.",
        "最少见的类别“{label}”共 {rows} 行，找到 {found} 行；被判为该类的有 {alarms} 行。",
    ),
    "answer.rarest_none": (
        "Of the {rows} rows of “{label}”, the rarest class, {found} are found: no row is taken for it.",
        "最少见的类别“{label}”共 {rows} 行，找到 {found} 行：没有任何一行被判为该类。",
    ),
    "answer.doubtful": (
        "These scores are perhaps better than the network is.",
        "这些得分可能高于网络的真实水平。",
    ),
    "answer.no_better": (
        "No better than the baseline: the columns tell little about the target, or the rows are too few.",
        "不比基线更好：各列几乎不包含关于目标的信息，或者行数太少。",
    ),
    "answer.interrupted": (
        "The training was interrupted; this is the best state until then.",
        "训练被中断；这是中断之前的最佳状态。",
    ),
    "chart.compare_right": ("Right answers: network and baseline", "正确率：网络与基线"),
    "chart.compare_error": ("Mean error: network and baseline", "平均偏差：网络与基线"),
    "score.network": ("network", "网络"),
    "score.baseline_class": ("majority class", "多数类"),
    "score.baseline_value": ("always the mean", "总是平均值"),
    "score.accuracy": ("accuracy", "准确率"),
    "score.error_rate": ("error rate", "误差率"),
    "score.balanced_accuracy": ("balanced accuracy", "平衡准确率"),
    "score.log_loss": ("log loss", "对数损失"),
    "score.roc_auc": ("ROC AUC", "ROC AUC"),
    "score.f1": ("F1", "F1"),
    "score.f1_of": ("F1 of {label}", "“{label}”的 F1"),
    "score.f1_mean": ("F1, mean of classes", "F1（各类平均）"),
    "score.rmse": ("RMSE", "均方根误差 (RMSE)"),
    "score.mae": ("MAE", "平均绝对误差 (MAE)"),
    "score.r2": ("R2", "决定系数 (R²)"),
    "score.true_predicted": ("true \\ predicted", "真实 \\ 预测"),
    "score.means.accuracy": ("share of right answers", "答对的比例"),
    "score.means.error_rate": ("share of wrong answers", "答错的比例"),
    "score.means.balanced_accuracy": ("mean over the classes of the share found", "各类别被正确识别的比例的平均"),
    "score.means.log_loss": (
        "how surprised the probabilities are by the truth; 0 is best",
        "概率对真实答案的“意外程度”；0 为最佳",
    ),
    "score.means.roc_auc": (
        "chance that a row of the class is ranked above one that is not; 0.5 is guessing",
        "属于该类的行排在不属于该类的行之前的概率；0.5 相当于猜测",
    ),
    "score.means.f1": ("balance of precision and recall; 1 is best", "精确率与召回率的调和；1 为最佳"),
    "score.means.rmse": ("typical error, large ones count more", "典型误差，大的误差权重更高"),
    "score.means.mae": ("mean size of the error", "误差大小的平均"),
    "score.means.r2": ("share of the variation explained; 1 is best", "解释的变化比例；1 为最佳"),
    "score.all": ("All scores", "全部指标"),
}
