/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * util.h - the small change: cleanup attributes, string helpers, allocation
 *
 * Allocation in the daemons does not fail: x*() abort when memory is out. The
 * daemons are crash-only; a restart resumes from etcd and the kernel's tables.
 * Errors are negative errno; output parameters (ret_*) are written on success
 * only.
 */
#ifndef KEELSON_BASE_UTIL_H
#define KEELSON_BASE_UTIL_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define container_of(ptr, type, member) \
	((type *)((char *)(ptr) - offsetof(type, member)))
#define PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))

/* Locals that clean up after themselves: _cleanup_free_ char *s = xstrdup("a"); */
#define _cleanup_(f) __attribute__((cleanup(f)))
static inline void freep(void *p)
{
	free(*(void **)p);
}
static inline void closep(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}
#define _cleanup_free_ _cleanup_(freep)
#define _cleanup_close_ _cleanup_(closep)

/* Give a value away and leave NULL behind, so that cleanup does nothing. */
#define TAKE_PTR(p) ({ __typeof__(p) take_ = (p); (p) = NULL; take_; })
#define TAKE_FD(f) ({ int take_ = (f); (f) = -1; take_; })

void *xmalloc(size_t n);
void *xcalloc(size_t n, size_t size);
void *xrealloc(void *p, size_t n);
char *xstrdup(const char *s);
char *xstrndup(const char *s, size_t n);
char *xasprintf(const char *fmt, ...) PRINTF(1, 2);
char *xvasprintf(const char *fmt, va_list ap) PRINTF(1, 0);
#define xnew0(type) ((type *)xcalloc(1, sizeof(type)))

/* NULL is equal to NULL only. */
static inline bool streq(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}
static inline bool startswith(const char *s, const char *prefix)
{
	return strncmp(s, prefix, strlen(prefix)) == 0;
}
bool endswith(const char *s, const char *suffix);

/* A growing byte buffer; the text in it is always NUL-terminated. {0} is empty. */
struct buf {
	char *data;	/* NULL while nothing was added */
	size_t len;
	size_t cap;
};
void buf_add(struct buf *b, const void *data, size_t len);
void buf_puts(struct buf *b, const char *s);
void buf_printf(struct buf *b, const char *fmt, ...) PRINTF(2, 3);
/* Drops the first n bytes (n <= len). */
void buf_consume(struct buf *b, size_t n);
/* Gives the text to the caller (never NULL; free() it) and empties the buffer. */
char *buf_steal(struct buf *b);
void buf_free(struct buf *b);

/* Whole decimal number into *ret; -EINVAL on anything else, -ERANGE outside min..max. */
int parse_i64(const char *s, int64_t min, int64_t max, int64_t *ret);

/* Reads a whole file (at most max bytes, else -EFBIG); NUL-terminated, caller frees. */
int read_file(const char *path, size_t max, char **ret, size_t *ret_len);
/* Writes a file so that a reader or a crash sees the old or the new one, never half. */
int write_file_atomic(const char *path, const void *data, size_t len, unsigned mode);
/* mkdir -p; 0 when it is there already; -ENOTDIR when something else is. */
int mkdir_p(const char *path, unsigned mode);

/* Lower-case random text of Kubernetes' safe alphabet (k8s.io/apimachinery/pkg/util/rand), len characters + NUL. */
void random_suffix(char *out, size_t len);
/* RFC 4122 version 4, lower case, 36 characters + NUL. */
void random_uuid(char out[37]);

/* Wall clock and monotonic clock, microseconds. Pure code gets `now` passed in. */
uint64_t now_realtime_us(void);
uint64_t now_monotonic_us(void);
/* RFC 3339 as metav1.Time prints it ("2026-11-23T05:56:46Z") and metav1.MicroTime. */
void format_time(uint64_t us, char out[32]);
void format_micro_time(uint64_t us, char out[32]);
/* RFC 3339 with or without fraction (cut to microseconds); microseconds since the epoch; -EINVAL, before it too. */
int parse_time(const char *s, uint64_t *ret_us);

/* Go's time.Duration as text ("1h2m3.5s", "-300ms", "0s"), nanoseconds; -EINVAL if it is none or does not fit. */
int parse_duration(const char *s, int64_t *ret_ns);
void format_duration(int64_t ns, char out[32]);

#endif
