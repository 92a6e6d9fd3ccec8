/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_etcd_server.h - a real etcd on loopback, in a directory of its own, for one test program */
#ifndef KEELSON_TEST_ETCD_SERVER_H
#define KEELSON_TEST_ETCD_SERVER_H

#include <arpa/inet.h>
#include <assert.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include "base/util.h"

struct etcd_server {
	char dir[64];
	int port, peer_port;
	char url[64];
	const char *certs;	/* directory of test_certs.h: TLS with client certificates; or NULL */
	pid_t pid;	/* 0: stopped */
};

static inline int test_free_port(void)
{
	struct sockaddr_in sa = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(sa);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || bind(fd, (struct sockaddr *)&sa, len) < 0 || getsockname(fd, (struct sockaddr *)&sa, &len) < 0)
		abort();
	close(fd);
	return ntohs(sa.sin_port);
}

/* Starts it (again, on the same data and port). Does not wait: the client under test does. */
static inline void etcd_server_start(struct etcd_server *s)
{
	_cleanup_free_ char *peer = xasprintf("http://127.0.0.1:%d", s->peer_port);
	_cleanup_free_ char *cluster = xasprintf("default=%s", peer);
	_cleanup_free_ char *ca = NULL, *crt = NULL, *key = NULL;
	const char *argv[24] = { "etcd", "--data-dir", s->dir, "--listen-client-urls", s->url, "--advertise-client-urls", s->url,
				 "--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer, "--initial-cluster", cluster };
	size_t n = 13;

	if (s->certs) {
		ca = xasprintf("%s/ca.crt", s->certs);
		crt = xasprintf("%s/server.crt", s->certs);
		key = xasprintf("%s/server.key", s->certs);
		argv[n++] = "--client-cert-auth";
		argv[n++] = "--trusted-ca-file";
		argv[n++] = ca;
		argv[n++] = "--cert-file";
		argv[n++] = crt;
		argv[n++] = "--key-file";
		argv[n++] = key;
	}
	s->pid = fork();
	if (s->pid < 0)
		abort();
	if (s->pid == 0) {
		int null = open("/dev/null", O_RDWR);

		prctl(PR_SET_PDEATHSIG, SIGKILL);
		dup2(null, 0);
		dup2(null, 1);
		dup2(null, 2);
		execvp("etcd", (char *const *)argv);
		_exit(127);
	}
}

static inline void etcd_server_new_tls(struct etcd_server *s, const char *certs)
{
	/* In memory where there is such a place: etcd waits for the disk at each write. */
	*s = (struct etcd_server){ .dir = "/dev/shm/keelson-test-etcd.XXXXXX", .certs = certs };
	if (!mkdtemp(s->dir)) {
		snprintf(s->dir, sizeof(s->dir), "/tmp/keelson-test-etcd.XXXXXX");
		if (!mkdtemp(s->dir))
			abort();
	}
	s->port = test_free_port();
	s->peer_port = test_free_port();
	snprintf(s->url, sizeof(s->url), "%s://127.0.0.1:%d", certs ? "https" : "http", s->port);
	etcd_server_start(s);
}

static inline void etcd_server_new(struct etcd_server *s)
{
	etcd_server_new_tls(s, NULL);
}

/* SIGKILL, SIGTERM: ends it and waits. */
static inline void etcd_server_stop(struct etcd_server *s, int sig)
{
	if (s->pid <= 0)
		return;
	kill(s->pid, sig);
	waitpid(s->pid, NULL, 0);
	s->pid = 0;
}

static inline int test_rm_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	return remove(path);
}

static inline void etcd_server_free(struct etcd_server *s)
{
	etcd_server_stop(s, SIGKILL);
	nftw(s->dir, test_rm_one, 16, FTW_DEPTH | FTW_PHYS);
}

#endif
