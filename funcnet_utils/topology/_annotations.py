"""Annotations: the sets of living classes that cells stand for, each kept once.

A set is a row of bits, one for each slot, and a slot is a living class. Row 0 is the empty set.
"""

from __future__ import annotations

import numpy as np

from funcnet_utils._bits import ONE, has, kernel, lowest_bit

CODE = np.uint64(0x9E3779B97F4A7C15)  # sets with other sums of codes are not equal


@kernel
def new_table():  # type: ignore[no-untyped-def]
    """Return room for rows, for the sum of the codes of each, first members (-1: none) of rows."""
    return np.zeros((64, 1), np.uint64), np.zeros(64, np.uint64), [-1], [0 for _ in range(0)]


@kernel
def with_slot(worth, slot):  # type: ignore[no-untyped-def]
    """Return rows that have room for a slot."""
    if slot >> 6 < worth.shape[1]:
        return worth
    wider = np.zeros((len(worth), 1 + worth.shape[1] // 4), np.uint64)
    return np.concatenate((worth, wider), axis=1)


@kernel
def enter(worth, codes, first, free, value, code):  # type: ignore[no-untyped-def]
    """Return the row of a set, entered if it is new, and the rows with room for it."""
    for row in range(1, len(first)):
        if codes[row] == code and (worth[row] == value).all():
            return row, worth, codes
    if len(free):
        row = free.pop()
    else:
        row = len(first)
        first.append(-1)
        if row == len(worth):
            worth = np.concatenate((worth, np.zeros_like(worth)))
            codes = np.concatenate((codes, np.zeros_like(codes)))
    worth[row] = value
    codes[row] = code
    return row, worth, codes


@kernel
def end(worth, codes, first, slot, value, code):  # type: ignore[no-untyped-def]
    """End the class of a slot in a sum that must vanish; return the rows that become empty."""
    emptied = [0 for _ in range(0)]
    for row in range(1, len(first)):
        if (worth[row, slot >> 6] >> np.uint64(slot & 63)) & ONE:
            codes[row] ^= code
            some = np.uint64(0)
            for w in range(len(value)):
                worth[row, w] ^= value[w]
                some |= worth[row, w]
            if not some:
                emptied.append(row)
    return emptied


@kernel
def add(words, others):  # type: ignore[no-untyped-def]
    """Add a set to a set modulo 2; tell whether anything is left."""
    some = np.uint64(0)
    for w in range(len(words)):
        words[w] ^= others[w]
        some |= words[w]
    return some != 0


@kernel
def youngest(value, age):  # type: ignore[no-untyped-def]
    """Return the slot with the youngest class in a set, -1 if it is empty."""
    slot = -1
    for w in range(len(value)):
        word = value[w]
        while word:
            other = (w << 6) + lowest_bit(word)
            word &= word - np.uint64(1)
            if slot < 0 or age[other] > age[slot]:
                slot = other
    return slot
