"""What a module in Python has of Burgeon, and the program that carries it. Python 3.8 or newer, the standard library only.

A module declares its operations in one of three ways: a dictionary `operations` of functions that take the input, functions marked with
`@operation` that take the properties of the input by name, or simply functions at the top of the entry file. Beside them it may have `init()`,
`message(topic, body)`, `snapshot()`, `restore(state)`, `migrate(state, version)` and `dispose()`. Each may be `async`.

Power is awaited: `answer = await http.fetch(url, method="POST")`. What is printed goes to the log. `BurgeonFault` is an error with a code.
"""

import os
import sys
from json import dumps, loads
from struct import Struct
from time import process_time_ns

__all__ = ["BurgeonFault", "operation", "http", "socket", "secret", "modules", "clock", "random", "bus", "db", "fs", "model"]


class BurgeonFault(Exception):
    """An error with a code of the table of errors, or of the operation's own; `data` is a dictionary or None."""

    def __init__(self, code, message="", data=None):
        super().__init__(message or code)
        self.code = code
        self.data = data


def operation(function=None, *, name=None):
    """Marks a function as an operation: it takes the properties of the input as arguments by name."""

    def mark(marked):
        _marked[name or marked.__name__] = lambda given: marked(**given)
        return marked

    return mark if function is None else mark(function)


class _Power:
    """Every method sends a question to the host; arguments by name become a dictionary in the last place."""

    def __init__(self, kind):
        self._kind = kind

    def __getattr__(self, method):
        if method.startswith("_"):
            raise AttributeError(method)

        async def ask(*args, **options):
            return await _guest.ask(self._kind, method, [*args, options] if options else list(args))

        return ask


_marked = {}
http = _Power("net.http")
socket = _Power("net.socket")
secret = _Power("secret.use")
modules = _Power("module.call")
clock = _Power("clock")
random = _Power("random")
bus = _Power("bus")
db = _Power("db")
fs = _Power("fs")
model = _Power("model")

_LOAD, _CALL, _MESSAGE, _SNAPSHOT, _RESTORE, _DISPOSE, _DROP, _ANSWER = range(1, 9)
_DONE, _FAILED, _HOST, _LOG, _REST = range(16, 21)
_life = ("init", "message", "snapshot", "restore", "migrate", "dispose")
_head = Struct("<IBIII")
_pieces = 65536


class _Pipe:
    """Frames in and out. The descriptors 0, 1 and 2 are free for whatever the module does with them."""

    def __init__(self):
        self._orders, self._reports = os.dup(0), os.dup(1)
        nothing, end = os.pipe()
        os.close(end)
        os.dup2(nothing, 0)
        os.dup2(2, 1)
        os.close(nothing)
        self._held = bytearray()
        self._out = bytearray()
        self._told = process_time_ns()

    def fileno(self):
        return self._orders

    def read(self):
        """Blocks for more bytes; the frames that are now whole. Ends the process with the other side."""
        piece = os.read(self._orders, _pieces)
        if not piece:
            os._exit(0)
        held = self._held
        held += piece
        frames, at = [], 0
        while len(held) - at >= _head.size:
            length, kind, number, cell, _ = _head.unpack_from(held, at)
            end = at + 4 + length
            if end > len(held):
                break
            frames.append((kind, number, cell, held[at + _head.size : end].decode()))
            at = end
        del held[:at]
        return frames

    def add(self, kind, number, cell, text):
        # Half of a surrogate pair, which JSON can say and UTF-8 cannot, becomes a question mark.
        body = text.encode(errors="replace")
        now = process_time_ns()
        spent, self._told = (now - self._told) // 1000, now
        self._out += _head.pack(_head.size - 4 + len(body), kind, number, cell, min(spent, 0xFFFFFFFF))
        self._out += body
        if kind == _LOG and len(self._out) > _pieces:
            self.flush()

    def flush(self):
        out, at = self._out, 0
        while at < len(out):
            at += os.write(self._reports, memoryview(out)[at : at + _pieces])
        self._out = bytearray()


class _Refused(Exception):
    """A failure that is no exception of the module, or one of its exceptions under another kind."""

    def __init__(self, kind, message, cause=None):
        super().__init__(message)
        self.kind = kind
        self.cause = cause


