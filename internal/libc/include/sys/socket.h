/* SPDX-License-Identifier: MIT */
#ifndef ABIGEN_SYS_SOCKET_H
#define ABIGEN_SYS_SOCKET_H
#include <linux/socket.h>
typedef unsigned short sa_family_t;
typedef unsigned int socklen_t;
#define MSG_FIN 0x200
#define sockaddr_storage __kernel_sockaddr_storage
struct sockaddr {
	sa_family_t sa_family;
	char sa_data[14];
};
#endif
