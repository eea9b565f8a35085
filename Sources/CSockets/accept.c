#define _GNU_SOURCE
#include "CSockets.h"

#include <sys/socket.h>

int csockets_accept(int listener) {
    return accept4(listener, 0, 0, SOCK_NONBLOCK | SOCK_CLOEXEC);
}
