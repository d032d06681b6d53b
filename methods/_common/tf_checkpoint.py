"""Reader of TensorFlow checkpoints (the "tensor bundle" form), without TensorFlow.

A bundle is two files. ``NAME.index`` is a sorted string table (the table format of LevelDB): its records map the
name of a variable to a small protocol-buffer message with type, shape and place; the record of the empty name is
the header. ``NAME.data-00000-of-00001`` holds the values, one variable after the other. Everything is
little-endian; checksums are CRC-32C, "masked" as LevelDB does.

References
----------
``tensorflow/core/util/tensor_bundle`` and ``tensor_bundle.proto`` (TensorFlow documentation of the format);
"LevelDB table format", ``doc/table_format.md`` of LevelDB.
"""

import functools
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from files.errors import InputError

_TABLE_MAGIC = 0xDB4775248B80FB57
_FOOTER_LENGTH = 48
#: Block trailer: one byte that names the compression, four bytes of checksum.
_TRAILER_LENGTH = 5

#: Values of ``DataType`` of the protocol that NumPy has too.
_TYPES = {1: "<f4", 2: "<f8", 3: "<i4", 4: "<u1", 5: "<i2", 6: "<i1", 9: "<i8", 10: "?", 17: "<u2", 19: "<f2"}


@dataclass(frozen=True)
class Variable:
    """Where one variable of a bundle lies.

    Parameters
    ----------
    dtype : int
        ``DataType`` of the protocol (1 is float32).
    shape : tuple of int
    shard : int
        Number of the data file.
    offset, size : int
        Bytes in that file.
    checksum : int
        Masked CRC-32C of these bytes.
    """

    dtype: int
    shape: tuple[int, ...]
    shard: int
    offset: int
    size: int
    checksum: int


def read_bundle(index: bytes, data: bytes, names: Iterable[str] | None = None) -> dict[str, np.ndarray]:
    """Variables of a bundle that has one data file.

    Parameters
    ----------
    index, data : bytes
        Content of the ``.index`` and of the ``.data-00000-of-00001`` file.
    names : iterable of str, optional
        Variables wanted; all when omitted.

    Returns
    -------
    dict of str to numpy.ndarray
        In the type and shape they were stored with.

    Raises
    ------
    files.errors.InputError
        Not a bundle, damaged, compressed, in several data files or of a type that NumPy lacks; or a
        wanted variable is missing.
    """
    variables = read_index(index)
    names = list(variables) if names is None else list(names)
    absent = [name for name in names if name not in variables]
    if absent:
        raise InputError(f"the checkpoint has no variable {', '.join(absent)}; it has {', '.join(sorted(variables))}")
    return {name: _values(name, variables[name], data) for name in names}


def read_index(index: bytes) -> dict[str, Variable]:
    """What the index file (bytes) lists: dict of variable name to `Variable`."""
    try:
        return _variables(index)
    except (IndexError, struct.error, UnicodeDecodeError) as error:
        raise InputError(f"the checkpoint's index is damaged ({error})") from None


def _variables(index: bytes) -> dict[str, Variable]:
    if len(index) < _FOOTER_LENGTH or struct.unpack("<Q", index[-8:])[0] != _TABLE_MAGIC:
        raise InputError("not the index of a TensorFlow checkpoint: the magic number at its end is missing")
    footer = index[-_FOOTER_LENGTH:]
    # The footer names two blocks by (offset, size): the meta index, unused here, and the index of data blocks.
    position = 0
    handle = []
    for _ in range(4):
        number, position = _varint(footer, position)
        handle.append(number)
    variables = {}
    for _, place in _records(_block(index, *handle[2:])):
        offset, position = _varint(place, 0)
        size, _ = _varint(place, position)
        for key, message in _records(_block(index, offset, size)):
            if key:
                variables[key.decode()] = _entry(message)
            else:
                _check_header(message)
    return variables


def _block(content: bytes, offset: int, size: int) -> bytes:
    """One block of the table, without its trailer."""
    block = content[offset : offset + size]
    kind, checksum = struct.unpack("<BI", content[offset + size : offset + size + _TRAILER_LENGTH])
    if kind:
        raise InputError("the checkpoint's index is compressed; only uncompressed ones are supported")
    if masked_crc32c(block + b"\0") != checksum:
        raise InputError("the checkpoint's index is damaged: a checksum does not match")
    return block


