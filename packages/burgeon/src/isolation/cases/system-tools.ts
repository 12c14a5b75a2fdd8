import { type Attack, type Judge, findsNothing } from '../case.ts';

/** Put in front of programs in Python: `found(what)` notes, `attempt(what, work)` notes what works, `kernel(number, ...)` asks the kernel. */
export const tools = `import ctypes
import errno
import os
import platform
import signal
import socket
import sys
import time

loot = []
arm = platform.machine() in ("aarch64", "arm64")
try:
    libc = ctypes.CDLL(None, use_errno=True)
except Exception:
    libc = None


def found(what):
    if len(loot) < 20:
        loot.append(str(what)[:300])


def attempt(what, work):
    try:
        if work() is not False:
            found(what)
    except (Exception, SystemExit):
        pass


def read(path):
    with open(path, "rb") as file:
        return file.read(4000)


def secret_in(path):
    return b"can" + b"ary-" in read(path)


def kernel(numbers, *values):
    if libc is None:
        return 0
    ctypes.set_errno(0)
    answer = libc.syscall(ctypes.c_long(numbers[1] if arm else numbers[0]), *[ctypes.c_long(value) for value in values])
    return ctypes.get_errno() if answer < 0 else -1


def refused(number):
    return number in (errno.EPERM, errno.ENOSYS, errno.EACCES)


def name_me(mark):
    if libc is not None:
        libc.prctl(15, mark.encode())
    if hasattr(signal, "alarm"):
        signal.alarm(20)


`;

/** A program in Python whose `run(input)` has this body and answers what it found. */
export const python = (name: string, body: string, judge: Judge = findsNothing, more: Partial<Attack> = {}): Attack => ({
  name,
  language: 'python',
  source: `${tools}def run(input):\n${body.trim().replaceAll(/^(?=.)/gm, '    ')}\n    return loot\n`,
  judge,
  ...more,
});

/** A program in Node whose `run` has this body; `attempt(what, work)` notes what works. */
export const node = (name: string, body: string, judge: Judge = findsNothing, more: Partial<Attack> = {}): Attack => ({
  name,
  language: 'node',
  source: `const loot = [];\nconst attempt = async (what, work) => { try { if ((await work()) !== false) loot.push(what); } catch {} };\nexport const operations = { run: async (input) => {\n${body}\nreturn loot;\n} };\n`,
  judge,
  ...more,
});
