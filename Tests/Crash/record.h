/* What `shim.c` writes down when CRASH_RECORD names a file: every change below the root with its data, in order, for
 * `disk.py` to replay.
 *
 * One entry for each operation that succeeded, `NAME INODE NUMBER LENGTH\n` and LENGTH bytes and `\n`:
 *
 *   write     the bytes, which went to offset NUMBER
 *   size      the file has NUMBER bytes from now on (ftruncate, O_TRUNC)
 *   sync      fsync (NUMBER 0) or fdatasync (1), of a file or a directory
 *   create    a new file at this path below the root, with mode NUMBER; `mkdir` likewise
 *   rename    FROM\0TO; `link` likewise
 *   unlink    the path; NUMBER is 1 for a directory
 *   say       what went to standard output (INODE 1) or standard error (2): from then on the world knows it
 *
 * Files are told apart by inode: their names change. Nothing here is durable, and nothing has to be.
 */
static int recording = -1;

static void record_start(void) {
    const char *file = getenv("CRASH_RECORD");
    if (file != NULL)
        recording = (int)syscall(SYS_openat, AT_FDCWD, file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
}

static void record_bytes(const void *bytes, size_t count) {
    while (count > 0) {
        long written = syscall(SYS_write, recording, bytes, count);
        if (written <= 0) abort();
        bytes = (const char *)bytes + written;
        count -= (size_t)written;
    }
}

static void record_entry(const char *name, unsigned long inode, long number, const void *bytes, size_t count) {
    if (recording < 0) return;
    char head[128];
    int length = snprintf(head, sizeof head, "%s %lu %ld %zu\n", name, inode, number, count);
    record_bytes(head, (size_t)length);
    record_bytes(bytes, count);
    record_bytes("\n", 1);
}

static struct stat record_status(int fd) {
    struct stat status = {0};
    if (recording >= 0) fstat(fd, &status);
    return status;
}

/* An operation on an open file or directory. */
static void record_file(const char *name, int fd, long number) {
    record_entry(name, record_status(fd).st_ino, number, NULL, 0);
}

/* `offset` below zero: these bytes were written where the file now stands. */
static void record_write(int fd, const void *bytes, long count, off_t offset) {
    if (recording < 0 || count <= 0) return;
    if (offset < 0) offset = lseek(fd, 0, SEEK_CUR) - count;
    record_entry("write", record_status(fd).st_ino, offset, bytes, (size_t)count);
}

static void record_parts(int fd, const struct iovec *parts, long count) {
    if (recording < 0) return;
    off_t offset = lseek(fd, 0, SEEK_CUR) - count;
    for (; count > 0; parts++) {
        long part = (long)parts->iov_len < count ? (long)parts->iov_len : count;
        record_write(fd, parts->iov_base, part, offset);
        offset += part;
        count -= part;
    }
}

/* A new name for a file or directory with this status. */
static void record_name(const char *name, const struct stat *status, const char *path) {
    record_entry(name, status->st_ino, status->st_mode & 07777, path, strlen(path));
}

static void record_two_names(const char *name, const char *from, const char *to) {
    char both[2 * PATH_MAX];
    if (recording < 0) return;
    /* Nothing that comes from elsewhere, or goes there, can be replayed. */
    if (from == NULL || to == NULL) abort();
    int length = snprintf(both, sizeof both, "%s%c%s", from, '\0', to);
    record_entry(name, 0, 0, both, (size_t)length);
}
