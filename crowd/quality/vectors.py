"""What the compiled kernels need and numba does not offer by itself: rows added by the vector unit, prefetching.

All take addresses (`array.ctypes.data` plus bytes), which numba passes on without counting references. Nothing checks
them: callers take their indices from `Votes`, which has checked them, and keep the arrays alive. A table's row at
`row_of[i]` begins at table + row_of[i] * stride bytes; `row_of` is the address of int32, `size` the row's float64.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from llvmlite import ir  # type: ignore[import-untyped, unused-ignore]
from numba import core, extending, types

cgutils: Any = core.cgutils
intrinsic: Any = extending.intrinsic
DOUBLE, NUMBER, PLACE = ir.DoubleType(), ir.IntType(32), ir.IntType(64)
ADDRESSES = types.void(*[types.intp] * 6)


def _by_lanes(builder: Any, size: Any, work: Callable[[Any, Any], None]) -> None:
    """Calls work(offset in bytes, vector type) for a row of `size`: four lanes at a time, then two, then one."""
    with cgutils.for_range_slice(builder, PLACE(0), builder.and_(size, PLACE(-4)), PLACE(4), PLACE) as (done, _):
        work(builder.mul(done, PLACE(8)), ir.VectorType(DOUBLE, 4))
    for lanes in (2, 1):
        with builder.if_then(builder.icmp_unsigned("!=", builder.and_(size, PLACE(lanes)), PLACE(0))):
            done = builder.and_(size, PLACE(-2 * lanes))
            work(builder.mul(done, PLACE(8)), ir.VectorType(DOUBLE, lanes))


def _at(builder: Any, address: Any, kind: Any) -> Any:
    return builder.inttoptr(address, kind.as_pointer())


def _row(builder: Any, table: Any, stride: Any, row_of: Any, i: Any) -> Any:
    place = _at(builder, builder.add(row_of, builder.mul(i, PLACE(4))), NUMBER)
    return builder.add(table, builder.mul(builder.sext(builder.load(place), PLACE), stride))


@intrinsic  # type: ignore[untyped-decorator, unused-ignore]
def sum_rows(typing: Any, target: Any, table: Any, stride: Any, row_of: Any, rows: Any, size: Any) -> Any:
    """target[:size] += every row of the table in row_of[:rows], in this order."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        target, table, stride, row_of, rows, size = arguments

        def work(offset: Any, vector: Any) -> None:
            place = _at(builder, builder.add(target, offset), vector)
            total = cgutils.alloca_once_value(builder, builder.load(place, align=8))
            with cgutils.for_range(builder, rows, intp=PLACE) as loop:
                row = builder.add(_row(builder, table, stride, row_of, loop.index), offset)
                term = builder.load(_at(builder, row, vector), align=8)
                builder.store(builder.fadd(builder.load(total), term), total)
            builder.store(builder.load(total), place, align=8)

        _by_lanes(builder, size, work)
        return context.get_dummy_value()

    return ADDRESSES, generate


@intrinsic  # type: ignore[untyped-decorator, unused-ignore]
def add_to_rows(typing: Any, source: Any, table: Any, stride: Any, row_of: Any, rows: Any, size: Any) -> Any:
    """source[:size] added to every row of the table in row_of[:rows]."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        source, table, stride, row_of, rows, size = arguments

        def work(offset: Any, vector: Any) -> None:
            what = builder.load(_at(builder, builder.add(source, offset), vector), align=8)
            with cgutils.for_range(builder, rows, intp=PLACE) as loop:
                row = builder.add(_row(builder, table, stride, row_of, loop.index), offset)
                place = _at(builder, row, vector)
                builder.store(builder.fadd(builder.load(place, align=8), what), place, align=8)

        _by_lanes(builder, size, work)
        return context.get_dummy_value()

    return ADDRESSES, generate


@intrinsic  # type: ignore[untyped-decorator, unused-ignore]
def prefetch(typing: Any, address: Any) -> Any:
    """Ask for the cache line at an address that will be read and written soon."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        byte = ir.IntType(8).as_pointer()
        kind = ir.FunctionType(ir.VoidType(), [byte, NUMBER, NUMBER, NUMBER])
        wanted = cgutils.get_or_insert_function(builder.module, kind, "llvm.prefetch.p0")
        builder.call(wanted, [builder.inttoptr(arguments[0], byte), NUMBER(0), NUMBER(3), NUMBER(1)])
        return context.get_dummy_value()

    return types.void(types.intp), generate
