"""What a derivation says around its formulas."""

from __future__ import annotations

TEXTS = {
    "derive.title": ("The mathematics of {name}", "{name} 的数学推导"),
    "derive.about": (
        "{weights} trainable numbers, loss {loss}, optimizer {optimizer}. {layout}",
        "可训练参数 {weights} 个，损失函数 {loss}，优化器 {optimizer}。{layout}",
    ),
    "derive.row": ("A sample is a row: x W + b, as in Keras.", "样本为行向量：x W + b（与 Keras 一致）。"),
    "derive.column": (
        "A sample is a column: W x + b. Every matrix is the transpose of what Keras stores.",
        "样本为列向量：W x + b。每个矩阵都是 Keras 所存矩阵的转置。",
    ),
    "derive.batch": ("Computed on {rows}, n = {n}.", "所用数据：{rows}，n = {n}。"),
    "derive.one_row": ("row {row} of {all}", "第 {row} 行（共 {all} 行）"),
    "derive.first_rows": ("the first {n} of {all} rows", "全部 {all} 行中的前 {n} 行"),
    "derive.only_row": ("the only row", "唯一的一行"),
    "derive.all_rows": ("all {n} rows", "全部 {n} 行"),
    "derive.no_data": (
        "No data were given, so there are formulas and shapes but no numbers; n is the number of samples.",
        "没有给出数据，因此只有公式与形状，没有数值；n 为样本数。",
    ),
    "derive.signs": (
        "⊙ multiplies element by element, nothing between two matrices is the matrix product, ᵀ transposes. "
        "δ⁽ˡ⁾ = ∂L/∂z⁽ˡ⁾.",
        "⊙ 为逐元素相乘，两个矩阵相邻为矩阵乘法，ᵀ 为转置。δ⁽ˡ⁾ = ∂L/∂z⁽ˡ⁾。",
    ),
    "derive.chart": ("The flow of the data", "数据流程图"),
    "derive.chart_back": ("backward pass: every ∂L/∂θ by the chain rule", "反向传播：用链式法则求每个 ∂L/∂θ"),
    "derive.chart_update": ("{optimizer}: every weight θ takes a step", "{optimizer}：更新每个权重 θ"),
    "derive.chart_stop": ("does the validation loss still fall?", "验证损失还在下降吗？"),
    "derive.chart_again": ("yes: next batch", "是：下一批"),
    "derive.chart_enough": ("no", "否"),
    "derive.chart_done": ("keep the best weights", "保留最好的权重"),
    "derive.between": ("step", "步骤"),
    "derive.forward": ("Forward pass", "前向传播"),
    "derive.loss": ("Loss", "损失函数"),
    "derive.backward": (
        "Backward pass: the chain rule from the loss to the first layer", "反向传播：从损失到第一层的链式法则",
    ),
    "derive.update": ("Update", "参数更新"),
    "derive.numbers": ("With numbers", "代入数值"),
    "derive.step": ("Step {k}", "第 {k} 步"),
    "derive.round": ("round t = {t} of {of}", "第 t = {t} 轮，共 {of} 轮"),
    "derive.state": ("Data and weights before the step", "更新前的数据与权重"),
    "derive.rounds": ("In each round t:", "每一轮 t："),
    "derive.for_weights": ("for θ = {names}", "对 θ = {names}"),
    "derive.with": ("with {settings}; g = ∂L/∂θ", "其中 {settings}；g = ∂L/∂θ"),
    "derive.checks": ("Checked", "核对"),
    "derive.check_formulas": (
        "{formulas} formulas were computed from the numbers of their symbols: they differ from what the Program "
        "computes by at most {formula_error} of the largest element.",
        "{formulas} 个公式用其符号的数值重新计算：与程序结果的最大相对差为 {formula_error}。",
    ),
    "derive.check_gradients": (
        "{entries} derivatives were measured by difference quotients in double precision: they differ by at most "
        "{gradient_error} of the largest element of their gradient.",
        "{entries} 个导数用双精度差商测量：最大相对差为 {gradient_error}。",
    ),
    "derive.check_step": (
        "The executor '{executor}' made the same steps: its weights differ by at most {step_error} of the largest "
        "change (where the gradient is more than rounding).",
        "执行器 '{executor}' 做了同样的更新：权重之差不超过最大变化的 {step_error}。",
    ),
    "derive.computed": (
        "The same, written so that nothing overflows: this is what is computed.",
        "同一公式的数值稳定写法，实际按此计算。",
    ),
    "derive.by_output": (
        "On paper. The Program never computes it: it would divide by almost 0 where the output is saturated.",
        "纸面推导。程序并不计算它：输出饱和时会除以接近 0 的数。",
    ),
    "derive.cancels:sigmoid": (
        "∂L/∂ŷ ⊙ σ′(z) with σ′(z) = ŷ ⊙ (1 − ŷ): the factor σ′ cancels.",
        "∂L/∂ŷ ⊙ σ′(z)，其中 σ′(z) = ŷ ⊙ (1 − ŷ)：因子 σ′ 被约去。",
    ),
    "derive.cancels:softmax": (
        "∂L/∂ŷ through the softmax, whose slopes are ŷ_j (1 − ŷ_j) and −ŷ_j ŷ_k: they cancel against 1/ŷ.",
        "∂L/∂ŷ 经过 softmax，其导数为 ŷ_j (1 − ŷ_j) 与 −ŷ_j ŷ_k，与 1/ŷ 相消。",
    ),
    "derive.bias": (
        "Each sample adds b, so its derivative is the sum over the samples.",
        "每个样本都加上 b，故对样本求和。",
    ),
    "derive.conv": (
        "W slides over x: z at a place is the sum over x around it, each number times the one of W above it, and over "
        "the channels.",
        "W 在 x 上滑动：某处的 z 是其周围的 x 与对应的 W 逐个相乘后，对窗口与通道求和。",
    ),
    "derive.conv_x": (
        "Each number of x gets the δ of all places that read it, times the weight it was read with: W turned around.",
        "x 的每个数得到所有读取它之处的 δ 乘以读取时的权重：即把 W 翻转后滑动。",
    ),
    "derive.conv_w": (
        "A weight was used at every place: the sum over places and samples of δ there times the x that it met.",
        "每个权重在所有位置都被使用：对位置与样本求和，各处的 δ 乘以它遇到的 x。",
    ),
    "derive.window_max": (
        "Each window passes its derivative to the number that was its maximum; the others get 0.",
        "每个窗口把导数传给其中的最大值，其余得 0。",
    ),
    "derive.sum": ("The value is used in several places: the parts add up.", "该值用于多处：各部分相加。"),
    "derive.softmax": (
        "Each output depends on every z: ∂a_j/∂z_k = a_j (1 if j = k else 0) − a_j a_k.",
        "每个输出都依赖所有 z：∂a_j/∂z_k = a_j (j = k 时为 1，否则 0) − a_j a_k。",
    ),
    "derive.unbroadcast": ("What was repeated is summed.", "被重复的量要求和。"),
    "derive.rule": ("By the row of this operation in the gradient table.", "按梯度表中该运算的一行。"),
    "derive.loop": ("A recurrence: the rounds are computed one after another.", "递推：逐轮计算。"),
    "derive.through_time": (
        "Back through the rounds, from the last to the first; what a round received from the one before gets its "
        "derivative from the one after.",
        "沿各轮反向，从最后一轮到第一轮。",
    ),
}
