/* A clock that tests can set, for a server that is told of it with LD_PRELOAD. libfaketime ends a Redis that was built with
   jemalloc before it starts. The file named by CLOCK_OFFSET_FILE holds the seconds to add. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/time.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

int gettimeofday(struct timeval *restrict now, void *restrict zone) {
  struct timespec real;
  long offset = 0;
  const char *path = getenv("CLOCK_OFFSET_FILE");
  FILE *file = path ? fopen(path, "r") : NULL;
  if (file) {
    if (fscanf(file, "%ld", &offset) != 1) offset = 0;
    fclose(file);
  }
  (void)zone;
  syscall(SYS_clock_gettime, CLOCK_REALTIME, &real);
  now->tv_sec = real.tv_sec + offset;
  now->tv_usec = real.tv_nsec / 1000;
  return 0;
}
