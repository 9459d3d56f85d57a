/* A library to preload that kills a program at a chosen change of its files, as a crash would.
 *
 * It counts the calls that write, synchronize, create, rename, link or remove regular files and directories below
 * CRASH_ROOT, an absolute path without symbolic links. Sockets, pipes and everything elsewhere pass by.
 *
 *   CRASH_AT=N    kills the process at the Nth; without it nothing is killed
 *   CRASH_MODE    before (the default): instead of doing the Nth operation
 *                 torn: in the middle of the Nth write of two bytes or more; only those count then
 *   CRASH_TRACE   a file that gets a line for each operation when it begins: its name, the number of bytes, the path
 *   CRASH_RECORD  a file that gets each operation with its data when it is done, as record.h says
 *
 * One counted operation runs at a time, so that none can slip in behind the one at which the process dies. The kernel
 * is called directly: what this library does itself passes through none of its own hooks.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "record.h"

static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_mutex_t one_at_a_time = PTHREAD_MUTEX_INITIALIZER;
static char root[PATH_MAX];
static size_t root_length;
static int tears;
static long crash_at, counted;
static int trace = -1;

static void setup(void) {
    const char *at = getenv("CRASH_AT"), *mode = getenv("CRASH_MODE");
    const char *below = getenv("CRASH_ROOT"), *file = getenv("CRASH_TRACE");
    if (below == NULL || strlen(below) >= sizeof root - 1) return;
    root_length = (size_t)snprintf(root, sizeof root, "%s/", below);
    crash_at = at != NULL ? atol(at) : 0;
    tears = mode != NULL && strcmp(mode, "torn") == 0;
    if (file != NULL)
        trace = (int)syscall(SYS_openat, AT_FDCWD, file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    record_start();
}

/* ---- Which operations count ---- */

/* The path below the root; NULL if it is elsewhere. The root itself counts, as ".". */
static const char *below_root(const char *path) {
    if (root_length == 0) return NULL;
    if (strncmp(path, root, root_length) == 0) return path + root_length;
    int is_root = strncmp(path, root, root_length - 1) == 0 && path[root_length - 1] == '\0';
    return is_root ? "." : NULL;
}

/* The path of an open file, in `buffer`. */
static const char *descriptor_path(int fd, char *buffer) {
    char link[32];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, buffer, PATH_MAX - 1);
    if (length < 0) return NULL;
    buffer[length] = '\0';
    return buffer;
}

static const char *counted_file(int fd, char *buffer) {
    struct stat status;
    pthread_once(&once, setup);
    if (root_length == 0 || fstat(fd, &status) != 0) return NULL;
    if (!S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode)) return NULL;
    const char *path = descriptor_path(fd, buffer);
    return path != NULL ? below_root(path) : NULL;
}

static const char *counted_path(int directory, const char *path, char *buffer) {
    char base[PATH_MAX];
    pthread_once(&once, setup);
    if (root_length == 0 || path == NULL) return NULL;
    if (path[0] == '/') return below_root(path);
    const char *above = directory == AT_FDCWD ? getcwd(base, sizeof base) : descriptor_path(directory, base);
    if (above == NULL || snprintf(buffer, PATH_MAX, "%s/%s", above, path) >= PATH_MAX) return NULL;
    return below_root(buffer);
}

/* ---- The crash ---- */

static void die(void) {
    syscall(SYS_kill, getpid(), SIGKILL);
    for (;;) pause();
}

/* Begins an operation, which `end` ends. Returns whether it is a write in whose middle the process must die. */
static int begin(const char *name, size_t bytes, const char *path) {
    pthread_mutex_lock(&one_at_a_time);
    if (trace >= 0) {
        char line[PATH_MAX + 64];
        int length = snprintf(line, sizeof line, "%s %zu %s\n", name, bytes, path);
        if (syscall(SYS_write, trace, line, (size_t)length) != length) abort();
    }
    if (tears && bytes < 2) return 0;
    counted += 1;
    if (counted != crash_at) return 0;
    if (!tears) die();
    return 1;
}

