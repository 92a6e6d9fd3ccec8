// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * peer - the two ends of the traffic in selftests/net
 *
 *   peer serve NAME tcp|udp PORT
 *   peer ask [OPTION...] tcp|udp ADDR PORT
 *     -n COUNT     transactions (1)
 *     -u BYTES     sent in each request (8)
 *     -d BYTES     wanted in each answer (64)
 *     -k           all in one connection (TCP), from one socket (UDP)
 *     -p PORT      source port
 *     -i MS        pause between transactions
 *     -t MS        how long to wait for an answer (3000)
 *     -D           UDP: set DF and believe what the path's routers say
 *
 * A request begins with struct header, an answer with the line "NAME
 * CLIENTADDR:CLIENTPORT"; everything after is a pattern that both ends check.
 * For each transaction ask prints the answer's line, or "error: TEXT". Its exit
 * status is 0 if all were answered. Both ends run until killed or done.
 */
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#define MAX_UDP		65507
#define CHUNK		65536
#define LINE_MAX	128

struct header {
	uint32_t up;	/* bytes in the request, this header included */
	uint32_t down;	/* bytes wanted in the answer, its line included */
};

struct ask {
	struct sockaddr_in to;
	uint32_t up, down;
	int src_port, interval_ms, timeout_ms;
	bool tcp, keep, df;
};

static uint8_t pattern(uint64_t offset)
{
	return (uint8_t)(offset * 7 + (offset >> 8));
}

static void fill(uint8_t *buf, size_t len, uint64_t offset)
{
	for (size_t i = 0; i < len; i++)
		buf[i] = pattern(offset + i);
}

static bool intact(const uint8_t *buf, size_t len, uint64_t offset)
{
	for (size_t i = 0; i < len; i++)
		if (buf[i] != pattern(offset + i))
			return false;
	return true;
}

static size_t min_size(size_t a, size_t b)
{
	return a < b ? a : b;
}

static int format_line(char *line, const char *name, const struct sockaddr_in *from)
{
	return snprintf(line, LINE_MAX, "%s %s:%u\n", name, inet_ntoa(from->sin_addr), ntohs(from->sin_port));
}

/* --- TCP: whole reads and writes; 0 or negative errno, -ENODATA at the end ---- */

static int read_all(int fd, void *buf, size_t len)
{
	for (uint8_t *p = buf; len;) {
		ssize_t n = recv(fd, p, len, 0);

		if (n <= 0)
			return n < 0 ? -errno : -ENODATA;
		p += n;
		len -= (size_t)n;
	}
	return 0;
}

static int write_all(int fd, const void *buf, size_t len)
{
	for (const uint8_t *p = buf; len;) {
		ssize_t n = send(fd, p, len, MSG_NOSIGNAL);

		if (n < 0)
			return -errno;
		p += n;
		len -= (size_t)n;
	}
	return 0;
}

static int read_pattern(int fd, uint64_t from, uint64_t to)
{
	static uint8_t buf[CHUNK];

	while (from < to) {
		size_t len = min_size(sizeof(buf), to - from);
		int res = read_all(fd, buf, len);

		if (res < 0)
			return res;
		if (!intact(buf, len, from))
			return -EBADMSG;
		from += len;
	}
	return 0;
}

static int write_pattern(int fd, uint64_t from, uint64_t to)
{
	static uint8_t buf[CHUNK];

	while (from < to) {
		size_t len = min_size(sizeof(buf), to - from);
		int res;

		fill(buf, len, from);
		res = write_all(fd, buf, len);
		if (res < 0)
			return res;
		from += len;
	}
	return 0;
}

static void serve_connection(const char *name, int fd, const struct sockaddr_in *from)
{
	char line[LINE_MAX];
	int len = format_line(line, name, from);
	struct header h;

	while (read_all(fd, &h, sizeof(h)) == 0) {
		if (read_pattern(fd, sizeof(h), h.up) < 0 || write_all(fd, line, (size_t)len) < 0 ||
		    write_pattern(fd, (uint64_t)len, h.down) < 0)
			break;
	}
	close(fd);
}

