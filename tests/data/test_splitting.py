from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chainrule.data import split_rows
from chainrule.errors import ArgumentError, DataError


@given(
    sizes=st.lists(st.integers(1, 40), min_size=1, max_size=6),
    test_size=st.floats(0, 0.9),
    validation_size=st.floats(0, 0.9),
    seed=st.integers(0, 99),
)
def test_parts_are_a_partition_and_every_class_trains(sizes, test_size, validation_size, seed):
    labels = np.repeat(np.arange(len(sizes)), sizes)
    split = split_rows(len(labels), test_size=test_size, validation_size=validation_size, labels=labels, seed=seed)
    together = np.concatenate([split.train, split.validation, split.test])
    assert np.array_equal(np.sort(together), np.arange(len(labels)))
    for part in (split.train, split.validation, split.test):
        assert np.array_equal(part, np.sort(part))
    assert set(labels[split.train]) == set(labels)
    tested = np.bincount(labels[split.test], minlength=len(sizes))
    wanted = math.ceil(round(test_size * len(labels), 9))
    assert tested.sum() <= wanted
    exact = np.array(sizes) * wanted / len(labels)
    if (np.array(sizes) - 1 >= np.ceil(exact)).all():  # no class is so small that its last row must stay
        assert tested.sum() == wanted
        assert (np.abs(tested - exact) < 1).all()


def test_sizes_are_those_of_the_field():
    for rows, size in ((10, 0.25), (768, 0.2), (1599, 0.2), (30, 0.1), (5, 0.1)):
        assert len(split_rows(rows, test_size=size).test) == math.ceil(round(rows * size, 9))
    split = split_rows(1000, test_size=0.2, validation_size=0.25)
    assert [len(split.train), len(split.validation), len(split.test)] == [600, 200, 200]


def test_classes_keep_their_share():
    labels = np.array([0] * 900 + [1] * 100)
    split = split_rows(1000, labels=labels, validation_size=0.1, seed=3)
    assert np.bincount(labels[split.test]).tolist() == [180, 20]
    assert np.bincount(labels[split.validation]).tolist() == [72, 8]


def test_test_size_zero_trains_on_everything():
    split = split_rows(7, test_size=0)
    assert split.train.tolist() == list(range(7))
    assert (len(split.validation), len(split.test)) == (0, 0)


def test_classes_of_one_row_train():
    labels = np.array([0] * 50 + [1, 2, 2])
    split = split_rows(53, test_size=0.2, labels=labels, seed=1)
    assert 50 in split.train
    assert len(split.test) == 11


def test_the_seed_decides_and_is_pinned():
    assert split_rows(50, seed=1).test.tolist() == split_rows(50, seed=1).test.tolist()
    assert split_rows(50, seed=1).test.tolist() != split_rows(50, seed=2).test.tolist()
    assert split_rows(20, seed=42).test.tolist() == [7, 9, 14, 15]
    assert split_rows(20, seed=42, labels=np.arange(20) % 2).test.tolist() == [9, 12, 14, 15]


def test_the_test_part_is_not_the_end_of_the_file():
    test = split_rows(1000, seed=0).test
    assert 300 < test.mean() < 700


def test_what_cannot_be_split():
    with pytest.raises(ArgumentError, match=r"test_size to be from 0 up to, not including, 1; got 1\.5"):
        split_rows(10, test_size=1.5)
    with pytest.raises(ArgumentError, match="validation_size"):
        split_rows(10, validation_size=-0.1)
    with pytest.raises(ArgumentError, match="one label for each of 10 rows; got 3"):
        split_rows(10, labels=np.arange(3))
    with pytest.raises(DataError, match="none is left to train on"):
        split_rows(1, test_size=0.5)
    with pytest.raises(DataError):
        split_rows(0)