class _Guest:
    """One module: takes orders in turn, and says of each when it has come to rest."""

    def __init__(self, folder, entry):
        self.pipe = _Pipe()
        self.folder, self.entry = folder, entry
        self.waiting = []
        self.turn = None
        self.cell = 1
        self.plan = {}
        self.module = None
        self.operations = {}
        self.questions = {}
        self.asked = 0
        self.loop = None
        self.tasks = set()

    def run(self):
        """Blocks while there is nothing to do. The event loop comes in with the first function that is `async`."""
        while self.loop is None:
            self.rest()
            if not self.take_next():
                self.pipe.flush()
                self.waiting = self.pipe.read()[::-1]
        self.loop.run_forever()

    def take_next(self):
        """Takes the next order up; False when none is there."""
        if not self.waiting:
            return False
        kind, number, self.cell, text = self.waiting.pop()
        self.turn = (kind, number)
        if kind == _ANSWER:
            future = self.questions.pop(number, None)
            if future is not None and not future.done():
                future.set_result((text[0] == "+", text[1:]))
        elif kind == _DROP:
            self.rest()
            self.pipe.flush()
            os._exit(0)
        else:
            self.start(number, lambda: self.begin(kind, text))
        return True

    def rest(self):
        """Says that the order at hand was handled as far as it goes for now, unless it was answered."""
        if self.turn is not None:
            self.pipe.add(_REST, self.turn[1], self.cell, "")
            self.turn = None

    def settle(self, kind, number, text):
        if self.turn is not None and self.turn[0] != _ANSWER and self.turn[1] == number:
            self.turn = None
        self.pipe.add(kind, number, self.cell, text)

    def start(self, number, function):
        try:
            value = function()
            if not hasattr(value, "__await__"):
                return self.finish(number, value)
        except Exception as error:
            return self.fail(number, error)
        self.need_loop()
        task = self.loop.create_task(self.carry_out(number, value))
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def carry_out(self, number, value):
        try:
            self.finish(number, await value)
        except Exception as error:
            self.fail(number, error)
        except self.cancelled:
            self.fail(number, _Refused("thrown", "The task was cancelled."))

    def need_loop(self):
        if self.loop is None:
            from asyncio import CancelledError, SelectorEventLoop, set_event_loop

            self.cancelled = CancelledError
            self.loop = SelectorEventLoop(_doorway(self))
            set_event_loop(self.loop)

    def finish(self, number, value):
        text = dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        most = self.plan.get("resultLength", 1 << 30)
        if len(text) > most:
            raise _Refused("result", f"The result is longer than {most} characters.")
        self.settle(_DONE, number, text)

    def fail(self, number, error):
        failure = {"kind": error.kind if isinstance(error, _Refused) else "thrown"}
        cause = getattr(error, "cause", None) or error if isinstance(error, _Refused) else error
        try:
            failure["message"] = _words(cause)
            failure["place"] = self.place_of(cause)
            if isinstance(cause, MemoryError):
                failure["kind"] = "memory"
            if isinstance(cause, BurgeonFault):
                failure["data"] = dumps({**(cause.data or {}), "code": cause.code})
        except Exception:
            failure.setdefault("message", "An error that cannot be shown.")
        self.settle(_FAILED, number, dumps(failure))

    def place_of(self, error):
        """`file:line` of the innermost frame in the module; None when there is none."""
        if isinstance(error, SyntaxError):
            return self.place_in(error.filename or "", error.lineno)
        place, trace = None, error.__traceback__
        while trace:
            place = self.place_in(trace.tb_frame.f_code.co_filename, trace.tb_lineno) or place
            trace = trace.tb_next
        return place

    def place_in(self, path, line):
        inside = path.startswith(self.folder + os.sep)
        return f"{path[len(self.folder) + 1:]}:{line}" if inside else None

    def begin(self, kind, text):
        if kind == _LOAD:
            return self.load(loads(text))
        if self.module is None:
            raise _Refused("gone", "The module is not loaded.")
        head, _, body = text.partition("\n")
        if kind == _CALL:
            run = self.operations.get(head)
            if run is None:
                raise _Refused("missing", "The module has no such operation.")
            return run(loads(body))
        if kind == _MESSAGE:
            return self.own("message", head, loads(body))
        if kind == _RESTORE:
            return self.restore(int(head), loads(body))
        return self.own("snapshot") if kind == _SNAPSHOT else _nothing(self.own("dispose"))

    def own(self, name, *args):
        function = getattr(self.module, name, None)
        return function(*args) if callable(function) else None

    def restore(self, version, state):
        keeps = self.plan.get("stateVersion")
        if not version or keeps in (None, version) or not hasattr(self.module, "restore"):
            return _nothing(self.own("restore", state))
        if hasattr(self.module, "migrate"):
            return self.migrate(self.own("migrate", state, version))
        raise _Refused("thrown", f'The state is of version {version}, the module keeps version {keeps} and has no "migrate".')

    def migrate(self, state):
        async def later():
            value = self.own("restore", await state)
            if hasattr(value, "__await__"):
                await value

        return later() if hasattr(state, "__await__") else _nothing(self.own("restore", state))

    def load(self, plan):
        self.plan = plan
        if "seed" in plan:
            import random

            random.seed(plan["seed"])
        _bound_memory(plan.get("memoryBytes", 0))
        sys.stdout = sys.stderr = _log_of(self)
        try:
            self.module = _imported(os.path.join(self.folder, self.entry))
        except MemoryError:
            raise
        except Exception as error:
            raise _Refused("code", "", error) from None
        self.operations = getattr(self.module, "operations", None) or _marked or _functions_of(self.module)
        return _nothing(self.own("init"))

    async def ask(self, kind, method, args):
        from asyncio import get_running_loop

        if get_running_loop() is not self.loop:
            raise RuntimeError("Power is awaited in the operation itself: make it async.")
        text = f"{kind}\n{method}\n{dumps(args, allow_nan=False)}"
        self.asked += 1
        future = self.questions[self.asked] = self.loop.create_future()
        self.pipe.add(_HOST, self.asked, self.cell, text)
        ok, text = await future
        value = loads(text)
        if ok:
            return value
        raise BurgeonFault(value.get("code", "INTERNAL"), value.get("message", ""), value.get("data"))


