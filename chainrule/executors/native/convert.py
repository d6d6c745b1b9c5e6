"""From one dtype to another."""

from __future__ import annotations

from .emit import SIZE, Value, register_type


def convert(x: Value, dtype: str) -> Value:
    """`x` in another dtype: integers wrap, floats round to nearest, fractions are dropped; bool is x != 0."""
    if dtype == x.dtype:
        return x
    if x.dtype == "bfloat16":
        return convert((convert(x.bits(), "uint32") << 16).as_float("float32"), dtype)
    if dtype == "bfloat16":
        return _rounded_to_bfloat16(convert(x, "float32"))
    if dtype == "bool":
        return x.compare("ne", 0)
    if x.dtype == "float64" and dtype == "float16":
        return _cast(_odd(x), "fptrunc", dtype)
    if x.is_float and dtype.startswith("float"):
        return _cast(x, "fptrunc" if SIZE[dtype] < SIZE[x.dtype] else "fpext", dtype)
    if x.is_float:
        return _to_integer(x, dtype)
    if dtype == "float16":
        return convert(convert(x, "float32" if SIZE[x.dtype] < 4 else "float64"), dtype)
    if dtype.startswith("float"):
        return _cast(x, "sitofp" if x.signed else "uitofp", dtype)
    if SIZE[dtype] == SIZE[x.dtype] and x.dtype != "bool":
        return x.like(dtype, x.name)
    if SIZE[dtype] < SIZE[x.dtype]:
        return _cast(x, "trunc", dtype)
    return _cast(x, "sext" if x.signed else "zext", dtype)


def _cast(x: Value, instruction: str, dtype: str) -> Value:
    return x.like(dtype, x.f.op(f"{instruction} {x.typed} to {register_type(dtype, x.lanes)}"))


def _to_integer(x: Value, dtype: str) -> Value:
    """Out of range is undefined by the primitive; `freeze` keeps it a number (LLVM's poison would spread)."""
    wide = dtype if SIZE[dtype] >= 4 else "int32"  # as C compilers do it: through 32 bits
    raw = _cast(x, "fptoui" if wide == "uint64" or wide == "uint32" else "fptosi", wide)
    if wide == "uint32":
        raw = convert(_cast(x, "fptosi", "int64"), "uint32")
    frozen = x.like(wide, x.f.op(f"freeze {raw.typed}"))
    return convert(frozen, dtype)


def _rounded_to_bfloat16(x: Value) -> Value:
    """The upper half of the bits of a float32, rounded to nearest, halves to even; NaN stays NaN."""
    bits = x.bits()
    odd = (bits >> 16) & 1
    rounded = x.is_nan().where(bits | (1 << 22), bits + odd + 0x7FFF)
    return convert(rounded >> 16, "uint16").as_float("bfloat16")


def _odd(x: Value) -> Value:
    """float64 to float32, an inexact result with its last bit set: rounding it again to float16 is then correct."""
    near = _cast(x, "fptrunc", "float32")
    back = convert(near, "float64")
    bits = near.bits()
    one = bits.lift(1)
    too_far = back.abs().compare("gt", x.abs())
    towards_zero = too_far.where(bits - one, bits)
    inexact = back.compare("lt", x) | back.compare("gt", x)
    return inexact.where(towards_zero | one, bits).as_float("float32")
