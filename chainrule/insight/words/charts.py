"""The captions of charts."""

from __future__ import annotations

TEXTS = {
    "curves.title": ("How the training went", "训练过程"),
    "curves.epoch": ("epoch", "轮次"),
    "curves.training": ("training", "训练"),
    "curves.validation": ("validation", "验证"),
    "curves.best": ("best epoch, kept", "保留的最佳轮次"),
    "curves.loss": ("log loss", "对数损失"),
    "curves.rmse": ("RMSE, units of {target}", "RMSE（{target} 的单位）"),
    "curves.accuracy": ("accuracy", "准确率"),
    "curves.mae": ("MAE, units of {target}", "MAE（{target} 的单位）"),
    "curves.found_one": (
        "The validation loss was lowest at epoch {first}; its weights were kept",
        "验证损失在第 {first} 轮最低；保留该轮的权重",
    ),
    "curves.found_many": (
        "The {networks} were best at epochs {first} to {last}; those weights were kept",
        "{networks}分别在第 {first} 到 {last} 轮最佳；保留这些权重",
    ),
    "curves.found_train": (
        "The training loss was lowest at epoch {first}; its weights were kept",
        "训练损失在第 {first} 轮最低；保留该轮的权重",
    ),
    "curves.over": (
        "After the best epoch the training loss went on falling and the validation loss rose: from there on the "
        "network learnt the rows by heart (overfitting). That part was thrown away.",
        "在最佳轮次之后，训练损失继续下降，而验证损失上升：此后网络只是在死记训练数据（过拟合）。这一部分已被丢弃。",
    ),
    "curves.still": (
        "The validation loss was still falling at the last epoch: more epochs may help (underfitting).",
        "到最后一轮时验证损失仍在下降：增加轮次可能有帮助（欠拟合）。",
    ),
    "curves.flat": (
        "After the best epoch the validation loss no longer fell.",
        "在最佳轮次之后，验证损失不再下降。",
    ),
    "curves.second": ("The same training, as {measure}", "同一训练过程：{measure}"),
    "curves.table": ("The networks one by one", "逐个网络"),
    "curves.stopped": ("stopped because", "停止原因"),
    "curves.kept": ("kept epoch", "保留轮次"),
    "curves.epochs": ("epochs", "轮数"),
    "quality.title": ("How good the answers are", "预测质量"),
    "confusion.title": ("Which classes are confused", "哪些类别被混淆"),
    "confusion.none": ("Every row got its true class", "每一行都得到了真实类别"),
    "confusion.most": (
        "The commonest mistake: {count} of {total} rows of “{true}” were taken for “{predicted}”",
        "最常见的错误：{total} 行“{true}”中有 {count} 行被误认为“{predicted}”",
    ),
    "confusion.caption": (
        "Rows: the true class; columns: the prediction. The darker a cell, the larger its share of the row.",
        "行为真实类别，列为预测类别。颜色越深，占该行的比例越大。",
    ),
    "confusion.list": ("The most frequent mistakes of {classes}", "{classes}中最常见的错误"),
    "confusion.true": ("true", "真实"),
    "confusion.predicted": ("predicted", "预测"),
    "confusion.rows": ("rows", "行数"),
    "confusion.of": ("of the class", "占该类"),
    "roc.found": (
        "A row of “{label}” ranks above another one with probability {auc}",
        "“{label}”的行排在其他行之前的概率为 {auc}",
    ),
    "roc.found_many": (
        "Best told apart: “{best}” (AUC {high}); hardest: “{worst}” ({low})",
        "最容易区分：“{best}”（AUC {high}）；最难：“{worst}”（{low}）",
    ),
    "roc.found_alike": ("All classes are told apart equally well (AUC {auc})", "各类别区分得同样好（AUC {auc}）"),
    "roc.x": ("false alarms: share of other rows", "误报率：其他行的比例"),
    "roc.y": ("found: share of the class", "检出率（召回率）"),
    "roc.caption": (
        "ROC curve: how many rows of the class are found at the price of how many false alarms. The dashed line is "
        "guessing.",
        "ROC 曲线：以多少误报为代价检出多少该类的行。虚线相当于猜测。",
    ),
    "pr.found": (
        "To find half of the rows of “{label}”, {precision} of the alarms are right",
        "要检出一半的“{label}”，报警中有 {precision} 是正确的",
    ),
    "pr.x": ("found: share of the class (recall)", "召回率"),
    "pr.y": ("right alarms (precision)", "精确率"),
    "pr.caption": (
        "Precision and recall; average precision {ap}. The dashed line is the share of the class, {share}: what "
        "guessing gets.",
        "精确率与召回率；平均精确率 {ap}。虚线为该类所占比例 {share}，相当于猜测。",
    ),
    "calibration.good": (
        "The probabilities can be taken at their word: on average they are off by {error} points",
        "概率可信：平均只偏差 {error} 个百分点",
    ),
    "calibration.fits": (
        "The probabilities fit what came true, as far as {rows} can tell (off by {error} points on average)",
        "就{rows}所能判断，概率与实际相符（平均偏差 {error} 个百分点）",
    ),
    "calibration.high": (
        "The network is too sure of itself: its probabilities are off by {error} points on average",
        "网络过于自信：概率平均偏差 {error} 个百分点",
    ),
    "calibration.low": (
        "The network is too cautious: its probabilities are off by {error} points on average",
        "网络过于谨慎：概率平均偏差 {error} 个百分点",
    ),
    "calibration.x": ("probability given by the network", "网络给出的概率"),
    "calibration.y": ("share that was so", "实际比例"),
    "calibration.caption": (
        "Reliability: rows in groups by the probability of {what}. On the dashed line, what is said with 80% "
        "comes true 8 times in 10. Upright lines: 95% intervals; the larger a dot, the more rows.",
        "可靠性图：按{what}的概率分组。虚线表示：以 80% 的概率所说的，十次中有八次成真。"
        "竖线为 95% 区间；点越大，行数越多。",
    ),
    "calibration.answer": ("the answer", "所给答案"),
    "calibration.label": ("“{label}”", "“{label}”"),
    "coverage.title": ("How sure one can be of an answer", "对答案可以有多大把握"),
    "coverage.classes": (
        "Instead of one class a set of classes can be asked for that holds the true one as often as wanted "
        "(conformal prediction): {command}",
        "可以不只要一个类别，而要一组类别，使其按所要求的比例包含真实类别（共形预测）：{command}",
    ),
    "coverage.values": (
        "Instead of one value an interval can be asked for that holds the true one as often as wanted (conformal "
        "prediction): {command}",
        "可以不只要一个数值，而要一个区间，使其按所要求的比例包含真实值（共形预测）：{command}",
    ),
    "coverage.asked": ("wanted", "要求"),
    "coverage.found": ("found on these rows", "在这些行上实测"),
    "coverage.classes_size": ("classes in the set, on average", "集合中的类别数（平均）"),
    "coverage.values_size": ("width of the interval, units of {target}", "区间宽度（{target} 的单位）"),
    "values.scatter": (
        "Predictions follow the truth: {r2} of the variation is explained",
        "预测与真实值一致：解释了 {r2} 的变化",
    ),
    "values.scatter_poor": (
        "Predictions hardly follow the truth: {r2} of the variation is explained",
        "预测与真实值相关性弱：只解释了 {r2} 的变化",
    ),
    "values.true": ("true {target}", "{target} 的真实值"),
    "values.predicted": ("predicted {target}", "{target} 的预测值"),
    "values.scatter_caption": (
        "Each dot is a row ({shown} of {rows}); on the dashed line the prediction is exact.",
        "每个点为一行（{rows}中的 {shown} 行）；虚线上的预测完全准确。",
    ),
    "values.histogram": (
        "Half of the errors lie between {low} and {high}",
        "一半的误差在 {low} 到 {high} 之间",
    ),
    "values.error": ("error: prediction minus truth, units of {target}", "误差：预测减真实值（{target} 的单位）"),
    "values.rows": ("rows", "行数"),
    "values.unbiased": ("They are as often too high as too low.", "偏高与偏低大致一样多。"),
    "values.high": ("{share} of the predictions are too high.", "{share} 的预测偏高。"),
    "values.low": ("{share} of the predictions are too low.", "{share} 的预测偏低。"),
    "values.outside": ("{rows} with larger errors are not shown.", "另有 {rows}误差更大，未显示。"),
    "values.residuals_even": (
        "The errors are about as large for small predictions as for large ones",
        "小预测值与大预测值的误差大小相近",
    ),
    "values.residuals_wider": (
        "Large predictions have larger errors: {high} on average in the upper third, {low} in the lower",
        "预测值越大误差越大：上三分之一平均 {high}，下三分之一平均 {low}",
    ),
    "values.residuals_narrower": (
        "Small predictions have larger errors: {low} on average in the lower third, {high} in the upper",
        "预测值越小误差越大：下三分之一平均 {low}，上三分之一平均 {high}",
    ),
    "values.residuals_caption": (
        "Residuals: each dot is the error of a row. Without anything left to learn they scatter evenly about 0.",
        "残差图：每个点为一行的误差。若已无可学，残差应在 0 附近均匀分布。",
    ),
    "chart.guess": ("guessing", "猜测"),
}
