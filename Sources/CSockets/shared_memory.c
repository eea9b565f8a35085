#define _GNU_SOURCE
#include "CSharedMemory.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 8U
#endif

int csockets_create_memory(size_t size, int count) {
    static const int seals[] = {F_SEAL_SEAL, F_SEAL_SHRINK, F_SEAL_GROW};
    // Beyond this limit ftruncate(2) raises a signal.
    struct rlimit limit;
    if (getrlimit(RLIMIT_FSIZE, &limit) == 0 && limit.rlim_cur < size) {
        errno = EFBIG;
        return -1;
    }
    // That nothing in it is a program is said where the kernel knows how to, from Linux 6.3 on: it may require that.
    int descriptor = memfd_create("zmq-reactor", MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_NOEXEC_SEAL);
    if (descriptor < 0 && errno == EINVAL) descriptor = memfd_create("zmq-reactor", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (descriptor < 0) return -1;
    int all = 0;
    for (int index = 0; index < count && index < 3; index++) all |= seals[index];
    if (ftruncate(descriptor, (off_t)size) == 0 && (all == 0 || fcntl(descriptor, F_ADD_SEALS, all) == 0))
        return descriptor;
    int number = errno;
    close(descriptor);
    errno = number;
    return -1;
}

void *csockets_map_memory(int descriptor, size_t size) {
    const int needed = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW;
    // Only memory files have seals. Those of huge pages may be without a page when it is needed.
    int seals = fcntl(descriptor, F_GET_SEALS);
    if (seals < 0) return 0;
    if ((seals & needed) != needed) {
        errno = EPERM;
        return 0;
    }
    struct statfs system;
    struct stat status;
    if (fstatfs(descriptor, &system) != 0 || fstat(descriptor, &status) != 0) return 0;
    if (system.f_type != TMPFS_MAGIC || status.st_size != (off_t)size) {
        errno = EINVAL;
        return 0;
    }
    void *memory = mmap(0, size, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
    return memory == MAP_FAILED ? 0 : memory;
}

union control {
    struct cmsghdr header;
    char bytes[CMSG_SPACE(sizeof(int))];
};

ssize_t csockets_send_descriptor(int socket, const void *bytes, size_t count, int descriptor) {
    struct iovec vector = {(void *)bytes, count};
    struct msghdr message = {0};
    union control control;
    message.msg_iov = &vector;
    message.msg_iovlen = 1;
    if (descriptor >= 0) {
        memset(&control, 0, sizeof control);
        message.msg_control = control.bytes;
        message.msg_controllen = sizeof control.bytes;
        struct cmsghdr *header = CMSG_FIRSTHDR(&message);
        header->cmsg_level = SOL_SOCKET;
        header->cmsg_type = SCM_RIGHTS;
        header->cmsg_len = CMSG_LEN(sizeof(int));
        memcpy(CMSG_DATA(header), &descriptor, sizeof descriptor);
    }
    return sendmsg(socket, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
}

ssize_t csockets_receive_descriptor(int socket, void *bytes, size_t count, int *descriptor) {
    struct iovec vector = {bytes, count};
    struct msghdr message = {0};
    union control control;
    message.msg_iov = &vector;
    message.msg_iovlen = 1;
    message.msg_control = control.bytes;
    message.msg_controllen = sizeof control.bytes;
    *descriptor = -1;
    ssize_t received = recvmsg(socket, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    if (received < 0) return received;
    int found = 0;
    for (struct cmsghdr *header = CMSG_FIRSTHDR(&message); header; header = CMSG_NXTHDR(&message, header)) {
        if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS) continue;
        size_t number = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (size_t index = 0; index < number; index++) {
            int each;
            memcpy(&each, CMSG_DATA(header) + index * sizeof each, sizeof each);
            // More than one is none: they are all given back.
            if (found++ == 0) {
                *descriptor = each;
            } else {
                close(each);
            }
        }
    }
    if (*descriptor >= 0 && (found > 1 || message.msg_flags & MSG_CTRUNC)) {
        close(*descriptor);
        *descriptor = -1;
    }
    return received;
}
