/* Starts a process that nothing but its origin connects with the one that started it. */
#pragma once

#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "zoo.h"

/* A grandchild in a session of its own, whose parent is gone; the summary is its number. */
static inline void start_daemon(triage_ctx* ctx) {
    int ends[2];
    if (pipe(ends) != 0) abort();
    const pid_t child = fork();
    if (child == 0) {
        setsid();
        if (fork() != 0) _exit(0);
        const pid_t own = getpid();
        if (write(ends[1], &own, sizeof(own)) < 0) abort();
        for (;;)
            pause();
    }
    waitpid(child, NULL, 0);
    pid_t grandchild = 0;
    if (read(ends[0], &grandchild, sizeof(grandchild)) < 0) abort();
    close(ends[0]);
    close(ends[1]);
    char line[32];
    snprintf(line, sizeof(line), "%d", (int)grandchild);
    api->summary(ctx, text(line));
}
