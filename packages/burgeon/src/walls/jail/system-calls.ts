/** A system call by number: of x86-64, and of ARM64; -1 where there is none. */
export type CallNumbers = readonly [x64: number, arm64: number];

/** System calls by name. */
export type CallTable<Name extends string = string> = Readonly<Record<Name, CallNumbers>>;

/** Starting processes: what is left is to replace oneself and to start threads. `clone` itself is judged by its flags. */
export const startingCalls: CallTable = {
  fork: [57, -1],
  vfork: [58, -1],
  execveat: [322, 281],
};

/** Looking into, or acting upon, other processes. */
export const intrudingCalls: CallTable = {
  ptrace: [101, 117],
  process_vm_readv: [310, 270],
  process_vm_writev: [311, 271],
  kcmp: [312, 272],
  perf_event_open: [298, 241],
  move_pages: [279, 239],
  migrate_pages: [256, 238],
  setpriority: [141, 140],
  ioprio_set: [251, 30],
  sched_setparam: [142, 118],
  sched_setscheduler: [144, 119],
  sched_setattr: [314, 274],
  pidfd_send_signal: [424, 424],
  pidfd_open: [434, 434],
  pidfd_getfd: [438, 438],
  process_madvise: [440, 440],
  process_mrelease: [448, 448],
  setsid: [112, 157],
  setpgid: [109, 154],
};

/** Changing what the file system looks like, and reaching files past their names. */
export const mountingCalls: CallTable = {
  mount: [165, 40],
  umount2: [166, 39],
  pivot_root: [155, 41],
  chroot: [161, 51],
  open_tree: [428, 428],
  move_mount: [429, 429],
  fsopen: [430, 430],
  fsconfig: [431, 431],
  fsmount: [432, 432],
  fspick: [433, 433],
  mount_setattr: [442, 442],
  statmount: [457, 457],
  listmount: [458, 458],
  unshare: [272, 97],
  setns: [308, 268],
  swapon: [167, 224],
  swapoff: [168, 225],
  quotactl: [179, 60],
  quotactl_fd: [443, 443],
  fanotify_init: [300, 262],
  fanotify_mark: [301, 263],
  name_to_handle_at: [303, 264],
  open_by_handle_at: [304, 265],
};

/** Parts of the kernel that an ordinary program does without and that many attacks begin with. */
export const kernelCalls: CallTable = {
  bpf: [321, 280],
  userfaultfd: [323, 282],
  memfd_create: [319, 279],
  memfd_secret: [447, 447],
  io_uring_setup: [425, 425],
  io_uring_enter: [426, 426],
  io_uring_register: [427, 427],
  io_setup: [206, 0],
  add_key: [248, 217],
  request_key: [249, 218],
  keyctl: [250, 219],
  kexec_load: [246, 104],
  kexec_file_load: [320, 294],
  init_module: [175, 105],
  finit_module: [313, 273],
  delete_module: [176, 106],
  reboot: [169, 142],
  syslog: [103, 116],
  iopl: [172, -1],
  ioperm: [173, -1],
  modify_ldt: [154, -1],
  uselib: [134, -1],
  personality: [135, 92],
  acct: [163, 89],
  vhangup: [153, 58],
  lookup_dcookie: [212, 18],
  settimeofday: [164, 170],
  clock_settime: [227, 112],
  clock_adjtime: [305, 266],
  adjtimex: [159, 171],
  sethostname: [170, 161],
  setdomainname: [171, 162],
  shmget: [29, 194],
  shmat: [30, 196],
  semget: [64, 190],
  msgget: [68, 186],
  mq_open: [240, 180],
  mq_unlink: [241, 181],
};

/** Making and addressing sockets; those that are open already go on working. `socketpair` is judged by its kind. */
export const networkCalls: CallTable = {
  socket: [41, 198],
  connect: [42, 203],
  bind: [49, 200],
  listen: [50, 201],
  accept: [43, 202],
  accept4: [288, 242],
};

/** Changing or watching files without opening them: Landlock does not judge these, a read-only mount does. */
export const metadataCalls: CallTable = {
  chmod: [90, -1],
  fchmod: [91, 52],
  fchmodat: [268, 53],
  fchmodat2: [452, 452],
  chown: [92, -1],
  fchown: [93, 55],
  lchown: [94, -1],
  fchownat: [260, 54],
  utime: [132, -1],
  utimes: [235, -1],
  futimesat: [261, -1],
  utimensat: [280, 88],
  setxattr: [188, 5],
  lsetxattr: [189, 6],
  fsetxattr: [190, 7],
  removexattr: [197, 14],
  lremovexattr: [198, 15],
  fremovexattr: [199, 16],
  truncate: [76, 45],
  inotify_add_watch: [254, 27],
};

/** Calls that a filter allows or refuses by their arguments, or answers as unknown. */
export const judgedCalls: CallTable<
  | 'clone'
  | 'clone3'
  | 'ioctl'
  | 'prctl'
  | 'prlimit64'
  | 'sched_setaffinity'
  | 'socketpair'
  | 'kill'
  | 'tgkill'
  | 'tkill'
  | 'rt_sigqueueinfo'
  | 'rt_tgsigqueueinfo'
> = {
  clone: [56, 220],
  clone3: [435, 435],
  ioctl: [16, 29],
  prctl: [157, 167],
  prlimit64: [302, 261],
  sched_setaffinity: [203, 122],
  socketpair: [53, 199],
  kill: [62, 129],
  tgkill: [234, 131],
  tkill: [200, 130],
  rt_sigqueueinfo: [129, 138],
  rt_tgsigqueueinfo: [297, 240],
};

/** Calls of the launcher of the native driver. */
export const launcherCalls: CallTable<
  'prlimit64' | 'capset' | 'seccomp' | 'landlock_create_ruleset' | 'landlock_add_rule' | 'landlock_restrict_self'
> = {
  prlimit64: [302, 261],
  capset: [126, 91],
  seccomp: [317, 277],
  landlock_create_ruleset: [444, 444],
  landlock_add_rule: [445, 445],
  landlock_restrict_self: [446, 446],
};

/** The newest call that was looked at (`mseal`, Linux 6.10); younger ones do not exist for a jailed program. */
export const newestCall = 462;