static long end(long result) {
    pthread_mutex_unlock(&one_at_a_time);
    return result;
}

/* Does OPERATION as a counted one if FILE is not NULL, and RECORD when it has succeeded. */
#define COUNTED(FILE, NAME, OPERATION, RECORD)     \
    do {                                           \
        const char *file = (FILE);                 \
        if (file == NULL) return (OPERATION);      \
        begin(NAME, 0, file);                      \
        long result = (OPERATION);                 \
        if (result >= 0) RECORD;                   \
        return end(result);                        \
    } while (0)

/* ---- Writes ---- */

/* Words to the world count as no operation, but they have their place among them. */
static ssize_t say(int fd, const void *bytes, size_t count) {
    pthread_mutex_lock(&one_at_a_time);
    long said = syscall(SYS_write, fd, bytes, count);
    if (said > 0) record_entry("say", (unsigned long)fd, 0, bytes, (size_t)said);
    return end(said);
}

ssize_t write(int fd, const void *bytes, size_t count) {
    char buffer[PATH_MAX];
    const char *file = counted_file(fd, buffer);
    if (file == NULL && recording >= 0 && (fd == STDOUT_FILENO || fd == STDERR_FILENO)) return say(fd, bytes, count);
    if (file == NULL) return syscall(SYS_write, fd, bytes, count);
    if (begin("write", count, file)) {
        syscall(SYS_write, fd, bytes, count / 2);
        die();
    }
    long written = syscall(SYS_write, fd, bytes, count);
    record_write(fd, bytes, written, -1);
    return end(written);
}

ssize_t pwrite(int fd, const void *bytes, size_t count, off_t offset) {
    char buffer[PATH_MAX];
    const char *file = counted_file(fd, buffer);
    if (file == NULL) return syscall(SYS_pwrite64, fd, bytes, count, offset);
    if (begin("pwrite", count, file)) {
        syscall(SYS_pwrite64, fd, bytes, count / 2, offset);
        die();
    }
    long written = syscall(SYS_pwrite64, fd, bytes, count, offset);
    record_write(fd, bytes, written, offset);
    return end(written);
}

ssize_t pwrite64(int fd, const void *bytes, size_t count, off64_t offset) { return pwrite(fd, bytes, count, offset); }

ssize_t writev(int fd, const struct iovec *parts, int number) {
    char buffer[PATH_MAX];
    const char *file = counted_file(fd, buffer);
    if (file == NULL) return syscall(SYS_writev, fd, parts, number);
    size_t total = 0;
    for (int index = 0; index < number; index++) total += parts[index].iov_len;
    if (begin("writev", total, file)) {
        size_t left = total / 2;
        for (int index = 0; index < number && left > 0; index++) {
            size_t part = parts[index].iov_len < left ? parts[index].iov_len : left;
            syscall(SYS_write, fd, parts[index].iov_base, part);
            left -= part;
        }
        die();
    }
    long written = syscall(SYS_writev, fd, parts, number);
    record_parts(fd, parts, written);
    return end(written);
}

int ftruncate(int fd, off_t length) {
    char buffer[PATH_MAX];
    COUNTED(counted_file(fd, buffer), "ftruncate", (int)syscall(SYS_ftruncate, fd, length),
            record_file("size", fd, length));
}

int ftruncate64(int fd, off64_t length) { return ftruncate(fd, length); }

int fsync(int fd) {
    char buffer[PATH_MAX];
    COUNTED(counted_file(fd, buffer), "fsync", (int)syscall(SYS_fsync, fd), record_file("sync", fd, 0));
}

int fdatasync(int fd) {
    char buffer[PATH_MAX];
    COUNTED(counted_file(fd, buffer), "fdatasync", (int)syscall(SYS_fdatasync, fd), record_file("sync", fd, 1));
}

/* ---- Names ---- */

/* Only then is there a fourth argument. */
#define TAKES_MODE(flags) (((flags) & O_CREAT) != 0 || ((flags) & O_TMPFILE) == O_TMPFILE)

