"""Callbacks that write files or send numbers: backups, averages, TensorBoard's events, a server."""

from __future__ import annotations

import json
import struct
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qs

import numpy as np
import pytest

import chainrule as cr
from chainrule.callbacks import (
    BackupAndRestore,
    LambdaCallback,
    ModelCheckpoint,
    RemoteMonitor,
    SwapEMAWeights,
    TensorBoard,
)
from chainrule.callbacks.events import crc32c
from chainrule.errors import ArgumentError

from .small import REAL, X, Y, binary, linear, same_weights


class BrokenError(Exception):
    pass


def breaking(epoch):
    def end(now, logs):
        if now == epoch:
            raise BrokenError

    return LambdaCallback(on_epoch_begin=end)


def noisy():
    cr.utils.set_random_seed(4)
    model = cr.Sequential([cr.Input((3,)), cr.layers.Dense(4), cr.layers.Dropout(0.5), cr.layers.Dense(1)])
    model.compile("adam", "mse")
    return model


@pytest.mark.parametrize("save_freq", ["epoch", 2])
def test_a_training_that_was_broken_off_goes_on_bit_for_bit(tmp_path, save_freq):
    whole = noisy()
    expected = whole.fit(X, REAL, epochs=6, batch_size=5, verbose=0).history["loss"]
    folder = tmp_path / "backup"
    with pytest.raises(BrokenError):
        noisy().fit(X, REAL, epochs=6, batch_size=5, verbose=0, callbacks=[BackupAndRestore(folder), breaking(4)])
    assert folder.is_dir()
    other = noisy()
    history = other.fit(X, REAL, epochs=6, batch_size=5, verbose=0, callbacks=[BackupAndRestore(folder, save_freq)])
    assert history.epoch == [4, 5] and history.history["loss"] == expected[4:]
    assert same_weights(whole, other)
    assert not folder.exists() and not list(tmp_path.iterdir())


def test_backups_can_be_kept_twice_and_after_the_end(tmp_path):
    folder = tmp_path / "backup"
    keep = BackupAndRestore(folder, double_checkpoint=True, delete_checkpoint=False)
    linear().fit(X, REAL, epochs=3, verbose=0, callbacks=[keep])
    assert [json.loads((p / "training.json").read_text())["epoch"] for p in sorted(tmp_path.iterdir())] == [3, 2]
    (folder / "state.npz").write_bytes(b"damaged")
    history = linear().fit(X, REAL, epochs=4, verbose=0, callbacks=[BackupAndRestore(folder)])
    assert history.epoch == [2, 3], "the backup before the damaged one"


def test_a_backup_of_another_model_is_refused(tmp_path):
    keep = BackupAndRestore(tmp_path / "b", delete_checkpoint=False)
    linear().fit(X, REAL, epochs=1, verbose=0, callbacks=[keep])
    with pytest.raises(ArgumentError, match="of another model"):
        binary().fit(X, Y, verbose=0, callbacks=[BackupAndRestore(tmp_path / "b")])
    with pytest.raises(ArgumentError, match="save_freq"):
        BackupAndRestore(tmp_path, save_freq=0)


def averaged(swap_on_epoch, *more):
    model = linear(optimizer=cr.optimizers.SGD(0.05, use_ema=True, ema_momentum=0.9))
    data = (X, REAL)
    swap = SwapEMAWeights(swap_on_epoch=swap_on_epoch)
    history = model.fit(X, REAL, epochs=3, batch_size=22, verbose=0, validation_data=data, callbacks=[swap, *more])
    return model, history.history


def by_hand(epochs):
    """The weights and their averages after each step of gradient descent."""
    model = linear()
    w = average = np.concatenate([a.ravel() for a in model.get_weights()]).astype("float64")
    rows, found = np.column_stack([X, np.ones(len(X))]).astype("float64"), []
    for epoch in range(epochs):
        w = w - 0.05 * 2 * rows.T @ (rows @ w - REAL) / len(X)
        average = w if epoch == 0 else 0.9 * average + 0.1 * w
        found.append((w, average))
    return found, lambda v: float(np.mean((rows @ v - REAL) ** 2))


