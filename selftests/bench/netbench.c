// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * netbench - what one transaction costs between two network namespaces
 *
 *   netbench [-w WARMUP] [-n COUNT] [-p PORT] [-b BIND_PORT] METRIC ADDR SERVER_NS CLIENT_NS [BIND]
 *
 * METRIC is UDP_RR (64 bytes there and back), TCP_CRR (connect, one byte there
 * and back, reset) or TCP_STREAM (KiB one way). A server process in the
 * namespace SERVER_NS listens on BIND (default: ADDR); a client process in
 * CLIENT_NS speaks to ADDR, which may be a virtual address that leads to BIND.
 * After WARMUP transactions COUNT are timed with CLOCK_MONOTONIC; one number
 * is printed: nanoseconds per transaction (per KiB). Under QEMU's -icount
 * shift=0 with one processor that is the number of instructions both ends,
 * both programs and everything between them took.
 *
 * A namespace is a name below /run/netns or a path; "-" is the caller's own.
 */
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define UDP_SIZE	64
#define STREAM_CHUNK	(64 * 1024)
#define REPLY_TIMEOUT_S	10

struct job {
	struct sockaddr_in addr;	/* what the client speaks to */
	struct sockaddr_in bind;	/* where the server listens */
	const char *server_ns, *client_ns;
	long warmup, count;		/* transactions, or KiB */
};

static char stream_buf[STREAM_CHUNK];

static void enter_netns(const char *name)
{
	char path[256];
	int fd;

	if (!strcmp(name, "-"))
		return;
	snprintf(path, sizeof(path), strchr(name, '/') ? "%s" : "/run/netns/%s", name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		err(1, "%s", path);
	if (setns(fd, CLONE_NEWNET) < 0)
		err(1, "setns %s", path);
	close(fd);
}

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

static int open_server(const struct job *job, int type)
{
	int on = 1, fd = socket(AF_INET, type | SOCK_CLOEXEC, 0);

	if (fd < 0)
		err(1, "socket");
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(fd, (const struct sockaddr *)&job->bind, sizeof(job->bind)) < 0)
		err(1, "bind %s", inet_ntoa(job->bind.sin_addr));
	if (type == SOCK_STREAM && listen(fd, 128) < 0)
		err(1, "listen");
	return fd;
}

static int open_client(const struct job *job, int type)
{
	struct timeval tv = { .tv_sec = REPLY_TIMEOUT_S };
	int fd = socket(AF_INET, type | SOCK_CLOEXEC, 0);

	if (fd < 0)
		err(1, "socket");
	if (type == SOCK_DGRAM)
		setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv));
	if (connect(fd, (const struct sockaddr *)&job->addr, sizeof(job->addr)) < 0)
		err(1, "connect %s", inet_ntoa(job->addr.sin_addr));
	return fd;
}

/* --- UDP_RR ----------------------------------------------------------------- */

static void udp_rr_server(const struct job *job, int fd)
{
	struct sockaddr_in from;
	char buf[UDP_SIZE];

	for (;;) {
		socklen_t len = sizeof(from);
		ssize_t n = recvfrom(fd, buf, sizeof(buf), 0, (struct sockaddr *)&from, &len);

		if (n < 0)
			err(1, "recvfrom");
		if (sendto(fd, buf, (size_t)n, 0, (struct sockaddr *)&from, len) != n)
			err(1, "sendto");
	}
}

static double udp_rr_client(const struct job *job)
{
	int fd = open_client(job, SOCK_DGRAM);
	char buf[UDP_SIZE] = { 0 };
	uint64_t start = 0;

	for (long i = -job->warmup; i < job->count; i++) {
		if (i == 0)
			start = now_ns();
		if (send(fd, buf, sizeof(buf), 0) != sizeof(buf))
			err(1, "send");
		if (recv(fd, buf, sizeof(buf), 0) != sizeof(buf))
			err(1, "recv (transaction %ld)", i);
	}
	return (double)(now_ns() - start) / (double)job->count;
}

/* --- TCP_CRR ---------------------------------------------------------------- */

static void tcp_crr_server(const struct job *job, int listener)
{
	char byte;

	for (;;) {
		int fd = accept(listener, NULL, NULL);

		if (fd < 0)
			err(1, "accept");
		if (recv(fd, &byte, 1, 0) == 1 && send(fd, &byte, 1, MSG_NOSIGNAL) == 1)
			(void)!recv(fd, &byte, 1, 0);	/* until the reset */
		close(fd);
	}
}

static double tcp_crr_client(const struct job *job)
{
	struct linger reset = { .l_onoff = 1, .l_linger = 0 };
	uint64_t start = 0;
	char byte = 'x';

	for (long i = -job->warmup; i < job->count; i++) {
		int fd;

		if (i == 0)
			start = now_ns();
		fd = open_client(job, SOCK_STREAM);
		setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
		if (send(fd, &byte, 1, 0) != 1 || recv(fd, &byte, 1, 0) != 1)
			err(1, "transaction %ld", i);
		close(fd);
	}
	return (double)(now_ns() - start) / (double)job->count;
}

/* --- TCP_STREAM ------------------------------------------------------------- */