def _records(block: bytes) -> Iterator[tuple[bytes, bytes]]:
    """(key, value) pairs of a block; keys share prefixes with the one before."""
    restarts = struct.unpack("<I", block[-4:])[0]
    end = len(block) - 4 * (restarts + 1)
    position, key = 0, b""
    while position < end:
        shared, position = _varint(block, position)
        own, position = _varint(block, position)
        length, position = _varint(block, position)
        key = key[:shared] + block[position : position + own]
        position += own
        yield key, block[position : position + length]
        position += length


def _varint(content: bytes, position: int) -> tuple[int, int]:
    """Variable-length integer (7 bits a byte, least significant first) and the position after it."""
    number = shift = 0
    while True:
        byte = content[position]
        number |= (byte & 0x7F) << shift
        position += 1
        if byte < 0x80:
            return number, position
        shift += 7


def _fields(message: bytes) -> Iterator[tuple[int, Any]]:
    """(field number, value) pairs of a protocol-buffer message: int or bytes."""
    position = 0
    while position < len(message):
        tag, position = _varint(message, position)
        number, wire = tag >> 3, tag & 7
        value: int | bytes
        if wire == 0:
            value, position = _varint(message, position)
        elif wire == 2:
            length, position = _varint(message, position)
            value = message[position : position + length]
            position += length
        elif wire in (1, 5):
            width = 8 if wire == 1 else 4
            value = int.from_bytes(message[position : position + width], "little")
            position += width
        else:
            raise InputError(f"the checkpoint's index is damaged: wire type {wire} of a protocol buffer")
        yield number, value


def _check_header(message: bytes) -> None:
    header = dict(_fields(message))
    if header.get(1, 0) != 1:
        raise InputError(f"the checkpoint has {header.get(1, 0)} data files; only one is supported")
    if header.get(2, 0) != 0:
        raise InputError("the checkpoint is big-endian; only little-endian ones are supported")


def _entry(message: bytes) -> Variable:
    """`Variable` from a ``BundleEntryProto``."""
    entry: dict[int, Any] = {1: 0, 2: b"", 3: 0, 4: 0, 5: 0, 6: 0}
    for number, value in _fields(message):
        if number == 7:
            raise InputError("the checkpoint has partitioned variables; they are not supported")
        entry[number] = value
    dimensions = [dict(_fields(value)).get(1, 0) for number, value in _fields(entry[2]) if number == 2]
    return Variable(entry[1], tuple(dimensions), entry[3], entry[4], entry[5], entry[6])


def _values(name: str, variable: Variable, data: bytes) -> np.ndarray:
    if variable.dtype not in _TYPES:
        raise InputError(f"variable {name} of the checkpoint has type {variable.dtype}, which is not supported")
    content = data[variable.offset : variable.offset + variable.size]
    dtype = np.dtype(_TYPES[variable.dtype])
    if len(content) != dtype.itemsize * int(np.prod(variable.shape, dtype=np.int64)):
        raise InputError(f"the checkpoint is damaged: variable {name} is truncated")
    if masked_crc32c(content) != variable.checksum:
        raise InputError(f"the checkpoint is damaged: the checksum of variable {name} does not match")
    return np.frombuffer(content, dtype).reshape(variable.shape).copy()


@functools.lru_cache(maxsize=1)
def _crc_table() -> tuple[int, ...]:
    """Remainders of all bytes for the Castagnoli polynomial (reflected, 0x82F63B78)."""
    table = []
    for byte in range(256):
        for _ in range(8):
            byte = (byte >> 1) ^ (0x82F63B78 if byte & 1 else 0)
        table.append(byte)
    return tuple(table)


def crc32c(content: bytes) -> int:
    """CRC-32C (Castagnoli) of bytes."""
    table = _crc_table()
    remainder = 0xFFFFFFFF
    for byte in content:
        remainder = table[(remainder ^ byte) & 0xFF] ^ (remainder >> 8)
    return remainder ^ 0xFFFFFFFF


def masked_crc32c(content: bytes) -> int:
    """CRC-32C of bytes, rotated and shifted as LevelDB stores it."""
    remainder = crc32c(content)
    return (((remainder >> 15) | (remainder << 17)) + 0xA282EAD8) & 0xFFFFFFFF
