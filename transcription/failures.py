"""Why a recording could not be transcribed, or should be looked at: a code on the row, a sentence in both languages."""

from __future__ import annotations

from typing import Final

from records.errors import ErrorKind


class CannotTranscribe(Exception):
    """The recording ends in a named state; `kind` is one of FAILURES. The original stays."""

    def __init__(self, kind: ErrorKind) -> None:
        super().__init__(kind.code)
        self.kind = kind


def _failure(code: str, zh: str, en: str, *, retry: bool = False) -> ErrorKind:
    return ErrorKind(code, 422, zh, en, retry)


EMPTY: Final = _failure("audio.empty", "文件是空的，没有内容。", "The file is empty.")
UNSUPPORTED: Final = _failure(
    "audio.unsupported",
    "无法识别这个文件的格式。请上传 wav、mp3、m4a、ogg、webm 或 flac 录音。",
    "This file's format is not recognised. Please upload a wav, mp3, m4a, ogg, webm or flac recording.",
)
NO_AUDIO: Final = _failure("audio.no_audio", "文件里没有声音内容。", "The file holds no audio.")
UNREADABLE: Final = _failure(
    "audio.unreadable", "文件已损坏，无法读取其中的声音。", "The file is damaged: its audio cannot be read."
)
TOO_LONG: Final = _failure(
    "audio.too_long", "录音超过 2 小时，请截取后再上传。", "The recording is longer than two hours. Please shorten it first."
)
NOTE_TOO_LONG: Final = _failure(
    "audio.note_too_long",
    "语音超过 3 分钟，没有转写；可以直接听。",
    "The voice note is longer than three minutes and was not transcribed. It can be played.",
)
SILENT: Final = _failure("audio.silent", "录音里没有听到说话声。", "No speech was heard in the recording.")
CUT_OFF: Final = _failure(
    "audio.cut_off",
    "文件在有人说话之前就中断了，可能没有完整上传或保存。",
    "The file ends before anything is said: it was probably not saved or copied completely.",
)
DAMAGED: Final = _failure(
    "recording.damaged", "录音没有通过完整性校验，未转写。", "The recording failed its integrity check and was not transcribed."
)
NO_MODEL: Final = _failure(
    "no_model",
    "服务器还没有安装语音模型，无法转写；录音已安全保存。请管理员安装 speech-weights 组件或设置 XINQIAO_SPEECH_MODEL，然后重试。",
    "The server has no speech model, so nothing was transcribed; the recording is safe. An administrator can install the"
    " speech-weights extra or set XINQIAO_SPEECH_MODEL; then try again.",
    retry=True,
)
CRASHED: Final = _failure(
    "transcription.crashed",
    "转写多次意外中断，已停止。录音已安全保存，可以重试。",
    "Transcription stopped unexpectedly several times and was given up. The recording is safe; it can be tried again.",
    retry=True,
)
OUT_OF_TIME: Final = _failure(
    "transcription.out_of_time",
    "转写用时过长，已停止。录音已安全保存，可以重试。",
    "Transcription took too long and was stopped. The recording is safe; it can be tried again.",
    retry=True,
)

CANCELLED: Final = _failure(
    "transcription.cancelled",
    "转写已取消。录音已安全保存，需要时可以重新转写。",
    "The transcription was cancelled. The recording is safe and can be transcribed when it is wanted.",
    retry=True,
)

TRUNCATED: Final = _failure(
    "audio.truncated",
    "录音不完整：文件中断或有缺损，只转写了能读出的部分。",
    "The recording is incomplete: the file ends early or has a hole; only the readable part was transcribed.",
)
TRACK_LOST: Final = _failure(
    "audio.track_lost",
    "其中一方的录音无法读取，只转写了其余各方。",
    "The track of one person cannot be read; only the others were transcribed.",
)
GAPS: Final = _failure(
    "speech.gaps",
    "有些听得到的说话没有转写出来，请回听标出的位置。",
    "Some audible speech was not transcribed. Please listen to the marked places.",
)
REPEATED: Final = _failure(
    "speech.repeated",
    "去掉了机器重复产生的文字，请回听核对。",
    "Text that the machine repeated was removed. Please listen and check.",
)
PHANTOM: Final = _failure("speech.phantom", "去掉了录音中并不存在的字幕语。", "Subtitle phrases that nobody said were removed.")
CROWDED: Final = _failure(
    "speech.medicines",
    "有的句子几乎全是药名，可能没有人说过，请回听核对。",
    "Some lines are little else than names of medicines, which perhaps nobody said. Please listen and check.",
)
NOT_WHOLE: Final = _failure(
    "track.incomplete",
    "有一方的录音不完整，缺少一部分。",
    "One side's recording is incomplete: part of it is missing.",
)
LOST: Final = _failure(
    "track.packets_lost",
    "网络不好，这一方的声音有一部分没有传到服务器。",
    "The network was poor: part of what this side said did not reach the server.",
)
NOT_DECODED: Final = _failure(
    "track.not_heard", "有一方的录音无法播放；原始数据已保存。", "One side's recording cannot be played; its data is kept."
)
NOT_VERIFIED: Final = _failure(
    "track.damaged",
    "录音有一段没有通过完整性校验，没有保留；其余部分能保留的都保留了。",
    "A part of the recording failed its integrity check and was not kept; what could be kept of the rest was.",
)
CUT_SHORT: Final = _failure(
    "track.interrupted",
    "有一方的页面在录音时意外关闭，那一刻的一两秒可能没有录到。",
    "One side's page closed unexpectedly while recording; a second or two of it may be missing.",
)
ONE_SIDED: Final = _failure("talk.side_missing", "通话中有一方没有录到声音。", "One side of the call was not recorded.")

FAILURES: Final = {
    kind.code: kind
    for kind in (
        EMPTY,
        UNSUPPORTED,
        NO_AUDIO,
        UNREADABLE,
        TOO_LONG,
        NOTE_TOO_LONG,
        SILENT,
        CUT_OFF,
        DAMAGED,
        NO_MODEL,
        CRASHED,
        OUT_OF_TIME,
        CANCELLED,
    )
}
WARNINGS: Final = {
    kind.code: kind
    for kind in (TRUNCATED, TRACK_LOST, GAPS, REPEATED, PHANTOM, CROWDED, NOT_WHOLE, LOST, NOT_DECODED, NOT_VERIFIED, CUT_SHORT)
}
