// SPDX-License-Identifier: GPL-2.0-or-later
/* util.c - see util.h */
#include "base/util.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include "base/bytes.h"

static void *check_oom(void *p)
{
	if (!p) {
		fputs("out of memory\n", stderr);
		abort();
	}
	return p;
}

void *xmalloc(size_t n)
{
	return check_oom(malloc(n ? n : 1));
}

void *xcalloc(size_t n, size_t size)
{
	return check_oom(calloc(n ? n : 1, size ? size : 1));
}

void *xrealloc(void *p, size_t n)
{
	return check_oom(realloc(p, n ? n : 1));
}

char *xstrdup(const char *s)
{
	return check_oom(strdup(s));
}

char *xstrndup(const char *s, size_t n)
{
	return check_oom(strndup(s, n));
}

char *xvasprintf(const char *fmt, va_list ap)
{
	char *s = NULL;

	if (vasprintf(&s, fmt, ap) < 0)
		s = NULL;
	return check_oom(s);
}

char *xasprintf(const char *fmt, ...)
{
	va_list ap;
	char *s;

	va_start(ap, fmt);
	s = xvasprintf(fmt, ap);
	va_end(ap);
	return s;
}

bool endswith(const char *s, const char *suffix)
{
	size_t n = strlen(s), m = strlen(suffix);

	return n >= m && memcmp(s + n - m, suffix, m) == 0;
}

void buf_add(struct buf *b, const void *data, size_t len)
{
	if (b->len + len + 1 > b->cap) {
		size_t cap = b->cap ? b->cap * 2 : 256;

		while (cap < b->len + len + 1)
			cap *= 2;
		b->data = xrealloc(b->data, cap);
		b->cap = cap;
	}
	if (len)
		memcpy(b->data + b->len, data, len);
	b->len += len;
	b->data[b->len] = '\0';
}

void buf_puts(struct buf *b, const char *s)
{
	buf_add(b, s, strlen(s));
}

void buf_printf(struct buf *b, const char *fmt, ...)
{
	_cleanup_free_ char *s = NULL;
	va_list ap;

	va_start(ap, fmt);
	s = xvasprintf(fmt, ap);
	va_end(ap);
	buf_puts(b, s);
}

void buf_consume(struct buf *b, size_t n)
{
	if (!n)
		return;
	memmove(b->data, b->data + n, b->len - n + 1);
	b->len -= n;
}

char *buf_steal(struct buf *b)
{
	char *s = b->data ? b->data : xstrdup("");

	*b = (struct buf){ 0 };
	return s;
}

void buf_free(struct buf *b)
{
	free(b->data);
	*b = (struct buf){ 0 };
}

struct bytes *bytes_new(const void *p, size_t len)
{
	struct bytes *b = xmalloc(sizeof(*b) + len + 1);

	b->refs = 1;
	b->len = len;
	if (len)
		memcpy(b->data, p, len);
	b->data[len] = '\0';
	return b;
}

int parse_i64(const char *s, int64_t min, int64_t max, int64_t *ret)
{
	long long v;
	char *end;

	if (!s || !*s || !strchr("-0123456789", *s))
		return -EINVAL;
	errno = 0;
	v = strtoll(s, &end, 10);
	if (*end)
		return -EINVAL;
	if (errno || v < min || v > max)
		return -ERANGE;
	*ret = v;
	return 0;
}

int read_file(const char *path, size_t max, char **ret, size_t *ret_len)
{
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct buf b = { 0 };
	char chunk[4096];
	ssize_t n;

	if (fd < 0)
		return -errno;
	while ((n = read(fd, chunk, sizeof(chunk))) != 0) {
		if (n < 0) {
			int err = -errno;

			if (err == -EINTR)
				continue;
			buf_free(&b);
			return err;
		}
		if (b.len + n > max) {
			buf_free(&b);
			return -EFBIG;
		}
		buf_add(&b, chunk, n);
	}
	if (ret_len)
		*ret_len = b.len;
	*ret = buf_steal(&b);
	return 0;
}

int write_file_atomic(const char *path, const void *data, size_t len, unsigned mode)
{
	_cleanup_free_ char *tmp = xasprintf("%s.XXXXXX", path);
	_cleanup_close_ int fd = mkostemp(tmp, O_CLOEXEC);
	const char *p = data;
	int err = 0;

	if (fd < 0)
		return -errno;
	while (len && !err) {
		ssize_t n = write(fd, p, len);

		if (n < 0 && errno != EINTR)
			err = -errno;
		if (n > 0) {
			p += n;
			len -= n;
		}
	}
	if (!err && (fchmod(fd, mode) < 0 || fsync(fd) < 0 || rename(tmp, path) < 0))
		err = -errno;
	if (err)
		unlink(tmp);
	return err;
}

