import { type Case, type Judge, ends, findsNothing, script, shown, stops } from '../case.ts';
import { node, python } from './system-tools.ts';

/** Names that every environment has and that tell nothing. */
const common = new Set(['PATH', 'LANG', 'LC_ALL', 'HOME', 'TZ', 'PWD', 'TERM', 'SHLVL', '_', 'OPENSSL_CONF']);

const tellsNothing: Judge = (outcome) => {
  if (outcome.kind !== 'answered' || !Array.isArray(outcome.value)) return `it ended otherwise: ${shown(outcome).slice(0, 200)}`;
  const ours = outcome.value.find((entry) => {
    const [name = '', ...rest] = shown(entry).slice(1, -1).split('=');
    return !common.has(name) && rest.length > 0 && process.env[name] === rest.join('=');
  });
  return ours === undefined ? undefined : `it read our environment: ${shown(ours).slice(1, -1).split('=')[0]}`;
};

/** Attacks 61 to 64: what can be read. */
const reading: readonly Case[] = [
  {
    number: 61,
    title: 'the environment of the process that started it',
    group: 'system',
    attacks: [
      python(
        'through /proc',
        `
try:
    others = [name for name in os.listdir("/proc") if name.isdigit()][:200]
except OSError:
    others = []
for pid in ["1", "self", "thread-self", str(os.getppid()), str(input["pid"]), str(input["ownPid"])] + others:
    for file in ("environ", "cmdline"):
        try:
            loot.extend(entry.decode(errors="replace")[:300] for entry in read(f"/proc/{pid}/{file}").split(b"\\0") if entry)
        except OSError:
            pass
loot.extend(f"{name}={value}" for name, value in os.environ.items())`,
        tellsNothing,
      ),
      node(
        'through process.env and /proc',
        `const { readFileSync } = await import('node:fs'); for (const [name, value] of Object.entries(process.env)) loot.push(name + '=' + value); for (const pid of ['1', 'self', process.ppid, input.pid, input.ownPid]) { try { loot.push(...readFileSync('/proc/' + pid + '/environ', 'utf8').split('\\0').filter(Boolean)); } catch {} }`,
        tellsNothing,
      ),
    ],
  },
  {
    number: 62,
    title: 'descriptors that were left open',
    group: 'system',
    attacks: [
      python(
        'all of them',
        `
for number in range(0, 256):
    try:
        mode = os.fstat(number).st_mode
    except OSError:
        continue
    try:
        link = os.readlink(f"/proc/self/fd/{number}")
    except OSError:
        link = ""
    if link.startswith("socket:"):
        try:
            with socket.socket(fileno=os.dup(number)) as one:
                if one.family != socket.AF_UNIX or one.getsockname() or one.getpeername():
                    found(f"{number} is a socket with a name")
        except OSError:
            pass
    elif link.startswith("/") and not link.startswith(("/dev/null", "/dev/pts", "/proc")):
        found(f"{number} is {link}")`,
      ),
    ],
  },
  {
    number: 63,
    title: 'links that lead out of the own folder',
    group: 'system',
    attacks: [
      python(
        'symbolic, hard, and through /proc',
        `
target = input["file"]
attempt("opened it as it is", lambda: secret_in(target))
for place in (os.getcwd(), "/tmp", os.path.dirname(os.path.abspath(__file__))):
    for make in (os.symlink, os.link):
        path = os.path.join(place, f"{make.__name__}-{input['mark']}")
        try:
            make(target, path)
        except OSError:
            continue
        attempt(f"{make.__name__} in {place}", lambda: secret_in(path))
        os.unlink(path)
for root in ("/proc/self/root", "/proc/1/root", f"/proc/{input['ownPid']}/root", f"/proc/{input['pid']}/root", "/proc/self/cwd/../../../../../..", "/.." * 8):
    attempt(root, lambda: secret_in(root + target))
attempt("by handle", lambda: (os.chdir(os.path.dirname(target)), secret_in(os.path.basename(target)))[1])
attempt("a descriptor of a folder", lambda: os.read(os.open("secret.txt", os.O_RDONLY, dir_fd=os.open(input["folder"], os.O_RDONLY)), 10))`,
      ),
      node(
        'symbolic links and descriptors',
        `const fs = await import('node:fs'); await attempt('read', () => fs.readFileSync(input.file)); await attempt('promised', () => fs.promises.readFile(input.file)); await attempt('streamed', async () => { for await (const piece of fs.createReadStream(input.file)) return piece; }); await attempt('linked', () => { fs.symlinkSync(input.file, '/tmp/' + input.mark); return fs.readFileSync('/tmp/' + input.mark); }); await attempt('as bytes', () => fs.readFileSync(Buffer.from(input.file))); await attempt('as an address', () => fs.readFileSync(new URL('file://' + input.file))); await attempt('copied', () => fs.copyFileSync(input.file, '/tmp/copy')); await attempt('imported', () => import(input.file)); await attempt('required', async () => (await import('node:module')).createRequire(import.meta.url)(input.file)); await attempt('spread', () => fs.cpSync(input.folder, '/tmp/all', { recursive: true })); await attempt('sqlite', async () => new (await import('node:sqlite')).DatabaseSync(input.folder + '/made.db'));`,
      ),
    ],
  },
  {
    number: 64,
    title: 'finding out which files exist',
    group: 'system',
    attacks: [
      python(
        'stat, access, realpath',
        `
for path in (input["file"], input["folder"], input["socket"]):
    for name in ("stat", "lstat", "readlink", "listdir", "statvfs"):
        attempt(f"{name} {path}", lambda: getattr(os, name)(path) and None)
    attempt(f"access {path}", lambda: os.access(path, os.F_OK))
    attempt(f"realpath {path}", lambda: os.path.realpath(path, strict=True) and None)
for path in (input["folder"] + "/new", "/usr/new", "/etc/new", "/new"):
    attempt(f"wrote {path}", lambda: open(path, "w").write("x"))`,
      ),
      node(
        'realpath.native and its kin',
        `const fs = await import('node:fs'); for (const path of [input.file, input.folder]) { for (const name of ['statSync', 'lstatSync', 'realpathSync', 'accessSync', 'readdirSync', 'statfsSync', 'opendirSync', 'watch']) await attempt(name, () => fs[name](path)); await attempt('native', () => fs.realpathSync.native(path)); await attempt('exists', () => fs.existsSync(path)); await attempt('promised', () => fs.promises.realpath(path)); } await attempt('chdir', () => process.chdir(input.folder)); await attempt('glob', () => fs.globSync(input.folder + '/*').length > 0);`,
      ),
    ],
  },
];

