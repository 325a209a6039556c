// SPDX-License-Identifier: Apache-2.0
// Preloaded into a server: the wall clock stands as many seconds off as the file named by
// WALL_CLOCK_FILE says, read anew each time. The running time stays what it is.
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static long seconds_off(void) {
    const char *path = getenv("WALL_CLOCK_FILE");
    FILE *file = path == NULL ? NULL : fopen(path, "re");
    long off = 0;
    if (file == NULL) return 0;
    if (fscanf(file, "%ld", &off) != 1) off = 0;
    fclose(file);
    return off;
}

int clock_gettime(clockid_t clock, struct timespec *now) {
    int code = (int)syscall(SYS_clock_gettime, clock, now);
    if (code == 0 && clock == CLOCK_REALTIME) now->tv_sec += seconds_off();
    return code;
}
