"""The rules of the linter: what is wrong with a network, its data or a script, and what to do."""

from __future__ import annotations

TEXTS = {
    "lint.none": ("{script}: no classical mistakes found", "{script}：没有发现典型错误"),
    "rule.softmax-one-unit": (
        "Softmax over one unit is always 1: nothing can be learnt.",
        "单个单元的 softmax 恒等于 1：学不到任何东西。",
    ),
    "rule.softmax-one-unit.fix": (
        "Use Dense(1, activation='sigmoid').",
        "请使用 Dense(1, activation='sigmoid')。",
    ),
    "rule.loss-and-head": (
        "The loss {loss} does not fit an output of {head:s}.",
        "损失 {loss} 与{head:s}的输出不匹配。",
    ),
    "rule.loss-and-head.fix": ("{fix:s}", "{fix:s}"),
    "rule.logits-missing": (
        "{loss} takes the linear output for probabilities.",
        "{loss} 把线性输出当作概率。",
    ),
    "rule.logits-missing.fix": (
        "Give the last layer activation='{activation}', or the loss from_logits=True.",
        "请给最后一层设置 activation='{activation}'，或给损失设置 from_logits=True。",
    ),
    "rule.from-logits-twice": (
        "from_logits=True applies {activation} to an output that {activation} has made already.",
        "输出已经过 {activation}，from_logits=True 会再应用一次。",
    ),
    "rule.from-logits-twice.fix": (
        "Take the activation out of the last layer, or from_logits=True out of the loss.",
        "请去掉最后一层的激活函数，或去掉损失的 from_logits=True。",
    ),
    "rule.softmax-twice": (
        "Softmax is applied twice: the probabilities can no longer come near 0 or 1.",
        "softmax 用了两次：概率再也无法接近 0 或 1。",
    ),
    "rule.softmax-twice.fix": ("Leave one of them out.", "请去掉其中一个。"),
    "rule.unreachable-targets": (
        "The targets reach from {low:g} to {high:g}; the output, {head}, can only give {range:s}.",
        "目标值从 {low:g} 到 {high:g}，而输出（{head}）只能给出{range:s}。",
    ),
    "rule.unreachable-targets.bound": (
        "The targets reach from {low:g} to {high:g}; the output, {head}, can only give {range:s}: the loss stays above "
        "{infimum}, however long it is trained.",
        "目标值从 {low:g} 到 {high:g}，而输出（{head}）只能给出{range:s}：无论训练多久，损失都高于 {infimum}。",
    ),
    "rule.unreachable-targets.fix": (
        "Use a linear output, or scale the targets into that range.",
        "请使用线性输出，或把目标值缩放到该范围内。",
    ),
    "rule.labels-outside": (
        "The labels reach from {low:g} to {high:g}; {loss} with {units} output units takes {wanted:s}.",
        "标签从 {low:g} 到 {high:g}；{units} 个输出单元的 {loss} 要求{wanted:s}。",
    ),
    "rule.labels-outside.fix": (
        "Number the classes from 0, one output unit a class.",
        "请从 0 开始给类别编号，每类一个输出单元。",
    ),
    "rule.constant-target": (
        "All targets are {value:g}: there is nothing to learn.",
        "所有目标值都是 {value:g}：没有可学的东西。",
    ),
    "rule.constant-target.fix": ("Check how the targets were made.", "请检查目标值是如何得到的。"),
    "rule.unscaled-inputs": (
        "The inputs reach values around {size:.3g}: a network begins with weights that suit inputs around 1, and "
        "learns slowly or not at all.",
        "输入值达到 {size:.3g} 左右：网络的初始权重适合 1 左右的输入，因此会学得很慢，甚至学不到。",
    ),
    "rule.unscaled-inputs.fix": (
        "Standardise them (StandardScaler, a Normalization layer), or divide pixels by 255.",
        "请做标准化（StandardScaler、Normalization 层），像素请除以 255。",
    ),
    "rule.unscaled-targets": (
        "The targets reach values around {size:.3g}; the output begins near 0 and gets there in small steps.",
        "目标值达到 {size:.3g} 左右；输出从 0 附近开始，只能一小步一小步地接近。",
    ),
    "rule.unscaled-targets.fix": (
        "Standardise the targets and scale the predictions back.",
        "请对目标值做标准化，再把预测值换算回来。",
    ),
    "rule.sorted-validation": (
        "validation_split takes the last {rows} rows, and the targets are sorted: the validation rows have other "
        "targets than the training rows.",
        "validation_split 取最后 {rows} 行，而目标值是排好序的：验证行与训练行的目标值不同。",
    ),
    "rule.sorted-validation.fix": (
        "Shuffle the rows before, or pass validation_data.",
        "请先打乱各行，或传入 validation_data。",
    ),
    "rule.validation-is-training": (
        "The validation rows are the training rows: overfitting cannot be seen.",
        "验证行就是训练行：看不出过拟合。",
    ),
    "rule.validation-is-training.fix": (
        "Hold rows out (validation_split, train_test_split).",
        "请留出一部分行（validation_split、train_test_split）。",
    ),
    "rule.accuracy-imbalanced": (
        "{share:.0%} of the rows are of one class: an accuracy of {share:.0%} is reached without looking at a row, and "
        "accuracy is the only metric.",
        "{share:.0%} 的行属于同一类别：不看数据也能达到 {share:.0%} 的准确率，而准确率是唯一的指标。",
    ),
    "rule.accuracy-imbalanced.fix": (
        "Add metrics=[keras.metrics.AUC(curve='PR')] or Recall, or weigh the classes (class_weight).",
        "请加上 metrics=[keras.metrics.AUC(curve='PR')] 或 Recall，或给类别加权（class_weight）。",
    ),
    "rule.accuracy-of-values": (
        "Accuracy counts equal numbers; for the loss {loss} and a linear output it says nothing.",
        "准确率统计相等的数；对损失 {loss} 与线性输出来说没有意义。",
    ),
    "rule.accuracy-of-values.fix": ("Use metrics=['mae'].", "请使用 metrics=['mae']。"),
    "rule.metric-repeats-loss": (
        "The metric {metric} is the loss once more.",
        "指标 {metric} 只是把损失再算一遍。",
    ),
    "rule.metric-repeats-loss.fix": (
        "Take one in other units, such as 'mae' beside 'mse'.",
        "请换用另一种单位的指标，例如 'mse' 之外用 'mae'。",
    ),
    "rule.linear-layers": (
        "Two dense layers without an activation between them are one linear layer.",
        "两个全连接层之间没有激活函数，等于一个线性层。",
    ),
    "rule.linear-layers.fix": (
        "Give the hidden layer an activation: Dense({units}, activation='relu').",
        "请给隐藏层设置激活函数：Dense({units}, activation='relu')。",
    ),
    "rule.relu-output": (
        "ReLU as the output gives no negative values, and no gradient once it is at 0.",
        "以 ReLU 为输出给不出负值，而且一旦为 0 就没有梯度。",
    ),
    "rule.relu-output.fix": (
        "Use a linear output, or softplus for values that cannot be negative.",
        "请使用线性输出；若值不可能为负，请用 softplus。",
    ),
    "rule.no-bias": (
        "No layer has a bias: every unit must pass through 0.",
        "没有一层有偏置：每个单元都必须经过 0。",
    ),
    "rule.no-bias.fix": ("Leave use_bias at True.", "请保留 use_bias=True。"),
    "rule.scaled-before-split": (
        "The rows are scaled by numbers of all of them (line {scaled}) before they are split: the training part knows "
        "something of the test part.",
        "划分之前就用全部行的统计量做了缩放（第 {scaled} 行）：训练部分因此得知了测试部分的信息。",
    ),
    "rule.scaled-before-split.fix": (
        "Split first; fit the scaler on the training rows and transform both.",
        "请先划分；只用训练行拟合缩放器，再变换两部分。",
    ),
    "rule.scaler-fitted-on-test": (
        "The scaler is fitted on test rows: they get another scale than the rows trained on.",
        "缩放器在测试行上拟合：它们的尺度与训练行不同。",
    ),
    "rule.scaler-fitted-on-test.fix": (
        "Use transform, with the scaler of the training rows.",
        "请用训练行的缩放器做 transform。",
    ),
    "rule.scaler-saw-validation": (
        "The scaler of line {scaled} was fitted on rows that validation_split holds out afterwards.",
        "第 {scaled} 行的缩放器拟合时用到了 validation_split 之后留出的行。",
    ),
    "rule.scaler-saw-validation.fix": (
        "Hold the validation rows out before, or use a Normalization layer adapted on the rest.",
        "请先留出验证行，或使用只在其余行上适配的 Normalization 层。",
    ),
    "rule.scaler-not-saved": (
        "The model is saved, the scaler is not: new rows cannot be scaled as the training rows were.",
        "模型保存了，缩放器没有保存：新的行无法按训练行的方式缩放。",
    ),
    "rule.scaler-not-saved.fix": (
        "Save it as well, or put a Normalization layer into the model.",
        "请一并保存，或在模型中加入 Normalization 层。",
    ),
    "rule.rows-dropped": (
        "dropna() drops every row with a gap: the rest may be other rows than those that come later, and new rows with "
        "gaps cannot be predicted.",
        "dropna() 会丢掉每一个有缺失的行：剩下的行可能与今后的数据不同，而有缺失的新行也无法预测。",
    ),
    "rule.rows-dropped.fix": (
        "Fill the gaps with numbers of the training rows, and add a column that says where they were.",
        "请用训练行的统计量填补缺失，并加一列标明缺失的位置。",
    ),
    "rule.not-stratified": (
        "The rows of a classification are split without regard to the classes: a rare class may be on one side only.",
        "分类数据的划分没有考虑类别：稀有类别可能只出现在一侧。",
    ),
    "rule.not-stratified.fix": ("train_test_split(..., stratify=y).", "train_test_split(..., stratify=y)。"),
    "rule.trained-on-test": (
        "The network is trained on the rows that it is tested on.",
        "网络在测试所用的行上训练。",
    ),
    "rule.trained-on-test.fix": ("Train on the training part only.", "请只在训练部分上训练。"),
    "rule.test-as-validation": (
        "The test rows are the validation rows as well: what is chosen by them looks better than it is.",
        "测试行同时也是验证行：据此选出的结果看起来比实际更好。",
    ),
    "rule.test-as-validation.fix": ("Take a third part for validation.", "请另取第三部分用于验证。"),
    "rule.tested-on-training": (
        "The network is only evaluated on the rows that it was trained on.",
        "网络只在训练过的行上评估。",
    ),
    "rule.tested-on-training.fix": ("Hold rows out and evaluate on those.", "请留出一部分行并在其上评估。"),
    "rule.never-tested": (
        "The network is trained and never evaluated on rows held out.",
        "网络训练之后从未在留出的行上评估。",
    ),
    "rule.never-tested.fix": (
        "model.evaluate(x_test, y_test), or validation_split.",
        "请用 model.evaluate(x_test, y_test) 或 validation_split。",
    ),
    "rule.random-labels": (
        "The labels are drawn at random (line {drawn}): no network can be right more often than by chance on other "
        "rows.",
        "标签是随机抽取的（第 {drawn} 行）：在其他行上，任何网络都不会比碰运气更准。",
    ),
    "rule.random-labels.fix": (
        "Use real labels, or make them from the inputs.",
        "请使用真实的标签，或由输入生成标签。",
    ),
    "rule.unseeded": (
        "Nothing seeds the network: under Keras every run gives other results.",
        "网络没有设置随机种子：在 Keras 下每次运行结果都不同。",
    ),
    "rule.unseeded.numpy": (
        "Nothing seeds the network: under Keras every run gives other results (the seed of NumPy does not reach it).",
        "网络没有设置随机种子：在 Keras 下每次运行结果都不同（NumPy 的种子对它不起作用）。",
    ),
    "rule.unseeded.fix": (
        "keras.utils.set_random_seed(0) at the top. (chainrule is seeded without it.)",
        "请在开头加上 keras.utils.set_random_seed(0)。（chainrule 无需如此也有固定的种子。）",
    ),
    "rule.stops-by-training-loss": (
        "Training is stopped by the training {monitor}, which gets better while the network learns by heart.",
        "训练由训练集的 {monitor} 决定何时停止，而网络死记硬背时它也会变好。",
    ),
    "rule.stops-by-training-loss.fix": ("Monitor val_loss.", "请监视 val_loss。"),
    "rule.best-weights-lost": (
        "EarlyStopping leaves the weights of the last epoch, not of the best one.",
        "EarlyStopping 留下的是最后一轮的权重，而不是最佳一轮的。",
    ),
    "rule.best-weights-lost.fix": (
        "EarlyStopping(..., restore_best_weights=True).",
        "EarlyStopping(..., restore_best_weights=True)。",
    ),
    "rule.bias-never-updated": (
        "The weights are updated and the bias {bias} never is.",
        "权重有更新，而偏置 {bias} 从未更新。",
    ),
    "rule.bias-never-updated.fix": ("Subtract its gradient too.", "请同样减去它的梯度。"),
    "rule.climbs": (
        "{weight} moves along the gradient {gradient}: the loss falls along the negative gradient.",
        "{weight} 沿梯度 {gradient} 移动：损失是沿负梯度方向下降的。",
    ),
    "rule.climbs.fix": ("{weight} -= rate * {gradient}.", "{weight} -= rate * {gradient}。"),
    "rule.overflow": (
        "exp({what}) overflows for large inputs, and the result is nan.",
        "输入较大时 exp({what}) 会溢出，结果为 nan。",
    ),
    "rule.overflow.fix": (
        "Subtract the maximum first: exp(z - z.max(axis=-1, keepdims=True)).",
        "请先减去最大值：exp(z - z.max(axis=-1, keepdims=True))。",
    ),
    "rule.log-of-zero": (
        "log({what}) is -inf once the probability reaches 0.",
        "概率一旦为 0，log({what}) 就是 -inf。",
    ),
    "rule.log-of-zero.fix": (
        "Compute the loss from the logits, or clip: np.clip(p, 1e-12, 1).",
        "请由 logit 计算损失，或截断：np.clip(p, 1e-12, 1)。",
    ),
}  # fmt: skip

SENTENCES = (  # what stands in them
    ("{units:n} {activation} unit[s]", "{units} 个 {activation} 单元"),
    ("values from {least} to {most}", " {least} 到 {most} 之间的值"),
    ("values from {least}", "不小于 {least} 的值"),
    ("numbers from 0 to {last:n}", " 0 到 {last} 的编号"),
    ("targets from 0 to 1", " 0 到 1 之间的目标值"),
    ("Two classes need one sigmoid unit and binary_crossentropy, or two units and softmax.",
     "二分类需要一个 sigmoid 单元和 binary_crossentropy，或两个单元和 softmax。"),
    ("Use activation='softmax', or binary_crossentropy if several classes can be right at once.",
     "请使用 activation='softmax'；若可以同时属于多个类别，请用 binary_crossentropy。"),
    ("Use categorical_crossentropy (one-hot targets) or sparse_categorical_crossentropy (class numbers).",
     "请使用 categorical_crossentropy（独热编码的目标）或 sparse_categorical_crossentropy（类别编号）。"),
    ("Use activation='{activation}'.", "请使用 activation='{activation}'。"),
)  # fmt: skip
