"""Decodes one untrusted file in a process of its own: `python -m generations.media_process TASK PATH OPTIONS`.

TASK is audio, sound, cut, video or derive, OPTIONS is JSON. One line of JSON comes out: {"facts": {…}}, or
{"refused": "word", "values": {…}} when the file is not what it should be. Any other end is a crash. Limits are set
before the decoder is loaded, the format is chosen by the first bytes and forced, and no protocol but files is allowed.
No Django in here, and of the decoders only the one that the task needs: both would double the start.
"""

import json
import resource
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

TASKS = {  # module and function
    "audio": ("media_probe", "audio"),
    "sound": ("media_sound", "sound"),
    "cut": ("media_sound", "cut"),
    "video": ("media_probe", "video"),
    "derive": ("media_pictures", "derive"),
}


def limit() -> None:
    """Bound memory, processor seconds, written bytes and open files of this process, for good."""
    bounds = {
        resource.RLIMIT_AS: 1536 << 20,
        resource.RLIMIT_CPU: 90,
        resource.RLIMIT_FSIZE: 128 << 20,
        resource.RLIMIT_NOFILE: 64,
        resource.RLIMIT_CORE: 0,
    }
    if sys.platform == "darwin":  # its kernel refuses to bound the address space
        del bounds[resource.RLIMIT_AS]
    for kind, bound in bounds.items():
        hard = resource.getrlimit(kind)[1]
        bound = bound if hard == resource.RLIM_INFINITY else min(bound, hard)
        resource.setrlimit(kind, (bound, bound))


def main(task: str, path: str, options: str) -> None:
    import av  # under the limits, as what uses it

    from generations.media_probe import Refused

    module, verb = TASKS[task]
    try:
        act = getattr(import_module(f"generations.{module}"), verb)
        answer: dict[str, Any] = {"facts": act(Path(path), **json.loads(options))}
    except Refused as refused:
        answer = {"refused": refused.reason, "values": refused.values}
    except MemoryError:  # av's is an FFmpegError too
        raise
    except av.error.FFmpegError as error:
        answer = {"refused": "broken", "values": {}, "detail": str(error)}
    sys.stdout.write(json.dumps(answer) + "\n")


if __name__ == "__main__":
    limit()
    main(*sys.argv[1:])
