"""`tf.audio`: sound in WAV files."""

from __future__ import annotations

import io
import wave
from typing import Any

import numpy as np

from ... import ops
from ...errors import FileError
from ...layers.preprocessing.strings import text_array


def decode_wav(
    contents: Any, desired_channels: int = -1, desired_samples: int = -1, name: Any = None
) -> tuple[Any, Any]:
    """(sound, rate): float32 from -1 to 1 of shape (samples, channels), and the samples a second.

    Args: contents: the bytes of a file with 16 bits a sample; desired_channels, desired_samples: -1: as there are;
        fewer are cut off, missing samples are zero.
    Raises: FileError: the bytes are no such file.
    """
    raw = contents if isinstance(contents, bytes) else text_array(contents).item().encode("utf-8", "surrogateescape")
    try:
        with wave.open(io.BytesIO(raw)) as file:
            if file.getsampwidth() != 2:
                raise FileError(f"decode_wav: expected 16 bits a sample; got {8 * file.getsampwidth()}.")
            data = np.frombuffer(file.readframes(file.getnframes()), "<i2").reshape(-1, file.getnchannels())
            rate = file.getframerate()
    except (wave.Error, EOFError) as error:
        raise FileError(f"decode_wav: the bytes are no WAV file ({error}).") from None
    if desired_channels > 0:
        data = data[:, np.minimum(np.arange(desired_channels), data.shape[1] - 1)]
    if desired_samples >= 0:
        data = np.pad(data[:desired_samples], ((0, max(0, desired_samples - len(data))), (0, 0)))
    return ops.convert_to_tensor(data.astype(np.float32) / 32768), ops.convert_to_tensor(np.int32(rate))


def encode_wav(audio: Any, sample_rate: Any, name: str | None = None) -> Any:
    """A WAV file, 16 bits a sample, of numbers from -1 to 1, shape (samples, channels); a text that holds bytes."""
    sound, kept = np.asarray(audio), io.BytesIO()
    with wave.open(kept, "wb") as file:
        file.setnchannels(sound.shape[1])
        file.setsampwidth(2)
        file.setframerate(int(sample_rate))
        file.writeframes((np.clip(sound, -1, 1) * 32767).astype("<i2").tobytes())
    return text_array(kept.getvalue())


__all__ = ["decode_wav", "encode_wav"]