@pytest.mark.parametrize("swap_on_epoch", [False, True])
def test_validation_sees_the_averages_and_training_the_weights(swap_on_epoch):
    seen = []
    watch = LambdaCallback(on_epoch_end=lambda epoch, logs: seen.append(watch.model.get_weights()))
    model, history = averaged(swap_on_epoch, watch)
    steps, loss = by_hand(3)
    np.testing.assert_allclose(history["val_loss"], [loss(average) for _, average in steps], rtol=1e-5)
    np.testing.assert_allclose(history["loss"][1:], [loss(w) for w, _ in steps[:2]], rtol=1e-5)
    for shown, pair in zip(seen, steps, strict=True):
        np.testing.assert_allclose(np.concatenate([a.ravel() for a in shown]), pair[swap_on_epoch], rtol=1e-5)
    final = np.concatenate([a.ravel() for a in model.get_weights()])
    np.testing.assert_allclose(final, steps[-1][1], rtol=1e-5)


def test_averages_need_an_optimizer_that_keeps_them():
    with pytest.raises(ArgumentError, match="use_ema=True"):
        linear().fit(X, REAL, verbose=0, validation_data=(X, REAL), callbacks=[SwapEMAWeights()])


# TensorBoard's files, read by a parser that shares nothing with the writer but the checksum, which has its own test


def test_checksums():
    assert crc32c(b"") == 0 and crc32c(bytes(32)) == 0x8A9136AA and crc32c(b"\xff" * 32) == 0x62A8AB43  # RFC 3720 B.4
    assert crc32c(bytes(range(32))) == 0x46DD794E


def records(path):
    data = path.read_bytes()
    while data:
        (length,), (of_length,) = struct.unpack("<Q", data[:8]), struct.unpack("<I", data[8:12])
        message, (of_message,) = data[12 : 12 + length], struct.unpack("<I", data[12 + length : 16 + length])
        for part, mask in ((data[:8], of_length), (message, of_message)):
            turned = (mask - 0xA282EAD8) % 2**32
            assert ((turned << 15) | (turned >> 17)) % 2**32 == crc32c(part)
        yield message
        data = data[16 + length :]


def number(data, at):
    value = shift = 0
    while True:
        value |= (data[at] & 127) << shift
        at, shift = at + 1, shift + 7
        if data[at - 1] < 128:
            return value, at


def fields(data):
    at, found = 0, {}
    while at < len(data):
        key, at = number(data, at)
        if key & 7 == 0:
            value, at = number(data, at)
        elif key & 7 == 2:
            size, at = number(data, at)
            value, at = data[at : at + size], at + size
        else:
            size = {1: 8, 5: 4}[key & 7]
            value, at = data[at : at + size], at + size
        found.setdefault(key >> 3, []).append(value)
    return found


def summaries(folder):
    """(tag, step, plugin, tensor) of all files of a folder."""
    found = []
    for path in sorted(folder.iterdir()):
        first, *others = [fields(message) for message in records(path)]
        assert first[3] == [b"brain.Event:2"] and struct.unpack("<d", first[1][0])[0] > 1.7e9
        for event in others:
            for value in fields(event[5][0])[1]:
                one = fields(value)
                plugin = fields(fields(one[9][0])[1][0])[1][0].decode()
                found.append((one[1][0].decode(), event.get(2, [0])[0], plugin, fields(one[8][0])))
    return found


def scalars(folder):
    return {(tag, step): struct.unpack("<f", tensor[4][0])[0]
            for tag, step, plugin, tensor in summaries(folder) if plugin == "scalars"}  # fmt: skip


def test_numbers_of_epochs_for_tensorboard(tmp_path):
    model = binary()
    board = TensorBoard(tmp_path, write_steps_per_second=True, histogram_freq=2)
    history = model.fit(X, Y, epochs=3, verbose=0, validation_data=(X, Y), callbacks=[board]).history
    train, validation = scalars(tmp_path / "train"), scalars(tmp_path / "validation")
    for epoch in range(3):
        for name in ("loss", "accuracy"):
            assert train[f"epoch_{name}", epoch] == np.float32(history[name][epoch])
            assert validation[f"epoch_{name}", epoch] == np.float32(history[f"val_{name}"][epoch])
        assert train["epoch_steps_per_second", epoch] > 0
    assert len(train) == 9 and len(validation) == 6
    others = [s for s in summaries(tmp_path / "train") if s[2] != "scalars"]
    assert [(tag, step) for tag, step, plugin, _ in others if plugin == "text"] == [("keras", 0)]
    histograms = {(tag, step): tensor for tag, step, plugin, tensor in others if plugin == "histograms"}
    assert {step for _, step in histograms} == {0, 2} and len(histograms) == 2 * len(model.weights)
    last = next(v for k, v in histograms.items() if k[0].endswith("hidden/kernel/histogram") and k[1] == 2)
    table = np.frombuffer(last[4][0], "<f8").reshape([fields(size)[1][0] for size in fields(last[2][0])[2]])
    kernel = model.layers[0].kernel.numpy()
    assert table.shape == (30, 3) and table[:, 2].sum() == kernel.size
    assert (table[0, 0], table[-1, 1]) == (kernel.min(), kernel.max())


