"""A network learns to walk to the goal of a 5 x 5 grid, around pits, from rewards alone.

Shows: a loop of one's own: acting, a memory of past steps, a second network that lags behind, train_on_batch.
Source: Mnih et al. 2015, "Human-level control through deep reinforcement learning" (DQN).
Expect: after 300 episodes the goal is reached from all free cells (a random walker: from about an eighth).
"""

import keras
import numpy as np
from keras import layers, ops
from sources import pick, report

keras.utils.set_random_seed(17)
rng = np.random.default_rng(17)
SIZE, GOAL, PITS = 5, (4, 4), {(1, 1), (2, 3), (3, 1)}
MOVES = ((-1, 0), (1, 0), (0, -1), (0, 1))
FREE = [(r, c) for r in range(SIZE) for c in range(SIZE) if (r, c) != GOAL and (r, c) not in PITS]
episodes, limit, discount, batch_size = pick(300, 80), 30, 0.95, 64


def seen(cell):
    """One of 25 numbers is 1."""
    state = np.zeros(SIZE * SIZE, "float32")
    state[cell[0] * SIZE + cell[1]] = 1
    return state


def step(cell, move):
    """The next cell, the reward, whether the episode ends."""
    cell = tuple(int(np.clip(cell[k] + MOVES[move][k], 0, SIZE - 1)) for k in (0, 1))
    return cell, (1.0 if cell == GOAL else -1.0 if cell in PITS else -0.02), cell == GOAL or cell in PITS


def network():
    """The worth of each move."""
    return keras.Sequential([keras.Input((SIZE * SIZE,)), layers.Dense(32, activation="relu"), layers.Dense(4)])


def worth_error(y_true, y_pred):
    """y_true: the move that was made, one of four, times the worth that was found; nan for the others."""
    known = ops.logical_not(ops.isnan(y_true))
    error = ops.where(known, y_pred - ops.where(known, y_true, 0.0), 0.0)
    return ops.sum(ops.square(error), axis=-1)


def learn(memory):
    """One step on a batch from the memory."""
    rows = [memory[i] for i in rng.integers(0, len(memory), batch_size)]
    states, moves, rewards, following, ends = (np.array(column) for column in zip(*rows, strict=True))
    best = lagging.predict_on_batch(following).max(axis=1)
    targets = np.full((batch_size, 4), np.nan, "float32")
    targets[np.arange(batch_size), moves] = rewards + discount * best * (1 - ends)
    model.train_on_batch(states, targets)


def reached():
    """From which share of the free cells the best moves lead to the goal."""
    best = model.predict(np.stack([seen((r, c)) for r in range(SIZE) for c in range(SIZE)]), verbose=0).argmax(axis=1)
    ends = []
    for cell in FREE:
        for _ in range(limit):
            cell, _, end = step(cell, int(best[cell[0] * SIZE + cell[1]]))
            if end:
                break
        ends.append(cell == GOAL)
    return float(np.mean(ends))


model, lagging = network(), network()
model.compile(optimizer=keras.optimizers.Adam(5e-3), loss=worth_error)
memory, steps = [], 0
for episode in range(episodes):
    cell = FREE[rng.integers(len(FREE))]
    curiosity = max(0.1, 1 - 1.5 * episode / episodes)
    for _ in range(limit):
        wild = rng.random() < curiosity
        move = int(rng.integers(4) if wild else model.predict_on_batch(seen(cell)[None])[0].argmax())
        following, reward, end = step(cell, move)
        memory.append((seen(cell), move, reward, seen(following), float(end)))
        cell, steps = following, steps + 1
        if len(memory) >= batch_size:
            learn(memory)
        if steps % 100 == 0:
            lagging.set_weights(model.get_weights())
        if end:
            break
report("share of cells from which the goal is reached", reached())