int mkdir_p(const char *path, unsigned mode)
{
	_cleanup_free_ char *copy = xstrdup(path);
	struct stat st;
	char *p = copy;

	for (;;) {
		char *slash = strchr(p + 1, '/');

		if (slash)
			*slash = '\0';
		if (mkdir(copy, mode) < 0) {
			if (errno != EEXIST)
				return -errno;
			if (!slash)
				return stat(copy, &st) < 0 ? -errno : S_ISDIR(st.st_mode) ? 0 : -ENOTDIR;
		}
		if (!slash)
			return 0;
		*slash = '/';
		p = slash;
	}
}

static void random_bytes(void *p, size_t n)
{
	if (getrandom(p, n, 0) != (ssize_t)n)
		abort();
}

void random_suffix(char *out, size_t len)
{
	/* No vowels and no 0, 1, 3: names that spell nothing. 27 letters; the bias of % is harmless here. */
	static const char alphabet[] = "bcdfghjklmnpqrstvwxz2456789";

	random_bytes(out, len);
	for (size_t i = 0; i < len; i++)
		out[i] = alphabet[(unsigned char)out[i] % (sizeof(alphabet) - 1)];
	out[len] = '\0';
}

void random_uuid(char out[37])
{
	unsigned char b[16];

	random_bytes(b, sizeof(b));
	b[6] = (b[6] & 0x0f) | 0x40;
	b[8] = (b[8] & 0x3f) | 0x80;
	snprintf(out, 37, "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x",
		 b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9],
		 b[10], b[11], b[12], b[13], b[14], b[15]);
}

static uint64_t clock_us(clockid_t id)
{
	struct timespec ts;

	clock_gettime(id, &ts);
	return (uint64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

uint64_t now_realtime_us(void)
{
	return clock_us(CLOCK_REALTIME);
}

uint64_t now_monotonic_us(void)
{
	return clock_us(CLOCK_MONOTONIC);
}

void format_time(uint64_t us, char out[32])
{
	time_t t = us / 1000000;
	struct tm tm;

	gmtime_r(&t, &tm);
	strftime(out, 32, "%Y-%m-%dT%H:%M:%SZ", &tm);
}

void format_micro_time(uint64_t us, char out[32])
{
	time_t t = us / 1000000;
	struct tm tm;
	size_t n;

	gmtime_r(&t, &tm);
	n = strftime(out, 32, "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(out + n, 32 - n, ".%06uZ", (unsigned)(us % 1000000));
}

/* Exactly n digits at *p, which moves behind them; -1 if there are not so many. */
static int take_digits(const char **p, int n)
{
	int v = 0;

	for (; n > 0; n--, ++*p) {
		if (**p < '0' || **p > '9')
			return -1;
		v = v * 10 + **p - '0';
	}
	return v;
}

static bool take_char(const char **p, char c)
{
	if (**p != c)
		return false;
	++*p;
	return true;
}

/* "Z" or "+hh:mm": seconds east of UTC. */
static bool take_offset(const char **p, int *ret)
{
	int sign = **p == '-' ? -1 : 1, h, m;

	*ret = 0;
	if (take_char(p, 'Z'))
		return true;
	if (!take_char(p, '+') && !take_char(p, '-'))
		return false;
	h = take_digits(p, 2);
	if (h < 0 || h > 23 || !take_char(p, ':'))
		return false;
	m = take_digits(p, 2);
	if (m < 0 || m > 59)
		return false;
	*ret = sign * (h * 60 + m) * 60;
	return true;
}

int parse_time(const char *s, uint64_t *ret_us)
{
	struct tm tm = { 0 }, norm;
	uint64_t frac = 0, scale = 100000;
	const char *p = s;
	int off;
	time_t t;

	tm.tm_year = take_digits(&p, 4) - 1900;
	if (!take_char(&p, '-'))
		return -EINVAL;
	tm.tm_mon = take_digits(&p, 2) - 1;
	if (!take_char(&p, '-'))
		return -EINVAL;
	tm.tm_mday = take_digits(&p, 2);
	if (!take_char(&p, 'T'))
		return -EINVAL;
	tm.tm_hour = take_digits(&p, 2);
	if (!take_char(&p, ':'))
		return -EINVAL;
	tm.tm_min = take_digits(&p, 2);
	if (!take_char(&p, ':'))
		return -EINVAL;
	tm.tm_sec = take_digits(&p, 2);
	if (take_char(&p, '.')) {
		if (*p < '0' || *p > '9')
			return -EINVAL;
		for (; *p >= '0' && *p <= '9'; p++, scale /= 10)
			frac += (*p - '0') * scale;
	}
	if (!take_offset(&p, &off) || *p)
		return -EINVAL;
	/* timegm() carries over what is out of range: what it changes was no date. */
	norm = tm;
	t = timegm(&norm);
	if (norm.tm_year != tm.tm_year || norm.tm_mon != tm.tm_mon || norm.tm_mday != tm.tm_mday ||
	    norm.tm_hour != tm.tm_hour || norm.tm_min != tm.tm_min || norm.tm_sec != tm.tm_sec || t - off < 0)
		return -EINVAL;
	*ret_us = (uint64_t)(t - off) * 1000000 + frac;
	return 0;
}