def test_numbers_of_batches_for_tensorboard(tmp_path):
    model, seen = linear(), []
    watch = LambdaCallback(on_train_batch_end=lambda batch, logs: seen.append(logs["loss"]))
    board = TensorBoard(tmp_path, update_freq=2, write_graph=False)
    model.fit(X, REAL, batch_size=5, epochs=2, verbose=0, callbacks=[board, watch])
    found = scalars(tmp_path / "train")
    assert {k: v for k, v in found.items() if k[0] == "batch_loss"} == {
        ("batch_loss", step): np.float32(seen[step - 1]) for step in (2, 4, 6, 8, 10)
    }
    model.evaluate(X, REAL, verbose=0, callbacks=[board])
    board.on_train_end()
    assert [tag for tag, _ in scalars(tmp_path / "validation")] == ["evaluation_loss"]
    with pytest.raises(ArgumentError, match="update_freq"):
        TensorBoard(tmp_path, update_freq="never")


def test_tensorboard_does_not_cut_epochs_unless_it_must():
    assert not TensorBoard()._watches_batches("train") and TensorBoard(update_freq="batch")._watches_batches("train")


@pytest.fixture
def server():
    bodies = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            bodies.append((self.path, self.headers["Content-Type"], self.headers["X-Who"], body))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *args):
            pass

    running = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=running.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{running.server_port}", bodies
    running.shutdown()
    thread.join()
    running.server_close()


def test_numbers_are_sent_to_a_server(server):
    root, bodies = server
    form = RemoteMonitor(root, headers={"X-Who": "me"})
    history = linear().fit(X, REAL, epochs=2, verbose=0, callbacks=[form]).history
    linear().fit(X, REAL, verbose=0, callbacks=[RemoteMonitor(root, "/x", send_as_json=True)])
    assert [path for path, *_ in bodies] == ["/publish/epoch/end/"] * 2 + ["/x"]
    sent = [json.loads(parse_qs(body)["data"][0]) for _, _, who, body in bodies[:2] if who == "me"]
    assert sent == [{"epoch": k, "loss": history["loss"][k]} for k in range(2)]
    assert bodies[2][1] == "application/json" and json.loads(bodies[2][3])["epoch"] == 0


def test_a_server_that_is_not_there_is_warned_of():
    with pytest.warns(UserWarning, match="could not reach"):
        linear().fit(X, REAL, verbose=0, callbacks=[RemoteMonitor("http://127.0.0.1:9")])


def test_checkpoints_of_every_kind(tmp_path):
    model = binary()
    rising = {"monitor": "accuracy", "mode": "max", "save_best_only": True, "initial_value_threshold": 2.0}
    kinds = {
        "each-{epoch}-{loss:.2f}.keras": {},
        "batch-{epoch}-{batch}.weights.h5": {"save_weights_only": True, "save_freq": 3},
        "never.keras": rising, "best.keras": {**rising, "initial_value_threshold": None},
    }  # fmt: skip
    saves = [ModelCheckpoint(tmp_path / name, **options) for name, options in kinds.items()]
    history = model.fit(X, Y, epochs=2, batch_size=5, verbose=0, callbacks=saves).history
    names = sorted(path.name for path in tmp_path.iterdir())
    expected = [f"each-{k + 1}-{history['loss'][k]:.2f}.keras" for k in range(2)]
    of_batches = [f"batch-{place}.weights.h5" for place in ("1-3", "2-1", "2-4")]
    assert names == sorted([*expected, *of_batches, "best.keras"])
    assert same_weights(cr.saving.load_model(tmp_path / expected[1]), model)