static void serve_tcp(const char *name, int listener)
{
	for (;;) {
		struct sockaddr_in from;
		socklen_t len = sizeof(from);
		int fd = accept(listener, (struct sockaddr *)&from, &len);

		if (fd < 0)
			err(1, "accept");
		if (fork() == 0) {
			close(listener);
			serve_connection(name, fd, &from);
			_exit(0);
		}
		close(fd);
	}
}

static int read_line(int fd, char *line)
{
	size_t n = 0;

	while (n < LINE_MAX - 1) {
		int res = read_all(fd, line + n, 1);

		if (res < 0)
			return res;
		if (line[n++] == '\n')
			break;
	}
	line[n] = '\0';
	return (int)n;
}

static int ask_tcp(const struct ask *a, int fd, char *line)
{
	struct header h = { a->up, a->down };
	int res = write_all(fd, &h, sizeof(h));

	if (res == 0)
		res = write_pattern(fd, sizeof(h), a->up);
	if (res == 0)
		res = read_line(fd, line);
	return res < 0 ? res : read_pattern(fd, (uint64_t)res, a->down);
}

/* --- UDP -------------------------------------------------------------------- */

static void serve_udp(const char *name, int fd)
{
	static uint8_t buf[MAX_UDP];
	struct sockaddr_in from;
	struct header h;

	for (;;) {
		socklen_t from_len = sizeof(from);
		ssize_t n = recvfrom(fd, buf, sizeof(buf), 0, (struct sockaddr *)&from, &from_len);
		int len;

		if (n < (ssize_t)sizeof(h))
			continue;	/* also an ICMP error that came back */
		memcpy(&h, buf, sizeof(h));
		if (h.up != (uint32_t)n || h.down > MAX_UDP || !intact(buf + sizeof(h), (size_t)n - sizeof(h), sizeof(h)))
			continue;
		len = format_line((char *)buf, name, &from);
		if (h.down < (uint32_t)len)
			h.down = (uint32_t)len;
		fill(buf + len, h.down - (uint32_t)len, (uint64_t)len);
		sendto(fd, buf, h.down, 0, (struct sockaddr *)&from, from_len);
	}
}

static int ask_udp(const struct ask *a, int fd, char *line)
{
	static uint8_t buf[MAX_UDP];
	struct header h = { a->up, a->down };
	const uint8_t *end;
	size_t len;
	ssize_t n;

	memcpy(buf, &h, sizeof(h));
	fill(buf + sizeof(h), a->up - sizeof(h), sizeof(h));
	if (send(fd, buf, a->up, 0) < 0)
		return -errno;
	n = recv(fd, buf, sizeof(buf), 0);
	if (n < 0)
		return errno == EAGAIN ? -ETIMEDOUT : -errno;
	end = memchr(buf, '\n', (size_t)n);
	if (!end || end - buf >= LINE_MAX - 1)
		return -EBADMSG;
	len = (size_t)(end - buf) + 1;
	memcpy(line, buf, len);
	line[len] = '\0';
	return intact(buf + len, (size_t)n - len, len) ? 0 : -EBADMSG;
}

/* --- */

static int open_ask(const struct ask *a)
{
	struct timeval tv = { a->timeout_ms / 1000, a->timeout_ms % 1000 * 1000 };
	struct sockaddr_in from = { .sin_family = AF_INET, .sin_port = htons((uint16_t)a->src_port) };
	int on = 1, discover = a->df ? IP_PMTUDISC_DO : IP_PMTUDISC_DONT;
	int fd = socket(AF_INET, a->tcp ? SOCK_STREAM : SOCK_DGRAM, 0);

	if (fd < 0)
		err(1, "socket");
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &tv, sizeof(tv));
	if (!a->tcp)
		setsockopt(fd, IPPROTO_IP, IP_MTU_DISCOVER, &discover, sizeof(discover));
	if (a->src_port && bind(fd, (struct sockaddr *)&from, sizeof(from)) < 0)
		err(1, "bind to port %d", a->src_port);
	if (connect(fd, (const struct sockaddr *)&a->to, sizeof(a->to)) < 0) {
		int res = errno == EINPROGRESS ? -ETIMEDOUT : -errno;

		close(fd);
		return res;
	}
	return fd;
}

