// System calls that Swift's Glibc does not show, because they are GNU extensions.
#pragma once

/// accept4(2) with SOCK_NONBLOCK and SOCK_CLOEXEC: the next connection of a listening descriptor, or -1 with errno set.
int csockets_accept(int listener);
