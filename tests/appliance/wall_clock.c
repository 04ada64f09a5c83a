/* A wall clock that a test sets, for a whole process, OpenSSL in it included (LD_PRELOAD).
 *
 * The file that $WALL_CLOCK names holds one number, 64 bits: by how many seconds the clock is wrong.
 * It may change while the process runs. Running time stays true, and nobody keeps the clock:
 * adjtimex(2) says that it is not synchronised, whatever this machine's own kernel thinks.
 *
 * (libfaketime is no option: it sends sleeps until a monotonic time astray, which Python's are.)
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timex.h>
#include <time.h>
#include <unistd.h>

static volatile const int64_t *wrong_s;

__attribute__((constructor)) static void begin(void) {
    const char *path = getenv("WALL_CLOCK");
    int file = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    if (file < 0)
        return;
    void *seen = mmap(NULL, sizeof *wrong_s, PROT_READ, MAP_SHARED, file, 0);
    close(file);
    if (seen != MAP_FAILED)
        wrong_s = seen;
}

static time_t shift(void) { return wrong_s ? (time_t)*wrong_s : 0; }

int clock_gettime(clockid_t clock, struct timespec *now) {
    int failed = (int)syscall(SYS_clock_gettime, clock, now);
    if (!failed && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE))
        now->tv_sec += shift();
    return failed;
}

time_t time(time_t *told) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (told)
        *told = now.tv_sec;
    return now.tv_sec;
}

int gettimeofday(struct timeval *restrict told, void *restrict zone) {
    struct timespec now;
    (void)zone;
    clock_gettime(CLOCK_REALTIME, &now);
    told->tv_sec = now.tv_sec;
    told->tv_usec = now.tv_nsec / 1000;
    return 0;
}

int adjtimex(struct timex *asked) {
    (void)asked;
    return TIME_ERROR;
}
