import { type Case, either, findsNothing, stops } from '../case.ts';
import { node, python, tools } from './system-tools.ts';

/** Calls to the kernel that no module needs, by number on x86-64 and ARM64, with arguments that do no harm. */
const calls = [
  ['io_uring_setup', 425, 425, '0, 0'],
  ['bpf', 321, 280, '0, 0, 0'],
  ['userfaultfd', 323, 282, '0'],
  ['perf_event_open', 298, 241, '0, 0, -1, -1, 0'],
  ['keyctl', 250, 219, '0, 0, 0'],
  ['ptrace', 101, 117, '0, 0, 0, 0'],
  ['process_vm_readv', 310, 270, '0, 0, 0, 0, 0, 0'],
  ['pidfd_open', 434, 434, '0, 0'],
  ['mount', 165, 40, '0, 0, 0, 0, 0'],
  ['unshare of users', 272, 97, '0x10000000'],
  ['setns', 308, 268, '-1, 0'],
  ['kexec_load', 246, 104, '0, 0, 0, 0'],
  ['init_module', 175, 105, '0, 0, 0'],
  ['open_by_handle_at', 304, 265, '-1, 0, 0'],
  ['add_key', 248, 217, '0, 0, 0, 0, 0'],
  ['fanotify_init', 300, 262, '-1, 0'],
  ['io_uring_enter', 426, 426, '-1, 0, 0, 0, 0'],
  ['landlock_create_ruleset again', 447, 447, '0, 0, 0'],
] as const;