int openat(int directory, const char *path, int flags, ...) {
    char buffer[PATH_MAX];
    mode_t mode = 0;
    if (TAKES_MODE(flags)) {
        va_list rest;
        va_start(rest, flags);
        mode = va_arg(rest, mode_t);
        va_end(rest);
    }
    const char *file = (flags & O_CREAT) != 0 ? counted_path(directory, path, buffer) : NULL;
    if (file == NULL) return (int)syscall(SYS_openat, directory, path, flags, mode);
    begin("create", 0, file);
    struct stat before, after;
    int is_new = fstatat(directory, path, &before, AT_SYMLINK_NOFOLLOW) != 0;
    int fd = (int)syscall(SYS_openat, directory, path, flags, mode);
    if (fd >= 0 && fstat(fd, &after) == 0) {
        if (is_new) record_name("create", &after, file);
        if (!is_new && (flags & O_TRUNC) != 0) record_file("size", fd, 0);
    }
    return (int)end(fd);
}

#define OPEN(NAME, PARAMETERS, DIRECTORY)                          \
    int NAME PARAMETERS {                                          \
        va_list rest;                                              \
        va_start(rest, flags);                                     \
        mode_t mode = TAKES_MODE(flags) ? va_arg(rest, mode_t) : 0; \
        va_end(rest);                                              \
        return openat(DIRECTORY, path, flags, mode);               \
    }

OPEN(open, (const char *path, int flags, ...), AT_FDCWD)
OPEN(open64, (const char *path, int flags, ...), AT_FDCWD)
OPEN(openat64, (int directory, const char *path, int flags, ...), directory)

int creat(const char *path, mode_t mode) { return openat(AT_FDCWD, path, O_CREAT | O_WRONLY | O_TRUNC, mode); }

int creat64(const char *path, mode_t mode) { return creat(path, mode); }

int renameat2(int from_directory, const char *from, int to_directory, const char *to, unsigned int flags) {
    char buffer[PATH_MAX], other[PATH_MAX];
    COUNTED(counted_path(to_directory, to, buffer), "rename",
            (int)syscall(SYS_renameat2, from_directory, from, to_directory, to, flags),
            record_two_names("rename", counted_path(from_directory, from, other), file));
}

int renameat(int from_directory, const char *from, int to_directory, const char *to) {
    return renameat2(from_directory, from, to_directory, to, 0);
}

int rename(const char *from, const char *to) { return renameat2(AT_FDCWD, from, AT_FDCWD, to, 0); }

int linkat(int from_directory, const char *from, int to_directory, const char *to, int flags) {
    char buffer[PATH_MAX], other[PATH_MAX];
    COUNTED(counted_path(to_directory, to, buffer), "link",
            (int)syscall(SYS_linkat, from_directory, from, to_directory, to, flags),
            record_two_names("link", counted_path(from_directory, from, other), file));
}

int link(const char *from, const char *to) { return linkat(AT_FDCWD, from, AT_FDCWD, to, 0); }

int unlinkat(int directory, const char *path, int flags) {
    char buffer[PATH_MAX];
    COUNTED(counted_path(directory, path, buffer), "unlink", (int)syscall(SYS_unlinkat, directory, path, flags),
            record_entry("unlink", 0, (flags & AT_REMOVEDIR) != 0, file, strlen(file)));
}

int rmdir(const char *path) { return unlinkat(AT_FDCWD, path, AT_REMOVEDIR); }

int unlink(const char *path) { return unlinkat(AT_FDCWD, path, 0); }

int mkdirat(int directory, const char *path, mode_t mode) {
    char buffer[PATH_MAX];
    struct stat made = {0};
    COUNTED(counted_path(directory, path, buffer), "mkdir", (int)syscall(SYS_mkdirat, directory, path, mode),
            (fstatat(directory, path, &made, AT_SYMLINK_NOFOLLOW), record_name("mkdir", &made, file)));
}

int mkdir(const char *path, mode_t mode) { return mkdirat(AT_FDCWD, path, mode); }