/* Reads a length in KiB, then that much, then answers one byte; until the end. */
static void tcp_stream_server(const struct job *job, int listener)
{
	uint64_t kib;
	int fd = accept(listener, NULL, NULL);

	if (fd < 0)
		err(1, "accept");
	while (recv(fd, &kib, sizeof(kib), MSG_WAITALL) == sizeof(kib)) {
		for (uint64_t left = kib * 1024; left;) {
			ssize_t n = recv(fd, stream_buf, left < STREAM_CHUNK ? left : STREAM_CHUNK, 0);

			if (n <= 0)
				err(1, "stream recv");
			left -= (uint64_t)n;
		}
		if (send(fd, "", 1, MSG_NOSIGNAL) != 1)
			err(1, "stream send");
	}
	close(fd);
}

static void stream_kib(int fd, long count)
{
	uint64_t kib = (uint64_t)count;
	char byte;

	if (send(fd, &kib, sizeof(kib), MSG_MORE) != sizeof(kib))
		err(1, "stream send");
	for (uint64_t left = kib * 1024; left;) {
		ssize_t n = send(fd, stream_buf, left < STREAM_CHUNK ? left : STREAM_CHUNK, 0);

		if (n <= 0)
			err(1, "stream send");
		left -= (uint64_t)n;
	}
	if (recv(fd, &byte, 1, 0) != 1)
		err(1, "stream end");
}

static double tcp_stream_client(const struct job *job)
{
	int fd = open_client(job, SOCK_STREAM);
	uint64_t start;

	stream_kib(fd, job->warmup);
	start = now_ns();
	stream_kib(fd, job->count);
	return (double)(now_ns() - start) / (double)job->count;
}

/* --- */

static const struct metric {
	const char *name;
	int type;
	long warmup, count;	/* defaults */
	void (*server)(const struct job *job, int fd);
	double (*client)(const struct job *job);
} metrics[] = {
	{ "UDP_RR", SOCK_DGRAM, 500, 5000, udp_rr_server, udp_rr_client },
	{ "TCP_CRR", SOCK_STREAM, 100, 500, tcp_crr_server, tcp_crr_client },
	{ "TCP_STREAM", SOCK_STREAM, 65536, 65536, tcp_stream_server, tcp_stream_client },
};

/* Starts the server and returns once it listens. */
static pid_t start_server(const struct metric *m, const struct job *job)
{
	int ready[2], fd;
	char byte;
	pid_t pid;

	if (pipe2(ready, O_CLOEXEC) < 0)
		err(1, "pipe");
	pid = fork();
	if (pid < 0)
		err(1, "fork");
	if (!pid) {
		close(ready[0]);
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		enter_netns(job->server_ns);
		fd = open_server(job, m->type);
		if (write(ready[1], "", 1) != 1)
			err(1, "pipe");
		m->server(job, fd);
		_exit(0);
	}
	close(ready[1]);
	if (read(ready[0], &byte, 1) != 1)
		errx(1, "the server did not start");
	close(ready[0]);
	return pid;
}

static struct sockaddr_in parse_addr(const char *s, uint16_t port)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons(port) };

	if (inet_pton(AF_INET, s, &a.sin_addr) != 1)
		errx(2, "'%s' is not an IPv4 address", s);
	return a;
}

static void usage(void)
{
	fprintf(stderr, "usage: netbench [-w WARMUP] [-n COUNT] [-p PORT] [-b BIND_PORT]\n"
			"                UDP_RR|TCP_CRR|TCP_STREAM ADDR SERVER_NS CLIENT_NS [BIND]\n");
	exit(2);
}

int main(int argc, char **argv)
{
	long warmup = -1, count = -1, port = 5001, bind_port = 0;
	const struct metric *m = NULL;
	struct job job = { 0 };
	double result;
	pid_t server;
	int opt;

	while ((opt = getopt(argc, argv, "w:n:p:b:")) != -1) {
		switch (opt) {
		case 'w':
			warmup = atol(optarg);
			break;
		case 'n':
			count = atol(optarg);
			break;
		case 'p':
			port = atol(optarg);
			break;
		case 'b':
			bind_port = atol(optarg);
			break;
		default:
			usage();
		}
	}
	argc -= optind;
	argv += optind;
	if (argc < 4 || argc > 5)
		usage();
	for (size_t i = 0; i < sizeof(metrics) / sizeof(metrics[0]); i++)
		if (!strcmp(argv[0], metrics[i].name))
			m = &metrics[i];
	if (!m || count == 0 || port <= 0 || port > 65535)
		usage();
	job.addr = parse_addr(argv[1], (uint16_t)port);
	job.bind = parse_addr(argc == 5 ? argv[4] : argv[1], (uint16_t)(bind_port ? bind_port : port));
	job.server_ns = argv[2];
	job.client_ns = argv[3];
	job.warmup = warmup >= 0 ? warmup : m->warmup;
	job.count = count > 0 ? count : m->count;

	server = start_server(m, &job);
	enter_netns(job.client_ns);
	result = m->client(&job);
	kill(server, SIGKILL);
	waitpid(server, NULL, 0);
	printf("%.0f\n", result);
	return 0;
}