/** Attacks 68 to 73 and 76: on the kernel, on other processes, and through what several processes share. */
export const systemCrossing: readonly Case[] = [
  {
    number: 68,
    title: 'calls to the kernel that go around a filter',
    group: 'system',
    attacks: [
      python(
        'io_uring and others',
        `\nfor name, numbers, values in [${calls
          .slice(0, -1)
          .map(([name, x64, arm, values]) => `("${name}", (${x64}, ${arm}), (${values},))`)
          .join(
            ', ',
          )}]:\n    answer = kernel(numbers, *values)\n    if libc is not None and not refused(answer):\n        found(f"{name} reached the kernel: {errno.errorcode.get(answer, 'it worked')}")`,
        either(findsNothing, stops),
      ),
      python(
        'numbers of another kind of program',
        `\nfor name, number in (("io_uring_setup", 425), ("ptrace", 101), ("mount", 165), ("socket", 41)):\n    if arm:\n        break\n    answer = kernel((number | 0x40000000, 0), 0, 0, 0, 0)\n    if libc is not None and not refused(answer):\n        found(f"x32 {name}: {errno.errorcode.get(answer, 'it worked')}")`,
        either(findsNothing, stops),
      ),
      python(
        'a memory that may be run',
        `\nimport mmap\ncode = b"\\xb8\\x39\\x00\\x00\\x00\\xcd\\x80\\xc3"\nif not arm and libc is not None:\n    memory = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)\n    memory.write(code)\n    address = ctypes.addressof(ctypes.c_char.from_buffer(memory))\n    answer = ctypes.CFUNCTYPE(ctypes.c_long)(address)()\n    if not refused(-answer) and answer != -errno.EINVAL:\n        found(f"a call of 32 bits answered {answer}")`,
        either(findsNothing, stops),
      ),
    ],
  },
  {
    number: 69,
    title: 'threads that began before the walls',
    group: 'system',
    attacks: [
      python(
        'a thread',
        `\nimport threading\n\ndef look():\n    attempt("a thread read it", lambda: secret_in(input["file"]))\n    attempt("a thread connected", lambda: socket.create_connection(tuple(input["closed"].split(":")), 0.2) and None)\nfor _ in range(4):\n    thread = threading.Thread(target=look)\n    thread.start()\n    thread.join()`,
      ),
      node(
        'threads of the pool, and workers',
        `const fs = await import('node:fs'); await Promise.all(Array.from({ length: 8 }, () => attempt('a thread of the pool read it', () => fs.promises.readFile(input.file)))); await attempt('a thread of the pool resolved', async () => { const { address } = await (await import('node:dns')).promises.lookup('localhost'); return address !== undefined && false; }); await attempt('a worker read it', async () => { const { Worker } = await import('node:worker_threads'); return new Promise((done, no) => { const worker = new Worker('require("node:worker_threads").parentPort.postMessage(String(require("node:fs").readFileSync(' + JSON.stringify(input.file) + ')))', { eval: true }); worker.on('message', (text) => done(text.length > 0)); worker.on('error', no); worker.on('exit', () => done(false)); }); });`,
      ),
    ],
  },
  {
    number: 70,
    title: 'signals to, and looks into, other processes',
    group: 'system',
    attacks: [
      python(
        'kill, ptrace, memory',
        `
for pid in (input["pid"], input["ownPid"]):
    if pid < 100:
        continue
    for number in (0, signal.SIGCONT, signal.SIGUSR2) if pid == input["pid"] else (0,):
        attempt(f"signal {int(number)} to {pid}", lambda: os.kill(pid, number))
    attempt(f"group of {pid}", lambda: os.killpg(os.getpgid(pid), 0))
    attempt(f"limits of {pid}", lambda: __import__("resource").prlimit(pid, 7) and None)
    attempt(f"scheduling of {pid}", lambda: os.sched_setaffinity(pid, {0}))
    attempt(f"memory of {pid}", lambda: read(f"/proc/{pid}/mem"))
    attempt(f"status of {pid}", lambda: read(f"/proc/{pid}/status") and None)
    if libc is not None and libc.ptrace(16, pid, 0, 0) == 0:
        found(f"attached to {pid}")
        libc.ptrace(17, pid, 0, 0)
    attempt(f"descriptor of {pid}", lambda: os.pidfd_open(pid) and None)`,
        either(findsNothing, stops),
      ),
      node(
        'process.kill and the debugger',
        `for (const pid of [input.pid, input.ownPid]) { if (pid < 100) continue; await attempt('signal', () => process.kill(pid, 0)); await attempt('debug', () => process._debugProcess(pid)); await attempt('priority', async () => (await import('node:os')).setPriority(pid, 19)); }`,
      ),
    ],
  },
  {
    number: 71,
    title: 'sockets: abstract, in folders, and over the network',
    group: 'system',
    attacks: [
      python(
        'all of them',
        `
def connect(family, address, kind=socket.SOCK_STREAM):
    with socket.socket(family, kind) as one:
        one.settimeout(0.3)
        one.connect(address)
        if kind == socket.SOCK_DGRAM:
            one.send(b"x")

host, port = input["closed"].split(":")
attempt("an abstract socket", lambda: connect(socket.AF_UNIX, "\\0" + input["abstract"]))
attempt("a socket in a folder", lambda: connect(socket.AF_UNIX, input["socket"]))
attempt("the loopback", lambda: connect(socket.AF_INET, (host, int(port))))
attempt("the loopback of the next generation", lambda: connect(socket.AF_INET6, ("::ffff:127.0.0.1", int(port))))
attempt("the open server", lambda: connect(socket.AF_INET, ("127.0.0.1", int(input["open"].split(":")[1]))))
attempt("a name service", lambda: connect(socket.AF_INET, ("192.0.2.1", 53), socket.SOCK_DGRAM))
attempt("listening", lambda: socket.create_server(("0.0.0.0", 0)) and None)
for family in ("AF_NETLINK", "AF_PACKET", "AF_VSOCK", "AF_ALG", "AF_BLUETOOTH", "AF_CAN"):
    if hasattr(socket, family):
        attempt(family, lambda: socket.socket(getattr(socket, family), socket.SOCK_SEQPACKET if family == "AF_ALG" else socket.SOCK_RAW) and None)`,
        either(findsNothing, stops),
      ),
      node(
        'in Node',
        `const net = await import('node:net'); const connect = (to) => new Promise((done, no) => { const socket = net.connect(to); socket.setTimeout(300, () => no(new Error('late'))); socket.on('connect', () => { socket.destroy(); done(); }); socket.on('error', no); }); const [host, port] = input.closed.split(':'); await attempt('abstract', () => connect({ path: '\\0' + input.abstract })); await attempt('path', () => connect({ path: input.socket })); await attempt('tcp', () => connect({ host, port: Number(port) })); await attempt('fetch', () => fetch('http://' + input.open + '/')); await attempt('udp', async () => { const socket = (await import('node:dgram')).createSocket('udp4'); return new Promise((done, no) => { socket.on('error', no); socket.send('x', 53, '192.0.2.1', (error) => { socket.close(); error ? no(error) : done(); }); }); });`,
      ),
    ],
  },
  {
    number: 72,
    title: 'typing into the terminal',
    group: 'system',
    attacks: [
      python(
        'TIOCSTI',
        `
import fcntl
for number in range(0, 5):
    for call in (0x5412, 0x541C):
        attempt(f"ioctl {hex(call)} on {number}", lambda: fcntl.ioctl(number, call, b"x"))
for path in ("/dev/tty", "/dev/console", "/dev/tty0", "/dev/tty1", "/dev/pts/0", "/dev/ptmx" if os.path.exists("/dev/pts/0") else "/dev/tty2"):
    attempt(path, lambda: fcntl.ioctl(os.open(path, os.O_RDWR | os.O_NOCTTY), 0x5412, b"x"))`,
        either(findsNothing, stops),
      ),
    ],
  },
  {
    number: 73,
    title: 'words left for another module in what all share',
    group: 'system',
    attacks: [
      python(
        'files, shared memory, queues, locks',
        `
for place in ("/dev/shm", "/tmp", "/var/tmp", "/run", "/run/lock", os.getcwd(), os.path.expanduser("~"), "/dev/mqueue"):
    try:
        with open(os.path.join(place, "burgeon-left"), "w") as file:
            file.write("word")
    except OSError:
        pass
if libc is not None:
    number = libc.shmget(0x6275, 64, 0o1666)
    libc.msgget(0x6275, 0o1666)
    libc.semget(0x6275, 1, 0o1666)
    try:
        libc.sem_open(b"/burgeon-left", 64, 0o666, 1)
    except Exception:
        pass`,
        findsNothing,
        {
          accomplice: `${tools}def run(input):
    for place in ("/dev/shm", "/tmp", "/var/tmp", "/run", "/run/lock", os.getcwd(), os.path.expanduser("~"), "/dev/mqueue"):
        attempt(place, lambda: read(os.path.join(place, "burgeon-left")) and None)
    if libc is not None:
        for name in ("shmget", "msgget", "semget"):
            if getattr(libc, name)(0x6275, *([64, 0] if name == "shmget" else [1, 0] if name == "semget" else [0])) >= 0:
                found(name)
    attempt("sem", lambda: read("/dev/shm/sem.burgeon-left") and None)
    return loot
`,
        },
      ),
    ],
  },
  {
    number: 76,
    title: 'new namespaces, mounts and privileges inside',
    group: 'system',
    attacks: [
      python(
        'unshare, mount, chroot, setuid',
        `
if libc is not None:
    for name, flags in (("users", 0x10000000), ("mounts", 0x20000), ("users and mounts", 0x10020000), ("network", 0x40000000), ("processes", 0x20000000)):
        if libc.unshare(flags) == 0:
            found(f"unshare of {name}")
    for flags in (32 | 4096, 32, 4096, 1 << 18):
        if libc.mount(b"none", b"/", None, ctypes.c_ulong(flags), None) == 0:
            found(f"mount with {flags}")
    if libc.mount(b"tmpfs", b"/tmp", b"tmpfs", ctypes.c_ulong(0), None) == 0:
        found("a new tmpfs")
    if libc.umount2(b"/proc", 2) == 0:
        found("umount")
for work in ("chroot", "setuid", "setgid", "setgroups", "mknod", "nice"):
    arguments = {"chroot": ("/",), "setuid": (0,), "setgid": (0,), "setgroups": ([0],), "mknod": ("/tmp/null-" + input["mark"], 0o20666, os.makedev(1, 3)), "nice": (-5,)}[work]
    attempt(work, lambda: getattr(os, work)(*arguments))
for path in ("/proc/sys/kernel/core_pattern", "/proc/sysrq-trigger", "/proc/self/uid_map", "/proc/self/oom_score_adj", "/sys/fs/cgroup/cgroup.procs", "/usr/written", "/dev/mem", "/dev/kmsg"):
    attempt(f"wrote {path}", lambda: os.write(os.open(path, os.O_WRONLY), b"-999" if "oom" in path else b"x"))`,
        either(findsNothing, stops),
      ),
      python(
        'rights that are left',
        `
try:
    status = dict(line.split(":\\t", 1) for line in open("/proc/self/status").read().splitlines() if ":\\t" in line)
    for name in ("CapEff", "CapPrm", "CapInh", "CapBnd", "CapAmb"):
        if int(status.get(name, "0"), 16) != 0:
            found(f"{name} = {status[name]}")
    if status.get("NoNewPrivs", "1").strip() != "1":
        found("new privileges may be had")
    if status.get("Uid", "1").split()[0] == "0":
        found("it is root")
except OSError:
    pass`,
      ),
    ],
  },
];
