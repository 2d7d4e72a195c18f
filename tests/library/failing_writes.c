/* Loaded before libc: counts the calls that write to files whose path begins with a prefix, and fails one of them.

   arm(prefix, at, kind): the call number `at`, from 1, fails. Kinds: 0 none, 1 EIO once, 2 ENOSPC from then on,
   3 half of it is written, then ENOSPC once. counted() tells how many calls there were since. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

static char prefix[PATH_MAX];
static long calls, fail_at;
static int kind, torn;

void arm(const char *path, long at, int how)
{
    snprintf(prefix, sizeof prefix, "%s", path);
    calls = torn = 0;
    fail_at = at;
    kind = how;
}

long counted(void) { return calls; }

static int ours(int file)
{
    char name[64], path[PATH_MAX];
    ssize_t length;
    if (!prefix[0])
        return 0;
    snprintf(name, sizeof name, "/proc/self/fd/%d", file);
    length = readlink(name, path, sizeof path - 1);
    if (length < 0)
        return 0;
    path[length] = 0;
    return strncmp(path, prefix, strlen(prefix)) == 0;
}

/* 0: go on; 1: fail with errno as set; 2: write half. */
static int fate(int file, int writes)
{
    if (!ours(file))
        return 0;
    calls++;
    if (kind == 3 && torn) {
        torn = 0;
        errno = ENOSPC;
        return writes;
    }
    if (kind == 0 || calls < fail_at || (calls > fail_at && kind != 2))
        return 0;
    if (kind == 2 && !writes)
        return 0;
    if (kind == 3 && writes) {
        torn = 1;
        return 2;
    }
    errno = kind == 1 ? EIO : ENOSPC;
    return 1;
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

ssize_t write(int file, const void *data, size_t length)
{
    int how = fate(file, 1);
    return how == 1 ? -1 : REAL(write)(file, data, how == 2 ? length / 2 : length);
}

ssize_t pwrite(int file, const void *data, size_t length, off_t at)
{
    int how = fate(file, 1);
    return how == 1 ? -1 : REAL(pwrite)(file, data, how == 2 ? length / 2 : length, at);
}

ssize_t pwrite64(int file, const void *data, size_t length, off64_t at)
{
    int how = fate(file, 1);
    return how == 1 ? -1 : REAL(pwrite64)(file, data, how == 2 ? length / 2 : length, at);
}

int ftruncate(int file, off_t length) { return fate(file, 0) ? -1 : REAL(ftruncate)(file, length); }
int ftruncate64(int file, off64_t length) { return fate(file, 0) ? -1 : REAL(ftruncate64)(file, length); }
int fsync(int file) { return fate(file, 0) ? -1 : REAL(fsync)(file); }
int fdatasync(int file) { return fate(file, 0) ? -1 : REAL(fdatasync)(file); }