static int transact(const struct ask *a, int *fd)
{
	char line[LINE_MAX];
	int res;

	if (*fd < 0)
		*fd = open_ask(a);
	res = *fd < 0 ? *fd : a->tcp ? ask_tcp(a, *fd, line) : ask_udp(a, *fd, line);
	if (res < 0)
		printf("error: %s\n", strerror(res == -EAGAIN ? ETIMEDOUT : -res));
	else
		fputs(line, stdout);
	fflush(stdout);
	if (*fd >= 0 && (!a->keep || (a->tcp && res < 0))) {
		close(*fd);
		*fd = -1;
	}
	return res;
}

static void usage(void)
{
	fprintf(stderr, "usage: peer serve NAME tcp|udp PORT\n"
			"       peer ask [-n N] [-u BYTES] [-d BYTES] [-k] [-p PORT] [-i MS] [-t MS] [-D] tcp|udp ADDR PORT\n");
	exit(2);
}

static int serve(const char *name, bool tcp, int port)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
	int on = 1, fd = socket(AF_INET, tcp ? SOCK_STREAM : SOCK_DGRAM, 0);

	if (fd < 0)
		err(1, "socket");
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(fd, (struct sockaddr *)&at, sizeof(at)) < 0 || (tcp && listen(fd, 128) < 0))
		err(1, "port %d", port);
	signal(SIGCHLD, SIG_IGN);
	if (tcp)
		serve_tcp(name, fd);
	else
		serve_udp(name, fd);
	return 1;
}

static int ask(int argc, char **argv)
{
	struct ask a = { .up = sizeof(struct header), .down = 64, .timeout_ms = 3000 };
	int opt, fd = -1, failed = 0;
	long n = 1;

	while ((opt = getopt(argc, argv, "n:u:d:kp:i:t:D")) != -1) {
		switch (opt) {
		case 'n': n = atol(optarg); break;
		case 'u': a.up = (uint32_t)strtoul(optarg, NULL, 10); break;
		case 'd': a.down = (uint32_t)strtoul(optarg, NULL, 10); break;
		case 'k': a.keep = true; break;
		case 'p': a.src_port = atoi(optarg); break;
		case 'i': a.interval_ms = atoi(optarg); break;
		case 't': a.timeout_ms = atoi(optarg); break;
		case 'D': a.df = true; break;
		default: usage();
		}
	}
	if (argc - optind != 3 || a.up < sizeof(struct header))
		usage();
	a.tcp = !strcmp(argv[optind], "tcp");
	if (!a.tcp && (a.up > MAX_UDP || a.down > MAX_UDP))
		errx(2, "too long for UDP");
	a.to = (struct sockaddr_in){ .sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(argv[optind + 2])) };
	if (inet_pton(AF_INET, argv[optind + 1], &a.to.sin_addr) != 1)
		errx(2, "'%s' is not an IPv4 address", argv[optind + 1]);
	for (long i = 0; i < n; i++) {
		if (i && a.interval_ms)
			poll(NULL, 0, a.interval_ms);
		failed |= transact(&a, &fd) < 0;
	}
	return failed;
}

int main(int argc, char **argv)
{
	if (argc == 5 && !strcmp(argv[1], "serve"))
		return serve(argv[2], !strcmp(argv[3], "tcp"), atoi(argv[4]));
	if (argc >= 5 && !strcmp(argv[1], "ask"))
		return ask(argc - 1, argv + 1);
	usage();
}