def _words(error):
    text = str(error)[:4000]
    if isinstance(error, (BurgeonFault, _Refused)):
        return text
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def _nothing(value):
    """Waits for a value when it must be waited for, and gives None."""

    async def wait():
        await value

    return wait() if hasattr(value, "__await__") else None


def _imported(path):
    from importlib.util import module_from_spec, spec_from_file_location

    sys.path.insert(0, os.path.dirname(path))
    name = os.path.basename(path)[:-3]
    spec = spec_from_file_location(name, path)
    module = sys.modules[name] = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _functions_of(module):
    """The functions at the top of the entry, without those that have another part in a module's life."""
    own = {name: each for name, each in vars(module).items() if getattr(each, "__module__", None) == module.__name__}
    return {name: each for name, each in own.items() if callable(each) and not name.startswith("_") and name not in _life}


def _bound_memory(most):
    """Makes what is too much an exception, where the system can: beyond it the kernel ends the process."""
    from _thread import stack_size

    try:
        # All of a stack counts from the start of its thread.
        stack_size(1 << 20)
        from resource import RLIMIT_DATA, getrlimit, setrlimit

        with open("/proc/self/status") as status:
            used = next(int(line.split()[1]) * 1024 for line in status if line.startswith("VmData:"))
        setrlimit(RLIMIT_DATA, (used + most, getrlimit(RLIMIT_DATA)[1]))
    except (ImportError, OSError, StopIteration, ValueError):
        pass


def _log_of(guest):
    """A text stream whose lines go to the log."""
    from io import BufferedWriter, RawIOBase, TextIOWrapper

    class Lines(RawIOBase):
        held = b""

        def writable(self):
            return True

        def write(self, piece):
            *whole, self.held = (self.held + bytes(piece)).split(b"\n")
            if len(self.held) > 2000:
                whole, self.held = [*whole, self.held], b""
            for line in whole:
                guest.pipe.add(_LOG, 0, guest.cell, line[:2000].decode(errors="replace"))
            return len(piece)

    return TextIOWrapper(BufferedWriter(Lines()), encoding="utf-8", errors="replace", line_buffering=True)


def _doorway(guest):
    """What the event loop waits at: it asks here for more whenever nothing is left to do, so orders are taken in turn, without a thread."""
    from selectors import EVENT_READ, DefaultSelector

    class Doorway(DefaultSelector):
        def select(self, timeout=None):
            idle = timeout is None or timeout > 0
            if idle:
                guest.rest()
                if guest.take_next():
                    return []
                guest.pipe.flush()
            ready = super().select(timeout)
            if idle and any(key.fileobj is guest.pipe for key, _ in ready):
                guest.waiting = guest.pipe.read()[::-1]
            return [(key, events) for key, events in ready if key.fileobj is not guest.pipe]

    doorway = Doorway()
    doorway.register(guest.pipe, EVENT_READ)
    return doorway


if __name__ == "__main__":
    sys.modules["burgeon"] = sys.modules["__main__"]
    _guest = _Guest(*sys.argv[1:3])
    _guest.run()
