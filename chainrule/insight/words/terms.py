"""Single words of pictures, measures and checks: English, and what that is in Chinese."""

from __future__ import annotations

TERMS = {
    "loss": "损失", "training loss": "训练损失", "validation loss": "验证损失", "epoch": "轮",
    "log loss": "对数损失", "RMSE": "均方根误差", "error rate": "误差率", "accuracy": "准确率", "rows": "行数",
    "learning rate": "学习率", "layer": "层", "gradient / weight": "梯度 / 权重", "share of units": "单元比例",

    "class": "类别", "column": "列", "share known": "单独信息量",
    "recall": "召回率", "true targets": "真实目标", "shuffled targets": "打乱的目标",
    "measured": "实测", "expected": "预计", "best": "最佳", "share of rows": "行的比例", "confidence": "置信度",
    "seconds": "秒", "present": "当前", "baseline": "基线", "error": "错误", "warning": "警告", "info": "提示",
    "hint": "建议",
    "balanced error rate": "平衡误差率", "in order": "正常", "better than the baseline": "优于基线",
    "validation and test agree": "验证与测试一致", "gradients neither vanish nor explode": "梯度既不消失也不爆炸",
    "inputs of one scale": "输入尺度一致", "learning rate and length of the training": "学习率与训练时长",
    "no fewer epochs would do": "轮数没有多余", "no dead or saturated units": "没有失活或饱和的单元",
    "no overfitting": "没有过拟合", "rows held out are not predicted much worse": "留出行的预测没有明显变差",
    "a signal": "有信号", "no underfitting": "没有欠拟合", "no labels that look wrong": "没有可疑的标签",
    "checked": "已检查", "nothing found": "未发现问题",
    "duplicates across the split, copies of the target, identifiers, the baseline":
        "跨划分的重复行、目标的副本、标识符、基线",
    "rare classes are found": "稀有类别能被找到", "enough rows": "数据量足够",
}  # fmt: skip
