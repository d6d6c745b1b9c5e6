"""How the model was made, and the receipt."""

from __future__ import annotations

TEXTS = {
    "made.title": ("How it was made", "制作过程"),
    "made.command": ("command", "命令"),
    "made.again": (
        "The same command on the same data gives the same network, to the bit. To check it: {command}",
        "相同的命令加相同的数据会得到逐位相同的网络。验证命令：{command}",
    ),
    "made.seed": ("seed", "随机种子"),
    "made.data": ("data", "数据"),
    "made.rows": ("rows", "行数"),
    "made.rows_of": ("{train} to train on, {test} to test on", "{train} 行用于训练，{test} 行用于测试"),
    "made.settings": ("settings", "设置"),
    "made.time": ("time", "用时"),
    "made.seconds": (
        "{total} s in all, {training} s of them for the training",
        "共 {total} 秒，其中训练 {training} 秒",
    ),
    "made.versions": ("versions", "版本"),
    "made.machine": ("machine", "机器"),
    "made.processor": ("{name}, {threads} used", "{name}，使用 {threads}"),
    "made.speed": ("speed", "速度"),
    "made.share": (
        "{rate} billion multiplications and additions a second while training, {share} of what {threads} of this "
        "machine can do at most",
        "训练时每秒 {rate} × 10⁹ 次乘加运算，为本机 {threads}峰值的 {share}",
    ),
    "made.notes": ("What was unusual", "异常情况"),
    "receipt.title": ("Receipt", "复现凭据"),
    "receipt.what": (
        "SHA-256 of what went in and what came out. `chainrule verify` trains again from the data and compares.",
        "输入与输出的 SHA-256。`chainrule verify` 会用数据重新训练并比较。",
    ),
    "receipt.data": ("data", "数据"),
    "receipt.test": ("test data", "测试数据"),
    "receipt.program": ("program", "程序"),
    "receipt.weights": ("weights", "权重"),
    "receipt.answers": ("answers", "预测结果"),
    "receipt.machine": ("machine", "机器"),
    "receipt.means.data": ("the file, byte by byte", "文件的每个字节"),
    "receipt.means.test": ("the file, byte by byte", "文件的每个字节"),
    "receipt.means.program": (
        "every operation of the networks, of loss, gradient and update",
        "网络、损失、梯度与更新的每个运算",
    ),
    "receipt.means.weights": ("all weights, to the last bit", "所有权重，直到最后一位"),
    "receipt.means.answers": ("what the network says of the rows it was measured on", "网络对测量所用数据的回答"),
    "receipt.means.machine": ("processor, compiler, libraries", "处理器、编译器与程序库"),
    "verify.same": ("the same", "相同"),
    "verify.differs": ("DIFFERS", "不同"),
    "verify.folder": ("the folder", "文件夹"),
    "verify.folder_same": ("holds the weights of its receipt", "其中的权重与凭据一致"),
    "verify.folder_differs": ("its weights are not those of its receipt", "其中的权重与凭据不一致"),
    "verify.all": (
        "verified: {data} and the recorded options give the same network, to the bit",
        "验证通过：{data} 与记录的选项得到逐位相同的网络",
    ),
    "verify.not": ("not verified: {what}", "验证未通过：{what}"),
    "verify.why_folder": (
        "the weights in {model} were changed after the receipt was written",
        "{model} 中的权重在凭据写成之后被改动",
    ),
    "verify.why_data": ("{data} is not the table that it was trained on", "{data} 不是训练时所用的表"),
    "verify.why_test": ("{data} is not the test table that it was measured on", "{data} 不是测量时所用的测试表"),
    "verify.why_program": (
        "this chainrule ({now}) computes something else than the one that trained it ({then})",
        "当前的 chainrule（{now}）与训练时的版本（{then}）运算不同",
    ),
    "verify.why_machine": (
        "the network differs in its last bits, and so does the machine: {what}",
        "网络的末位不同，机器也不同：{what}",
    ),
    "verify.why_weights": (
        "the same data, program and machine gave other weights: that should not happen",
        "相同的数据、程序与机器得到了不同的权重：这不应发生",
    ),
    "verify.why_interrupted": (
        "that training was ended by Ctrl-C, which cannot be repeated",
        "那次训练被 Ctrl-C 中断，无法重复",
    ),
    "verify.training": ("training again: {command}", "重新训练：{command}"),
}
