"""Whisper's weights as the openai-whisper package wants them, from the packaged ones in CTranslate2's format.

A machine without the hub has no .pt file; the numbers are the same. The format: CTranslate2, python/ctranslate2/specs/model_spec.py.
"""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

Arrays = dict[str, NDArray[Any]]
DTYPES = {0: np.float32, 1: np.int8, 2: np.int16, 3: np.int32, 4: np.float16}
BASE = {
    "n_mels": 80, "n_vocab": 51865, "n_audio_ctx": 1500, "n_audio_state": 512, "n_audio_head": 8, "n_audio_layer": 6,
    "n_text_ctx": 448, "n_text_state": 512, "n_text_head": 8, "n_text_layer": 6,
}  # fmt: skip


def write(model: Path, target: Path) -> None:
    """Write the weights of `model` (a model.bin of Whisper base) as a checkpoint of openai-whisper."""
    import torch  # type: ignore[import-not-found]

    with model.open("rb") as file:
        arrays = renamed(variables(file))
    torch.save({"dims": BASE, "model_state_dict": {name: torch.from_numpy(a.copy()) for name, a in arrays.items()}}, target)


def variables(file: BinaryIO) -> Arrays:
    """The arrays of a model.bin, by name."""
    _version, name = _number(file, "I"), _string(file)
    assert name == "WhisperSpec", name
    _revision = _number(file, "I")
    found: Arrays = {}
    for _ in range(_number(file, "I")):
        name, rank = _string(file), _number(file, "B")
        shape = [_number(file, "I") for _ in range(rank)]
        dtype, size = DTYPES[_number(file, "B")], _number(file, "I")
        found[name] = np.frombuffer(file.read(size), dtype).reshape(shape)
    return found


def _number(file: BinaryIO, kind: str) -> int:
    return int(struct.unpack(kind, file.read(struct.calcsize(kind)))[0])


def _string(file: BinaryIO) -> str:
    return file.read(_number(file, "H"))[:-1].decode()


def renamed(theirs: Arrays) -> Arrays:
    """CTranslate2 joins the matrices of query, key and value; keys have no bias in Whisper."""
    ours: Arrays = {
        "encoder.positional_embedding": theirs["encoder/position_encodings/encodings"],
        "decoder.positional_embedding": theirs["decoder/position_encodings/encodings"],
        "decoder.token_embedding.weight": theirs["decoder/embeddings/weight"],
    }
    for number in (1, 2):
        _linear(ours, f"encoder.conv{number}", theirs, f"encoder/conv{number}")
    _norm(ours, "encoder.ln_post", theirs, "encoder/layer_norm")
    _norm(ours, "decoder.ln", theirs, "decoder/layer_norm")
    for side in ("encoder", "decoder"):
        for number in range(BASE[f"n_{'audio' if side == 'encoder' else 'text'}_layer"]):
            _block(ours, f"{side}.blocks.{number}", theirs, f"{side}/layer_{number}")
    return ours


def _block(ours: Arrays, block: str, theirs: Arrays, layer: str) -> None:
    _attention(ours, f"{block}.attn", theirs, f"{layer}/self_attention", [("query", "key", "value"), ("out",)])
    _norm(ours, f"{block}.attn_ln", theirs, f"{layer}/self_attention/layer_norm")
    if f"{layer}/attention/linear_0/weight" in theirs:
        _attention(ours, f"{block}.cross_attn", theirs, f"{layer}/attention", [("query",), ("key", "value"), ("out",)])
        _norm(ours, f"{block}.cross_attn_ln", theirs, f"{layer}/attention/layer_norm")
    _linear(ours, f"{block}.mlp.0", theirs, f"{layer}/ffn/linear_0")
    _linear(ours, f"{block}.mlp.2", theirs, f"{layer}/ffn/linear_1")
    _norm(ours, f"{block}.mlp_ln", theirs, f"{layer}/ffn/layer_norm")


def _attention(ours: Arrays, name: str, theirs: Arrays, of: str, joined: list[tuple[str, ...]]) -> None:
    for number, parts in enumerate(joined):
        weights = np.split(theirs[f"{of}/linear_{number}/weight"], len(parts))
        biases = np.split(theirs[f"{of}/linear_{number}/bias"], len(parts))
        for part, weight, bias in zip(parts, weights, biases, strict=True):
            ours[f"{name}.{part}.weight"] = weight
            if part != "key":
                ours[f"{name}.{part}.bias"] = bias


def _linear(ours: Arrays, name: str, theirs: Arrays, of: str) -> None:
    ours[f"{name}.weight"], ours[f"{name}.bias"] = theirs[f"{of}/weight"], theirs[f"{of}/bias"]


def _norm(ours: Arrays, name: str, theirs: Arrays, of: str) -> None:
    ours[f"{name}.weight"], ours[f"{name}.bias"] = theirs[f"{of}/gamma"], theirs[f"{of}/beta"]
