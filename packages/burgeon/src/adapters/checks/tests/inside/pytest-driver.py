"""Runs pytest behind walls: FOLDER and tests as arguments, the JUnit report on standard output, everything else on standard error."""
import os
import sys
import types

report = os.dup(1)
os.dup2(2, 1)
folder, *tests = sys.argv[1:]
os.chdir(folder)
sys.path.insert(0, folder)
try:
    import pytest
except ImportError:
    sys.exit(97)


class BurgeonFault(Exception):
    def __init__(self, code, message="", data=None):
        super().__init__(message)
        self.code = code
        self.data = data


class Power:
    def __init__(self, kind):
        self.kind = kind

    def __getattr__(self, method):
        async def denied(*_args, **_named):
            raise BurgeonFault("CAPABILITY_DENIED", f"A test gives no {self.kind}.{method}.")

        return denied


def operation(function):
    return function


burgeon = types.ModuleType("burgeon")
burgeon.operation = operation
burgeon.BurgeonFault = BurgeonFault
for power in ("http", "secret", "modules", "clock", "random", "bus", "db", "fs", "model", "socket"):
    setattr(burgeon, power, Power(power))
sys.modules["burgeon"] = burgeon

target = os.path.join(os.environ["TMPDIR"], "report.xml")
code = pytest.main(["-p", "no:cacheprovider", "-q", "--rootdir", folder, "--junitxml", target, *tests])
with open(target, "rb") as found, os.fdopen(report, "wb") as stream:
    stream.write(found.read())
sys.exit(int(code))