const mostOf =
  (most: number): Judge =>
  (outcome) =>
    outcome.kind === 'answered' && !(Array.isArray(outcome.value) && outcome.value.every((count) => Number(count) <= most))
      ? `it was given ${shown(outcome.value).slice(0, 100)}, more than ${most}`
      : ends(outcome, undefined as never);

/** Attacks 65 to 67 and 75: taking all there is of something, and staying. */
const taking: readonly Case[] = [
  {
    number: 65,
    title: 'starting processes without end',
    group: 'system',
    attacks: [
      python(
        'fork',
        `
name_me(input["mark"])
count = 0
for _ in range(400):
    try:
        child = os.fork()
    except OSError:
        break
    if child == 0:
        for _ in range(3):
            try:
                os.fork()
            except OSError:
                pass
        time.sleep(20)
        os._exit(0)
    count += 1
loot.append(count)`,
        mostOf(128),
      ),
      python(
        'threads',
        `
import threading
name_me(input["mark"])
threading.stack_size(32768)
count = 0
for _ in range(2000):
    try:
        threading.Thread(target=time.sleep, args=(20,), daemon=True).start()
    except (RuntimeError, MemoryError):
        break
    count += 1
loot.append(count)`,
        mostOf(512),
      ),
      python(
        'programs',
        `\nimport subprocess\nfor command in (["/bin/sh", "-c", "echo x"], [sys.executable, "-c", "print(1)"], ["/usr/bin/env"]):\n    attempt(command[0], lambda: subprocess.run(command, capture_output=True, timeout=1).returncode == 0)`,
        findsNothing,
      ),
      node(
        'children and threads',
        `const { spawn } = await import('node:child_process'); process.title = input.mark; let count = 0; for (let i = 0; i < 200; i++) { try { const child = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 15000)', input.mark], { stdio: 'ignore', detached: true }); child.on('error', () => {}); if (child.pid) count++; } catch {} } const { Worker } = await import('node:worker_threads'); for (let i = 0; i < 40; i++) { try { new Worker('setTimeout(() => {}, 15000)', { eval: true }).on('error', () => {}); } catch {} } loot.push(count);`,
        mostOf(128),
      ),
    ],
  },
  {
    number: 66,
    title: 'opening files without end',
    group: 'system',
    attacks: [
      python(
        'descriptors',
        `
count = 0
held = []
for _ in range(200000):
    try:
        held.append(os.pipe() if count % 2 else os.open("/dev/null", os.O_RDONLY))
    except OSError:
        break
    count += 1
loot.append(count)`,
        mostOf(4096),
      ),
      node(
        'in Node',
        `const fs = await import('node:fs'); let count = 0; try { for (; count < 200000; count++) fs.openSync('/dev/null'); } catch {} loot.push(count);`,
        mostOf(4096),
      ),
    ],
  },
  {
    number: 67,
    title: 'filling the disk',
    group: 'system',
    attacks: [
      python(
        'everywhere it can write',
        `
block = b"x" * (1 << 20)
total = 0
for place in ("/tmp", "/dev/shm", "/var/tmp", "/run", os.getcwd(), os.path.expanduser("~"), os.path.dirname(os.path.abspath(__file__)), input["folder"]):
    for number in range(6):
        path = os.path.join(place, f"fill-{input['mark']}-{number}")
        try:
            with open(path, "wb") as file:
                for _ in range(64):
                    file.write(block)
                    total += 1
        except OSError:
            pass
        if total > 600:
            break
for place in ("/tmp", "/dev/shm", "/var/tmp", "/run", os.getcwd(), input["folder"]):
    for number in range(6):
        try:
            os.unlink(os.path.join(place, f"fill-{input['mark']}-{number}"))
        except OSError:
            pass
loot.append(total)`,
        mostOf(256),
      ),
    ],
  },
  {
    number: 75,
    title: 'staying after its end',
    group: 'system',
    attacks: [
      python(
        'a daemon',
        `
name_me(input["mark"])
try:
    if os.fork() == 0:
        try:
            os.setsid()
        except OSError:
            pass
        try:
            if os.fork() > 0:
                os._exit(0)
        except OSError:
            pass
        for number in range(1, 32):
            try:
                signal.signal(number, signal.SIG_IGN)
            except (OSError, ValueError):
                pass
        while True:
            pass
except OSError:
    pass
while True:
    pass`,
        stops,
        { limits: { wallMs: 400, cpuMs: 300 } },
      ),
      python(
        'signals that it does not hear',
        `\nfor number in range(1, 64):\n    try:\n        signal.signal(number, signal.SIG_IGN)\n    except (OSError, ValueError):\n        pass\nwhile True:\n    try:\n        time.sleep(1)\n    except BaseException:\n        pass`,
        stops,
        { limits: { wallMs: 400, cpuMs: 300 } },
      ),
      node(
        'a detached child',
        `process.title = input.mark; const { spawn } = await import('node:child_process'); try { spawn(process.execPath, ['-e', 'setTimeout(() => {}, 15000)', input.mark], { detached: true, stdio: 'ignore' }).on('error', () => {}).unref(); } catch {} for (const name of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.on(name, () => {}); process.on('exit', () => { for (;;); }); for (;;);`,
        stops,
        { limits: { wallMs: 400, cpuMs: 300 } },
      ),
      script('a runner that has to be killed', 'for (;;) { try { new Array(2 ** 27).fill(0); } catch {} }', stops, {
        limits: { wallMs: 300, cpuMs: 200 },
      }),
    ],
    elsewhere: { wasm: 'A binary has no process to leave behind; its runner is killed as that of isolate is.' },
  },
];

/** Attacks 61 to 67 and 75: reading what is not one's own, taking all there is, and staying. */
export const systemTaking: readonly Case[] = [...reading, ...taking];
