"""Hashes of strings, the same on every machine and in every run: FarmHash's Fingerprint64 and SipHash-2-4."""

from __future__ import annotations

from collections.abc import Sequence

_WORD = (1 << 64) - 1
_K0, _K1, _K2 = 0xC3A5C85C97CB3127, 0xB492B66FBE98F273, 0x9AE16A3B2F90404F


def _get(s: bytes, at: int, size: int = 8) -> int:
    return int.from_bytes(s[at : at + size], "little")


def _right(x: int, n: int) -> int:
    """A word turned right."""
    x &= _WORD
    return (x >> n | x << (64 - n)) & _WORD


def _left(x: int, n: int) -> int:
    return _right(x, 64 - n)


def _mix(x: int) -> int:
    x &= _WORD
    return x ^ x >> 47


def _pair(u: int, v: int, factor: int) -> int:
    """Two words as one."""
    a = _mix((u ^ v) * factor)
    return _mix((v ^ a) * factor) * factor & _WORD


def fingerprint64(s: bytes) -> int:
    """Fingerprint64 of FarmHash, from 0 to 2^64 - 1.

    Source: Pike and Alakuijala 2014, github.com/google/farmhash (farmhashna); TensorFlow's `to_hash_bucket_fast`.

    >>> fingerprint64(b"") == _K2
    True
    """
    if len(s) <= 16:
        return _short(s)
    if len(s) <= 32:
        return _pair(*_halves(s), _K2 + len(s) * 2)
    return _medium(s) if len(s) <= 64 else _long(s)


def _short(s: bytes) -> int:
    n, factor = len(s), _K2 + len(s) * 2
    if n >= 8:
        a, b = _get(s, 0) + _K2 & _WORD, _get(s, n - 8)
        return _pair((_right(b, 37) * factor + a) & _WORD, (_right(a, 25) + b) * factor & _WORD, factor)
    if n >= 4:
        return _pair(n + (_get(s, 0, 4) << 3), _get(s, n - 4, 4), factor)
    if n:
        y, z = s[0] + (s[n >> 1] << 8), n + (s[n - 1] << 2)
        return _mix(y * _K2 ^ z * _K0) * _K2 & _WORD
    return _K2


def _halves(s: bytes) -> tuple[int, int]:
    n, factor = len(s), _K2 + len(s) * 2
    first = _K1 if n <= 32 else _K2
    a, b = _get(s, 0) * first & _WORD, _get(s, 8)
    c, d = _get(s, n - 8) * factor & _WORD, _get(s, n - 16) * _K2 & _WORD
    return (_right(a + b, 43) + _right(c, 30) + d) & _WORD, (a + _right(b + _K2, 18) + c) & _WORD


def _medium(s: bytes) -> int:
    n, factor = len(s), _K2 + len(s) * 2
    a = _get(s, 0) * _K2 & _WORD
    y, other = _halves(s)
    z = _pair(y, other, factor)
    e, f = _get(s, 16) * factor & _WORD, _get(s, 24)
    g, h = (y + _get(s, n - 32)) * factor & _WORD, (z + _get(s, n - 24)) * factor & _WORD
    return _pair((_right(e + f, 43) + _right(g, 30) + h) & _WORD, (e + _right(f + a, 18) + g) & _WORD, factor)


def _weak(s: bytes, at: int, a: int, b: int) -> tuple[int, int]:
    """Two words from 32 bytes and two words."""
    w, x, y, z = (_get(s, at + k) for k in (0, 8, 16, 24))
    a = (a + w) & _WORD
    b = _right(b + a + z, 21)
    c, a = a, (a + x + y) & _WORD
    return (a + z) & _WORD, (b + _right(a, 44) + c) & _WORD


