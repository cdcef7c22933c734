"""Events as lines of JSON on stdout, whole where several threads have something to say."""

import json
import threading
from typing import Any

_lock = threading.Lock()


def say(event: str, **details: Any) -> None:
    """Prints one event."""
    with _lock:
        print(json.dumps({'event': event, **details}), flush=True)
