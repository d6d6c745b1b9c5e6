"""A whole short life with PyTorch: import, build, one epoch of 16,000 rows, one prediction."""

import numpy as np
import torch
from torch import nn

torch.set_num_threads(1)  # faster than more, for a network this small
random = np.random.default_rng(0)
data = random.standard_normal((16_000, 20), dtype="float32")
x = torch.from_numpy(data)
y = torch.from_numpy((data.sum(axis=1, keepdims=True) > 0).astype("float32"))
model = nn.Sequential(nn.Linear(20, 64), nn.ReLU(), nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 1))
optimizer = torch.optim.Adam(model.parameters(), fused=True)
order = torch.randperm(len(x))
right = 0
for rows in order.split(32):
    optimizer.zero_grad()
    z = model(x[rows])
    nn.functional.binary_cross_entropy_with_logits(z, y[rows]).backward()
    optimizer.step()
    right += ((z > 0) == (y[rows] > 0)).sum()
with torch.inference_mode():
    print(float(torch.sigmoid(model(x[:1]))), float(right) / len(x))
