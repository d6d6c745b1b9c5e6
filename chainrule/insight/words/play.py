"""The page of the playground; `@name` in it stands for `play.name`."""

from __future__ import annotations

TEXTS = {
    "play.title": ("chainrule playground", "chainrule 神经网络演练场"),
    "play.play": ("Train", "训练"),
    "play.pause": ("Pause", "暂停"),
    "play.step": ("One step", "单步"),
    "play.reset": ("Start again", "重新开始"),
    "play.first": ("horizontal", "横轴"),
    "play.second": ("vertical", "纵轴"),
    "play.layers": ("hidden layers", "隐藏层"),
    "play.add": ("add a layer", "增加一层"),
    "play.remove": ("remove a layer", "减少一层"),
    "play.activation": ("activation", "激活函数"),
    "play.optimizer": ("optimizer", "优化器"),
    "play.rate": ("learning rate", "学习率"),
    "play.batch": ("batch size", "批大小"),
    "play.boundary": ("What the network answers", "网络的回答"),
    "play.loss": ("Loss", "损失"),
    "play.train": ("training", "训练集"),
    "play.rim": ("dark rim: validation row", "深色边框：验证行"),
    "play.held": ("validation", "验证集"),
    "play.network": ("Weights (lines) and biases (circles)", "权重（连线）与偏置（圆）"),
    "play.gradients": ("Gradients", "梯度"),
    "play.epoch": ("epoch", "轮次"),
    "play.score": ("right on validation rows", "验证集正确率"),
    "play.explained": ("R² on validation rows", "验证集 R²"),
    "play.math": ("The mathematics of this network", "这个网络的数学推导"),
    "play.diverged": (
        "The loss is not a number any more: the learning rate is too large.",
        "损失已不是有限数：学习率过大。",
    ),
    "play.gone": ("The playground has ended.", "演练场已结束。"),
    "play.positive": ("above 0", "大于 0"),
    "play.negative": ("below 0", "小于 0"),
}