def _long(s: bytes) -> int:
    x, y = 81, (81 * _K1 + 113) & _WORD
    z = _mix(y * _K2 + 113) * _K2 & _WORD
    v, w = (0, 0), (0, 0)
    x = (x * _K2 + _get(s, 0)) & _WORD
    end = (len(s) - 1) // 64 * 64
    for at in range(0, end, 64):
        x, y, z, v, w = _block(s, at, (x, y, z), v, w, _K1, 1)
    factor = _K1 + ((z & 0xFF) << 1)
    rest = (len(s) - 1) & 63
    w = ((w[0] + rest) & _WORD, w[1])
    v = ((v[0] + w[0]) & _WORD, v[1])
    w = ((w[0] + v[0]) & _WORD, w[1])
    x, y, z, v, w = _block(s, end + rest - 63, (x, y, z), v, w, factor, 9)
    return _pair((_pair(v[0], w[0], factor) + _mix(y) * _K0 + z) & _WORD,
                 (_pair(v[1], w[1], factor) + x) & _WORD, factor)  # fmt: skip


Pair = tuple[int, int]


def _block(
    s: bytes, at: int, xyz: tuple[int, int, int], v: Pair, w: Pair, factor: int, weight: int
) -> tuple[int, int, int, Pair, Pair]:
    """The state after 64 more bytes."""
    x, y, z = xyz
    x = _right(x + y + v[0] + _get(s, at + 8), 37) * factor & _WORD
    y = _right(y + v[1] + _get(s, at + 48), 42) * factor & _WORD
    x ^= w[1] * weight & _WORD
    y = (y + v[0] * weight + _get(s, at + 40)) & _WORD
    z = _right(z + w[0], 33) * factor & _WORD
    v = _weak(s, at, v[1] * factor & _WORD, x + w[0])
    w = _weak(s, at + 32, z + w[1], y + _get(s, at + 16))
    return z, y, x, v, w


def siphash(s: bytes, key: Sequence[int]) -> int:
    """SipHash-2-4 with a key of two words.

    Source: Aumasson and Bernstein 2012, "SipHash: a fast short-input PRF"; TensorFlow's `to_hash_bucket_strong`.

    >>> hex(siphash(bytes(range(15)), (0x0706050403020100, 0x0F0E0D0C0B0A0908)))  # the paper's appendix A
    '0xa129ca6149be45e5'
    """
    k0, k1 = (k & _WORD for k in key)
    v = [k0 ^ 0x736F6D6570736575, k1 ^ 0x646F72616E646F6D, k0 ^ 0x6C7967656E657261, k1 ^ 0x7465646279746573]
    whole = len(s) // 8 * 8
    for at in range(0, whole + 8, 8):
        word = _get(s, at) if at < whole else _get(s, whole, len(s) - whole) | (len(s) & 0xFF) << 56
        v[3] ^= word
        _rounds(v, 2)
        v[0] ^= word
    v[2] ^= 0xFF
    _rounds(v, 4)
    return v[0] ^ v[1] ^ v[2] ^ v[3]


def _rounds(v: list[int], count: int) -> None:
    for _ in range(count):
        v[0] = (v[0] + v[1]) & _WORD
        v[2] = (v[2] + v[3]) & _WORD
        v[1], v[3] = _left(v[1], 13) ^ v[0], _left(v[3], 16) ^ v[2]
        v[0] = _left(v[0], 32)
        v[2] = (v[2] + v[1]) & _WORD
        v[0] = (v[0] + v[3]) & _WORD
        v[1], v[3] = _left(v[1], 17) ^ v[2], _left(v[3], 21) ^ v[0]
        v[2] = _left(v[2], 32)


def crossed(fingerprints: Sequence[int]) -> int:
    """One fingerprint from several, as TensorFlow's `sparse.cross_hashed` joins them."""
    factor, found = 0xC6A4A7935BD1E995, 0xDECAFCAFFE
    for one in fingerprints:
        found = (found ^ factor) ^ (_mix(one * factor) * factor & _WORD)
        found = _mix(found * factor) * factor & _WORD
        found = _mix(found)
    return found
